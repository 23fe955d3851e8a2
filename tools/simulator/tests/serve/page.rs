//! The inspector in a browser.

use std::path::Path;

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::browser::{Browser, DESK, PHONE, Screen};
use crate::control::{own, parsed};
use crate::process::{Simulator, json, tasks};

/// A simulator, and its inspector in a browser; `None` if there is no browser on this machine and none is required.
async fn open(screen: Screen) -> Option<(Simulator, Browser)> {
    let page = Browser::start(screen).await?;
    let simulator = Simulator::serve(&[]);
    page.open(simulator.told("inspector")).await;
    Some((simulator, page))
}

async fn chat(simulator: &Simulator) -> String {
    let fields = [("TaskChannel", "chat"), ("Attributes", r#"{"channelType":"web"}"#)];
    let (_, task) = json(simulator.post(&tasks(), &fields)).await;
    task["sid"].as_str().unwrap().to_owned()
}

async fn state(simulator: &Simulator) -> Value {
    parsed(own(simulator, "GET", "/simulator/state", "").await).await
}

#[tokio::test]
async fn request_is_shown_with_what_it_caused() {
    let Some((simulator, page)) = open(DESK).await else {
        return;
    };
    chat(&simulator).await;
    page.element("#log-list .group").await;

    let titles = "[...document.querySelectorAll('#log-list .entry')].map((entry) =>
        `${entry.dataset.kind}: ${entry.querySelector('.entry-title').firstChild.textContent.trim()}`)";
    assert_eq!(
        page.value(titles).await,
        json!([
            "request: POST",
            "event: task.created",
            "event: workflow.entered",
            "event: workflow.target-matched",
            "event: task-queue.entered",
            "route: The task is in queue \"AI\" and offered to ai.",
            "event: reservation.created",
        ])
    );
    page.click("#log-show [value=routes]").await;
    page.until("document.querySelectorAll('#log-list .entry').length === 2")
        .await;
    assert_eq!(
        page.text("#log-list .rows .entry-note").await,
        "filter 2 \"AI first\" matches: channelType == 'web' is true (channelType is \"web\")"
    );
    page.close().await;
}

#[tokio::test]
async fn opened_request_has_bodies_and_an_address() {
    let Some((simulator, page)) = open(DESK).await else {
        return;
    };
    let (_, refused) = json(simulator.post(&tasks(), &[("Attributes", "<b>no JSON</b>")])).await;
    let message = format!("20001: {}", refused["message"].as_str().unwrap());
    page.click("#log-list .entry").await;
    page.element(".refusal-box").await;
    page.element("#detail .copy").await;

    assert_eq!(page.text(".refusal-box").await, message);
    let texts = page.text("#detail").await;
    assert!(
        texts.contains("<b>no JSON</b>") && texts.contains("\"code\": 20001"),
        "{texts}"
    );
    assert_eq!(page.value("location.hash").await, "#open=request-0");
    page.driver.refresh().await.unwrap();
    page.element(".refusal-box").await;
    page.driver.back().await.unwrap();
    page.until("document.querySelector('.refusal-box') === null").await;
    page.driver.forward().await.unwrap();
    page.element(".refusal-box").await;
    page.close().await;
}

#[tokio::test]
async fn keys_search_move_open_and_close() {
    let Some((simulator, page)) = open(DESK).await else {
        return;
    };
    let sid = chat(&simulator).await;
    json(simulator.request("GET", &tasks())).await;
    page.until("document.querySelectorAll('#log-list .group').length === 2")
        .await;

    page.press("/").await;
    page.until("document.activeElement.id === 'search'").await;
    page.fill("#search", &format!("created {sid}")).await;
    page.until("document.querySelectorAll('#log-list .entry[data-kind=event]').length === 2")
        .await;
    assert_eq!(
        page.value("new URLSearchParams(location.hash.slice(1)).get('search')")
            .await,
        format!("created {sid}")
    );
    page.press(Key::Escape).await;
    page.until("document.querySelectorAll('#log-list .group').length === 2")
        .await;

    let stops = "document.querySelectorAll('#log-list [data-row][tabindex=\"0\"]').length";
    assert_eq!(page.value(stops).await, 1);
    page.value("document.querySelector('#log-list [tabindex=\"0\"]').focus()")
        .await;
    page.press(Key::Down).await;
    page.until("document.activeElement.dataset.row === 'request-0'").await;
    page.press(Key::Enter).await;
    page.until("location.hash === '#open=request-0'").await;
    page.press(Key::Up).await;
    page.until("location.hash === '#open=request-1'").await;
    page.press(Key::Escape).await;
    page.until("location.hash === '#' || location.hash === ''").await;
    assert_eq!(page.value("document.activeElement.dataset.row").await, "request-1");
    page.close().await;
}

#[tokio::test]
async fn human_agents_work_is_done_on_the_page() {
    let Some((simulator, page)) = open(DESK).await else {
        return;
    };
    page.click("#task-open").await;
    page.fill("#task-attributes", r#"{"name": "<i>Ana</i>"}"#).await;
    page.click("#task-dialog [type=submit]").await;
    page.until("document.querySelector('#detail-title').textContent === 'Offered to Sam'")
        .await;
    assert!(page.text("#detail").await.contains("\"name\": \"<i>Ana</i>\""));
    for title in [
        "Accepted by Sam",
        "Sam is wrapping up",
        "Completed: All reservations were completed",
    ] {
        page.click("#detail [role=group] button").await;
        page.until(&format!(
            "document.querySelector('#detail-title').textContent === '{title}'"
        ))
        .await;
        // The button that had the focus is gone.
        assert_eq!(page.value("document.activeElement.id").await, "detail-scroll");
    }
    page.value("document.querySelector('#workers [aria-label=\"Activity of Sam\"]').focus()")
        .await;
    page.press("O").await;
    page.until("document.querySelectorAll('#workers .worker[data-available]').length === 1")
        .await;

    let state = state(&simulator).await;
    assert_eq!(
        (&state["tasks"][0]["status"], &state["workers"][1]["activity"]),
        (&json!("completed"), &json!("Offline"))
    );
    let requests = state["requests"].as_array().unwrap();
    let statuses: Vec<&Value> = requests.iter().map(|request| &request["status"]).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 201]);
    page.close().await;
}

