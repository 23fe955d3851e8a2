//! The guide through the first handoff.

use serde_json::json;

use crate::browser::{DESK, Page};
use crate::clicks::hand_over;

/// Waits until the guide is at this step.
async fn guide_is_at(page: &Page, id: &str) {
    page.until(&format!(
        "document.querySelector('.guide-step[aria-current]').dataset.step === '{id}'"
    ))
    .await;
}

#[tokio::test]
async fn the_guide_goes_on_from_what_has_been_done_last() {
    let Some(page) = Page::open(DESK).await else { return };
    guide_is_at(&page, "ai").await;
    hand_over(&page).await;
    guide_is_at(&page, "accept").await;
    page.click("#do-accept").await;
    guide_is_at(&page, "wrap-up").await;
    page.close().await;
}

/// After a click, a browser shows no focus on a button. So the page points at the button.
#[tokio::test]
async fn guide_points_at_each_step_for_mouse_users_too() {
    let Some(page) = Page::open(DESK).await else { return };
    let is_pointed_at = |selector: &str| {
        format!(
            "document.querySelector('.pointed').matches('{selector}')
             && getComputedStyle(document.querySelector('.pointed')).outlineStyle === 'solid'
             && getComputedStyle(document.querySelector('.pointed')).outlineWidth === '3px'"
        )
    };
    for (step, control) in [("ai", "#composer-body"), ("customer", "#composer-body")] {
        guide_is_at(&page, step).await;
        page.click("#guide-go").await;
        page.until(&is_pointed_at(control)).await;
        page.click("#composer-suggest").await;
        page.click("#composer-send").await;
    }
    for (step, control) in [
        ("handoff", "#do-handoff"),
        ("accept", "#do-accept"),
        ("wrap-up", "#do-wrap-up"),
        ("wrap-up", "#do-complete"),
    ] {
        guide_is_at(&page, step).await;
        page.element(control).await;
        page.click("#guide-go").await;
        page.until(&is_pointed_at(control)).await;
        match step {
            "handoff" => hand_over(&page).await,
            _ => page.click(control).await,
        }
    }
    page.close().await;
}

#[tokio::test]
async fn guide_begins_again_when_another_tab_starts_over() {
    let Some(page) = Page::open(DESK).await else { return };
    hand_over(&page).await;
    guide_is_at(&page, "accept").await;
    // The page tries the workflow on the task that was handed off. After a reset, there is no such task.
    page.until("document.querySelector('#workflow-verdict').textContent.includes('would go to People')")
        .await;
    page.server.post("/reset", json!({})).await;
    guide_is_at(&page, "ai").await;
    assert_eq!(
        page.value("document.querySelectorAll('.guide-step[data-done=true]').length")
            .await,
        0
    );
    page.close().await;
}
