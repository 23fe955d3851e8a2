//! The screenshots in the README.

use std::path::Path;

use serde_json::json;

use crate::browser::{DESK, Page};
use crate::clicks::hand_over;

/// Draws a handed-off task that waits for Sam, in light and dark.
#[tokio::test]
#[ignore = "draws docs/page.png anew, with Inter: cargo test --package demo --test page screenshot -- --ignored"]
async fn screenshots_for_the_readme() {
    let Some(page) = Page::open(DESK).await else { return };
    // The first handoff waits for the functions to start. The second shows the usual duration.
    page.click("#guide-dismiss").await;
    hand_over(&page).await;
    for act in [
        "#do-accept",
        "#do-wrap-up",
        "#do-complete",
        "#do-next",
        "#new-customer-add",
    ] {
        page.click(act).await;
    }
    page.element("#do-handoff").await;
    let task_sid = page
        .value("document.querySelector('.card[aria-current]').dataset.task")
        .await;
    let messages = format!("/tasks/{}/messages", task_sid.as_str().unwrap());
    for (from, body) in [
        (
            "ai",
            "I’m sorry to hear that. A replacement is on its way to you, under warranty.",
        ),
        (
            "customer",
            "Thank you, but it has ruined my wooden floor. Who pays for that?",
        ),
    ] {
        page.server.post(&messages, json!({ "from": from, "body": body })).await;
    }
    page.click("#promise-meanwhile").await;
    page.element("#do-accept").await;
    page.click("#promise-again").await;
    page.until("document.querySelector('#promise-results').innerText.includes('asked 2 times')")
        .await;
    page.until("document.querySelector('#session-agrees').dataset.agrees === 'true'")
        .await;
    page.value("document.activeElement.blur()").await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    for (theme, name) in [("light", "page.png"), ("dark", "page-dark.png")] {
        page.value(&format!("document.documentElement.dataset.theme = '{theme}'"))
            .await;
        page.value("document.getAnimations().forEach((animation) => animation.finish())")
            .await;
        page.driver.screenshot(&folder.join(name)).await.unwrap();
    }
    page.close().await;
}
