//! The page as a visitor uses it.

use http::Method;
use serde_json::json;
use thirtyfour::prelude::*;

use crate::browser::{DESK, PHONE, Page};

/// Hands off the selected task.
pub(crate) async fn hand_over(page: &Page) {
    page.click("#do-handoff").await;
    page.fill("#handoff-reason", "asks for compensation").await;
    page.fill(
        "#handoff-summary",
        "The espresso machine has leaked onto a wooden floor.",
    )
    .await;
    page.click("#handoff-send").await;
    page.until("document.querySelector('#last-handoff .outcome').dataset.outcome === 'ok'")
        .await;
}

#[tokio::test]
async fn a_whole_handoff_can_be_clicked_through() {
    let Some(page) = Page::open(DESK).await else { return };
    page.click("#composer [value=customer]").await;
    page.fill("#composer-body", "It has ruined my wooden floor.").await;
    page.click("#composer-send").await;
    page.until("document.querySelectorAll('#messages [data-from=customer]').length === 2")
        .await;

    hand_over(&page).await;
    page.until("document.querySelector('#messages [data-from=note]').innerText.includes('asks for compensation')")
        .await;
    page.until("document.querySelectorAll('#attributes .six .value').length === 6")
        .await;
    page.until("document.querySelector('[data-queue=People] .card') !== null")
        .await;
    page.until("document.querySelector('#session-agrees').dataset.agrees === 'true'")
        .await;

    page.click("#do-accept").await;
    page.click("#do-wrap-up").await;
    page.click("#do-complete").await;
    page.until("document.querySelector('.station:last-of-type').dataset.state === 'now'")
        .await;
    page.close().await;
}

#[tokio::test]
async fn verdict_is_red_if_a_handed_off_task_would_go_to_the_ai() {
    let Some(page) = Page::open(DESK).await else { return };
    hand_over(&page).await;
    page.click("#views [data-show=workflow]").await;
    page.until("document.querySelector('#workflow-verdict').dataset.outcome === 'ok'")
        .await;
    let text = page.value("document.querySelector('#workflow-text').value").await;
    let mistaken = text.as_str().unwrap().replace("handedOff == true", "handoff == true");
    page.fill("#workflow-text", &mistaken).await;
    // A text that is still being typed fails without a verdict in words.
    page.until(
        "document.querySelector('#workflow-verdict[data-outcome=failed]')?.innerText.includes('although it was handed off')",
    )
    .await;
    assert_eq!(
        page.text("#workflow-verdict").await,
        "Ana’s task would go to AI, although it was handed off: offered to AI Support Agent"
    );
    page.close().await;
}

#[tokio::test]
async fn task_that_was_marked_by_hand_raises_no_alarm() {
    let Some(page) = Page::open(DESK).await else { return };
    let task_sid = page.server.anas_task().await;
    let mark = json!({ "name": "handedOff", "value": true });
    page.server.put(&format!("/tasks/{task_sid}/attributes"), mark).await;
    page.until("document.querySelector('#attributes [data-name=handedOff]') !== null")
        .await;
    assert_eq!(page.value("document.querySelectorAll('.loop, .six').length").await, 0);
    page.close().await;
}

#[tokio::test]
async fn composer_follows_whoever_has_the_task() {
    let Some(page) = Page::open(DESK).await else { return };
    let speaks = |who: &str| format!("document.querySelector('#composer [name=from]:checked').value === '{who}'");
    let human = "document.querySelector('#composer [value=rep]').disabled";
    page.until(&speaks("ai")).await;
    assert_eq!(page.value(human).await, true);
    hand_over(&page).await;
    page.until(&speaks("customer")).await;
    page.click("#do-accept").await;
    page.until(&speaks("rep")).await;
    assert_eq!(page.value(human).await, false);
    page.element("#speaker-ai-remark").await;
    page.click("#do-wrap-up").await;
    page.until("document.querySelector('#composer').hidden").await;
    page.close().await;
}

