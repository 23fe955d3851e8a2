//! The page's state in its address.

use crate::browser::{DESK, Page};

/// The task, tab and filter that the page shows.
const SHOWN: &str = "[
    document.querySelector('.card[aria-current] .card-name').innerText,
    document.body.dataset.tab,
    document.querySelector('#timeline-filter input:checked').value,
].join()";

async fn shows(page: &Page, shown: &str) {
    page.until(&format!("{SHOWN} === '{shown}'")).await;
}

#[tokio::test]
async fn reload_keeps_task_tab_and_filter() {
    let Some(page) = Page::open(DESK).await else { return };
    page.click("#new-customer-add").await;
    shows(&page, "Ben,task,story").await;
    page.click("#views [data-show=faults]").await;
    page.click("#timeline-filter [value=everything]").await;
    page.click(".card:not([aria-current])").await;
    shows(&page, "Ana,faults,everything").await;
    page.driver.refresh().await.unwrap();
    page.until("document.body.dataset.connection === 'live'").await;
    shows(&page, "Ana,faults,everything").await;
    page.close().await;
}

#[tokio::test]
async fn back_button_takes_one_step_back_on_the_page() {
    let Some(page) = Page::open(DESK).await else { return };
    page.click("#new-customer-add").await;
    shows(&page, "Ben,task,story").await;
    page.click("#views [data-show=workflow]").await;
    page.click("#timeline-filter [value=problems]").await;
    page.click(".card:not([aria-current])").await;
    shows(&page, "Ana,workflow,problems").await;
    for before in ["Ben,workflow,problems", "Ben,workflow,story", "Ben,task,story"] {
        page.driver.back().await.unwrap();
        shows(&page, before).await;
    }
    page.close().await;
}