#[tokio::test]
async fn clock_faults_and_start_are_on_the_page() {
    let Some((simulator, page)) = open(DESK).await else {
        return;
    };
    page.click("[data-advance=\"600\"]").await;
    page.until("document.querySelector('#clock-ahead').textContent === '10 min ahead'")
        .await;

    page.click("[data-show=faults]").await;
    page.fill("#fault-status", "429").await;
    page.click("#fault-form [type=submit]").await;
    page.until("document.querySelector('#fault-list code').textContent === 'any TaskRouter → 429'")
        .await;
    let (status, _) = json(simulator.create_task("{}")).await;
    assert_eq!(status, 429);
    page.until("document.querySelector('#fault-list .aside').textContent === 'struck 1, used up'")
        .await;

    page.click("[data-show=limits]").await;
    page.until(
        "[...document.querySelectorAll('#limit-list li')].some((one) => one.textContent === 'Statistics of a worker')",
    )
    .await;

    page.click("#reset-open").await;
    page.click("#reset-dialog [type=submit]").await;
    page.until("document.querySelector('#log-list .empty') && !document.querySelector('#log-list .entry')")
        .await;
    let state = state(&simulator).await;
    assert_eq!(
        (&state["aheadSeconds"], &state["faults"], &state["requests"]),
        (&json!(0.0), &json!([]), &json!([]))
    );

    page.close().await;
}