#[tokio::test]
async fn session_that_lags_says_why() {
    let Some(page) = Page::open(DESK).await else { return };
    page.click("#views [data-show=faults]").await;
    page.click("#session-api").await;
    page.until("document.querySelector('#session-api').getAttribute('aria-checked') === 'false'")
        .await;
    let task_sid = page.server.anas_task().await;
    let late = json!({ "name": "late", "value": 7 });
    page.server.put(&format!("/tasks/{task_sid}/attributes"), late).await;
    page.until("document.querySelector('#message-queues [data-function=deferred]').dataset.messages !== '0'")
        .await;
    page.click("#views [data-show=task]").await;
    page.until("document.querySelector('#session-agrees').innerText.startsWith('Session API down. Left on the queue')")
        .await;
    page.until("document.querySelector('#timeline-list').innerText.includes('leaves it on the queue for deferred')")
        .await;
    page.close().await;
}

#[tokio::test]
async fn problems_are_named_in_the_timeline() {
    let Some(page) = Page::open(DESK).await else { return };
    let fault = json!({ "upstream": "TaskRouter", "status": 412, "times": 1 });
    page.server.post("/faults", fault).await;
    hand_over(&page).await;
    page.click("#timeline-filter [value=problems]").await;
    page.until("document.querySelector('.group-problems').innerText === 'TaskRouter answered 412 to handoff'")
        .await;
    page.close().await;
}

#[tokio::test]
async fn filters_in_the_wrong_order_are_noticed_and_mended_on_the_page() {
    let Some(page) = Page::open(DESK).await else { return };
    page.click("#views [data-show=faults]").await;
    page.click("#fault-swap").await;
    page.until("document.querySelector('#fault-order .outcome').dataset.outcome === 'failed'")
        .await;
    hand_over(&page).await;

    page.element("#loop-alert .loop").await;
    page.until("document.querySelector('[data-queue=AI] .card[data-loop]') !== null")
        .await;
    page.click("#loop-mend").await;
    page.click("#loop-again").await;
    page.click("#handoff-send").await;
    page.until("document.querySelector('[data-queue=People] .card') !== null")
        .await;
    page.until("document.querySelector('#loop-alert .loop') === null").await;
    page.close().await;
}

#[tokio::test]
async fn what_others_do_is_seen_without_a_reload() {
    let Some(page) = Page::open(DESK).await else { return };
    page.driver
        .execute("window.isTheSamePage = true;", Vec::new())
        .await
        .unwrap();
    let task_sid = page.server.anas_task().await;
    let warranty = json!({ "name": "warranty", "value": { "covered": true } });
    page.server
        .put(&format!("/tasks/{task_sid}/attributes"), warranty)
        .await;
    page.until("document.querySelector('#attributes [data-name=warranty]').dataset.lit === 'new'")
        .await;
    page.until("document.querySelector('#session [data-name=flex_warranty_covered] dd').innerText === 'true'")
        .await;
    page.server
        .post("/conversations", json!({ "name": "Ben Okafor" }))
        .await;
    page.until("document.querySelector('[data-queue=AI]').innerText.includes('Ben Okafor')")
        .await;
    assert_eq!(page.value("window.isTheSamePage").await, true);
    page.close().await;
}

#[tokio::test]
async fn what_is_being_typed_survives_what_others_do() {
    let Some(page) = Page::open(DESK).await else { return };
    let task_sid = page.server.anas_task().await;
    page.fill("#composer-body", "Half a sent").await;
    let words = json!({ "from": "ai", "body": "One moment, please." });
    page.server.post(&format!("/tasks/{task_sid}/messages"), words).await;
    page.until("document.querySelector('#messages [data-from=ai]') !== null")
        .await;
    page.element("#composer-body").await.send_keys("ence").await.unwrap();
    assert_eq!(
        page.value("document.querySelector('#composer-body').value").await,
        "Half a sentence"
    );
    assert_eq!(page.value("document.activeElement.id").await, "composer-body");

    page.click("#views [data-show=workflow]").await;
    page.element("#workflow-text")
        .await
        .send_keys(Key::End + "\n")
        .await
        .unwrap();
    let typed = page.value("document.querySelector('#workflow-text').value").await;
    page.server.post("/workflow/swap", json!({})).await;
    page.server
        .post(
            &format!("/tasks/{task_sid}/messages"),
            json!({ "from": "ai", "body": "Here I am." }),
        )
        .await;
    page.until("document.querySelectorAll('#messages [data-from=ai]').length === 2")
        .await;
    assert_eq!(
        page.value("document.querySelector('#workflow-text').value").await,
        typed
    );
    page.close().await;
}

