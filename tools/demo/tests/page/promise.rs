//! Tests of a handoff's promises on the page.

use crate::browser::{DESK, Page};
use crate::clicks::hand_over;

async fn results(page: &Page, expected: [&str; 3]) {
    let expected = expected.join("\\n");
    page.until(&format!(
        "document.querySelector('#promise-results').innerText === '{expected}'"
    ))
    .await;
}

#[tokio::test]
async fn handoff_keeps_another_system_s_attribute_and_its_one_note() {
    let Some(page) = Page::open(DESK).await else { return };
    page.click("#promise-meanwhile").await;
    page.element("#do-accept").await;
    page.click("#promise-again").await;
    results(
        &page,
        [
            "flex-handoff, asked 2 times: attributes unchanged, reservation already-released, note already-posted",
            "9 other attributes kept, byte for byte",
            "1 note for 1 handoff",
        ],
    )
    .await;
    page.until("document.querySelector('#attributes [data-name=warranty]') !== null")
        .await;
    page.close().await;
}

#[tokio::test]
async fn naive_handoff_is_labelled_and_loses_both() {
    let Some(page) = Page::open(DESK).await else { return };
    page.click("#promise-program [value=naive]").await;
    page.element("#promise-naive").await;
    page.click("#promise-meanwhile").await;
    page.element("#do-accept").await;
    page.click("#promise-again").await;
    results(
        &page,
        [
            "Naive handoff, asked 2 times: refused",
            "lost: warranty, which another system had just written",
            "2 notes for 1 handoff: the human agent reads it 2 times",
        ],
    )
    .await;
    // Chromium logs the refusal of the second request.
    let complaints = page.complaints().await;
    assert!(
        complaints.iter().all(|complaint| complaint.contains("409")),
        "{complaints:#?}"
    );
    page.quit().await;
}

#[tokio::test]
async fn page_follows_an_accepted_task_to_the_human_agent() {
    let Some(page) = Page::open(DESK).await else { return };
    let first = page.server.anas_task().await;
    page.click("#do-accept-ai").await;
    page.until("document.querySelector('#do-accept-ai') === null").await;
    hand_over(&page).await;
    page.element("#do-accept").await;
    let shown = "document.querySelector('.card[aria-current]').dataset.task";
    assert_ne!(page.value(shown).await, first.as_str());
    assert_eq!(
        page.text(".station[aria-current] .station-text").await,
        "offered to Sam"
    );
    page.close().await;
}

#[tokio::test]
async fn ai_is_told_why_it_may_not_reply_after_the_handoff() {
    let Some(page) = Page::open(DESK).await else { return };
    hand_over(&page).await;
    page.element("#speaker-ai-remark").await;
    page.click("#composer [value=ai]").await;
    page.fill("#composer-body", "Can I still help?").await;
    page.click("#composer-send").await;
    page.until("document.querySelector('#composer .refusal').innerText === 'HandedOff: the task has been handed off'")
        .await;
    page.quit().await;
}

#[tokio::test]
async fn task_moves_along_its_way_unless_motion_is_reduced() {
    let Some(page) = Page::open(DESK).await else { return };
    hand_over(&page).await;
    page.until("document.querySelector('#journey-token').dataset.moved === '1-2'")
        .await;
    page.click("#do-accept").await;
    page.click("#do-wrap-up").await;
    page.value("window.matchMedia = (query) => ({ matches: query.includes('reduced-motion: reduce') })")
        .await;
    page.value("document.querySelector('#journey-token').getAnimations().forEach((one) => one.cancel())")
        .await;
    page.click("#do-complete").await;
    page.until("document.querySelector('#journey-token').dataset.moved === '2-3'")
        .await;
    assert_eq!(
        page.value("document.querySelector('#journey-token').getAnimations().length")
            .await,
        0
    );
    page.close().await;
}