#[tokio::test]
async fn opened_entry_takes_the_lists_place_on_a_phone() {
    let Some((simulator, page)) = open(PHONE).await else {
        return;
    };
    chat(&simulator).await;
    page.click("#log-list .entry").await;
    page.until("!document.querySelector('#log-list').checkVisibility()")
        .await;
    assert_eq!(page.value("document.activeElement.id").await, "detail-scroll");
    page.click("#detail-close").await;
    page.until("document.querySelector('#log-list').checkVisibility()")
        .await;
    assert_eq!(page.value("document.activeElement.dataset.row").await, "request-0");
    page.close().await;
}

/// Runs axe-core from the file that `AXE_CORE` names, in each list and with each kind of details.
#[tokio::test]
async fn axe_finds_no_violation() {
    for screen in [DESK, PHONE] {
        let Some((simulator, page)) = open(screen).await else {
            return;
        };
        if !page.load_axe().await {
            return page.quit().await;
        }
        let sid = chat(&simulator).await;
        json(simulator.create_task("no JSON")).await;
        let event = state(&simulator).await["events"][0]["sid"].as_str().unwrap().to_owned();
        let worker = state(&simulator).await["workers"][0]["sid"]
            .as_str()
            .unwrap()
            .to_owned();
        for place in [
            "".to_owned(),
            "open=request-1".to_owned(),
            "open=route-0".to_owned(),
            format!("open=event-{event}"),
            format!("view=tasks&open={sid}"),
            "view=tasks".to_owned(),
            format!("view=workspace&open={worker}"),
            "view=workspace".to_owned(),
            "view=faults".to_owned(),
            "view=limits".to_owned(),
        ] {
            page.value(&format!("location.hash = '{place}'")).await;
            page.until("document.querySelector('#detail-title').textContent !== 'Loading…'")
                .await;
            for theme in ["light", "dark"] {
                assert_eq!(page.violations(theme).await, json!([]), "{place}, {theme}");
            }
            let overflow = "document.documentElement.scrollWidth - visualViewport.width";
            assert_eq!(page.value(overflow).await, 0, "{place}");
        }
        for dialog in ["task", "reset"] {
            page.click(&format!("#{dialog}-open")).await;
            assert_eq!(page.violations("dark").await, json!([]), "{dialog}");
            page.click(&format!("#{dialog}-cancel")).await;
        }
        page.close().await;
    }
}

/// A handed-off task and the log of its handoff, in light and in dark.
#[tokio::test]
#[ignore = "draws docs/inspector.png anew, with Inter: cargo test --package simulator --test serve screenshots -- --ignored"]
async fn screenshots_for_the_docs() {
    let Some((simulator, page)) = open(DESK).await else {
        return;
    };
    json(simulator.request("GET", &format!("{}?Ordering=DateCreated", tasks()))).await;
    let sid = chat(&simulator).await;
    let task = format!("{}/{sid}", tasks());
    let offer = state(&simulator).await["tasks"][0]["reservations"][0]["sid"].clone();
    json(simulator.post(&task, &[("Attributes", r#"{"channelType":"web","handedOff":yes}"#)])).await;
    json(simulator.post(&task, &[("Attributes", r#"{"channelType":"web","handedOff":true}"#)])).await;
    let offer = format!("{task}/Reservations/{}", offer.as_str().unwrap());
    json(simulator.post(&offer, &[("ReservationStatus", "rejected")])).await;
    page.until("document.querySelectorAll('#log-list .group').length === 5")
        .await;
    page.value(&format!("location.hash = 'open={sid}'")).await;
    page.until("document.querySelector('#detail-title').textContent === 'Offered to Sam'")
        .await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    for (theme, name) in [("light", "inspector.png"), ("dark", "inspector-dark.png")] {
        page.value(&format!("document.documentElement.dataset.theme = '{theme}'"))
            .await;
        page.value("document.getAnimations().forEach((animation) => animation.finish())")
            .await;
        page.driver.screenshot(&folder.join(name)).await.unwrap();
    }
    page.quit().await;
}