#[tokio::test]
async fn a_mistake_in_the_workflow_is_shown_under_the_text() {
    let Some(page) = Page::open(DESK).await else { return };
    page.click("#views [data-show=workflow]").await;
    page.until("document.querySelector('#workflow-text').value.includes('handedOff == true')")
        .await;
    let good = page.value("document.querySelector('#workflow-text').value").await;
    let good = good.as_str().unwrap();
    let broken = good.replace("handedOff == true", "handedOff ==");
    page.fill("#workflow-text", &broken).await;
    let line = broken[..broken.find("handedOff ==").unwrap()].matches('\n').count() + 1;
    page.until(&format!(
        "document.querySelector('#workflow-error').innerText.includes('line {line}')"
    ))
    .await;
    assert!(page.text("#workflow-error").await.to_lowercase().contains("expected"));

    page.click("#workflow-revert").await;
    page.until("document.querySelector('#workflow-error').innerText === ''")
        .await;
    page.until("document.querySelector('#workflow-route').innerText.includes('AI')")
        .await;
    page.close().await;
}

#[tokio::test]
async fn a_phone_shows_every_pane_without_scrolling_sideways() {
    let Some(page) = Page::open(PHONE).await else { return };
    for pane in ["queues", "conversation", "task", "workflow", "faults", "timeline"] {
        page.click(&format!("#views [data-show={pane}]")).await;
        page.element(&format!("[data-pane={pane}]")).await;
        let width = page.value("document.documentElement.scrollWidth").await;
        assert_eq!(width, PHONE.width, "{pane}");
    }
    page.close().await;
}

#[tokio::test]
async fn error_of_a_lost_connection_goes_when_the_demo_is_back_and_the_draft_stays() {
    let Some(mut page) = Page::open(DESK).await else { return };
    page.server.process.kill().await.unwrap();
    page.until("document.body.dataset.connection !== 'live'").await;
    page.fill("#composer-body", "Are you there?").await;
    page.click("#composer-send").await;
    page.until("document.querySelector('#composer .refusal').innerText.startsWith('The demo doesn’t answer.')")
        .await;
    page.server.restart().await;
    page.until("document.body.dataset.connection === 'live'").await;
    assert_eq!(page.text("#composer .refusal").await, "");
    assert_eq!(
        page.value("document.querySelector('#composer-body').value").await,
        "Are you there?"
    );
    // Chromium logs each refused connection.
    let complaints = page.complaints().await;
    assert!(
        complaints.iter().all(|complaint| complaint.contains("net::ERR_")),
        "{complaints:#?}"
    );
    page.quit().await;
}

#[tokio::test]
async fn the_time_line_opens_a_request_with_what_was_said() {
    let Some(page) = Page::open(DESK).await else { return };
    hand_over(&page).await;
    page.click("#timeline-filter input[value=everything]").await;
    let entry = "#timeline-list .entry[data-kind=request]";
    page.click(&format!("{entry} .entry-line")).await;
    page.until(&format!(
        "document.querySelector('{entry} .details').innerText.length > 0"
    ))
    .await;
    page.close().await;
}

#[tokio::test]
async fn the_page_is_served_with_nothing_from_elsewhere() {
    let Some(page) = Page::open(DESK).await else { return };
    let foreign = "performance.getEntriesByType('resource').map((entry) => entry.name)
        .filter((name) => new URL(name).origin !== location.origin)";
    assert_eq!(page.value(foreign).await, json!([]));
    let (status, _) = page.server.ask(Method::GET, "/nothing", json!({})).await;
    assert_eq!(status, 404);
    page.close().await;
}
