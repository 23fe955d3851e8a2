//! The page by keyboard and for programs that read it.

use serde_json::json;
use thirtyfour::prelude::*;

use crate::browser::{DESK, PHONE, Page};
use crate::clicks::hand_over;

#[tokio::test]
async fn focus_stays_beside_the_task_after_the_handoff_dialog() {
    let Some(page) = Page::open(DESK).await else { return };
    hand_over(&page).await;
    page.element("#do-accept").await;
    assert_eq!(page.value("document.activeElement.id").await, "task-actions");
    page.close().await;
}

#[tokio::test]
async fn timeline_is_one_tab_stop_with_arrow_keys() {
    let Some(page) = Page::open(DESK).await else { return };
    hand_over(&page).await;
    page.click("#timeline-filter [value=everything]").await;
    let stops = "document.querySelectorAll('#timeline-list [data-row][tabindex=\"0\"]').length";
    assert_eq!(page.value(stops).await, 1);
    let rows = "[...document.querySelectorAll('#timeline-list [data-row]')]";
    let place = format!("{rows}.indexOf(document.activeElement)");
    page.value("document.querySelector('#timeline-list [tabindex=\"0\"]').focus()")
        .await;
    for (key, expected) in [(Key::Home, 0), (Key::Down, 1), (Key::Down, 2), (Key::Up, 1)] {
        page.press(key).await;
        page.until(&format!("{place} === {expected}")).await;
        assert_eq!(page.value(stops).await, 1);
    }
    for (key, is_open) in [(Key::Right, "true"), (Key::Left, "false")] {
        page.press(key).await;
        page.until(&format!(
            "{rows}[1].getAttribute('aria-expanded') === '{is_open}' && {place} === 1"
        ))
        .await;
    }
    page.press(Key::End).await;
    page.until(&format!("{place} === {rows}.length - 1")).await;
    page.close().await;
}

#[tokio::test]
async fn links_skip_to_the_conversation_and_to_the_timeline() {
    let Some(page) = Page::open(DESK).await else { return };
    for pane in ["conversation", "timeline"] {
        page.value(&format!("document.querySelector('.skip[href=\"#{pane}\"]').focus()"))
            .await;
        page.press(Key::Enter).await;
        page.until(&format!("document.activeElement.id === '{pane}'")).await;
    }
    page.close().await;
}

/// Runs axe-core from the file that `AXE_CORE` names. Each state of the page is checked on a desk and on a phone.
#[tokio::test]
async fn axe_finds_no_violation() {
    for screen in [DESK, PHONE] {
        let Some(page) = Page::open(screen).await else { return };
        if !page.load_axe().await {
            return page.quit().await;
        }
        assert_eq!(page.violations("light").await, json!([]));
        page.click("#do-handoff").await;
        assert_eq!(page.violations("light").await, json!([]), "dialog");
        page.click("#handoff-send").await;
        page.element("#do-accept").await;
        for pane in ["queues", "task", "workflow", "faults", "timeline"] {
            page.value(&format!("document.querySelector('#views [data-show={pane}]').click()"))
                .await;
            for theme in ["light", "dark"] {
                assert_eq!(page.violations(theme).await, json!([]), "{pane}, {theme}");
            }
        }
        page.close().await;
    }
}
