//! `apply` and `undo`.

use http::Method;
use serde_json::json;
use simulator::exchange::Upstream;
use simulator::fault::{Effect, Fault};
use simulator::twilio::sids::{AI_QUEUE_SID, WORKSPACE_SID};

use crate::broken::{FINDINGS, broken, refuse};
use crate::scene::{EVENTS, Scene, URL, people, to_ai, to_people};

fn mendable() -> impl Iterator<Item = &'static str> {
    FINDINGS
        .into_iter()
        .filter(|(_, mendable)| *mendable)
        .map(|(finding, _)| finding)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applied_account_is_clean_and_undone_byte_for_byte() {
    for finding in mendable() {
        let scene = broken(finding).await;
        let before = scene.state().await;

        let run = scene.connect(&["apply", "--yes"]).await;
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{finding}");
        assert_eq!(scene.check(&[]).await, (0, Vec::new()), "{finding}");
        assert_ne!(scene.state().await, before);
        let again = scene.connect(&["apply", "--yes"]).await;
        assert!(again.out.starts_with("Nothing to change."), "{}", again.out);

        let backup = scene.backup();
        assert!(run.out.contains(&format!("connect undo {backup}")), "{}", run.out);
        // A second undo changes nothing.
        for _ in 0..2 {
            let run = scene.connect(&["undo", &backup]).await;
            assert_eq!((run.code, run.err.as_str()), (0, ""), "{finding}: {}", run.out);
            assert_eq!(scene.state().await, before, "{finding}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_apply_changes_nothing() {
    for finding in mendable() {
        for answer in ["n\n", "", "yes please\n"] {
            let scene = broken(finding).await;
            let writes = scene.world.exchanges.all().len();
            let run = scene.connect_with(&["apply"], answer).await;
            assert_eq!((run.code, scene.writes_since(writes)), (1, 0), "{finding} {answer:?}");
            assert!(run.out.ends_with("[y/N] Nothing was changed.\n"), "{}", run.out);
            assert!(scene.is_without_backup());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confirmed_apply_changes_what_it_showed() {
    let scene = broken("callback-missing").await;
    let run = scene.connect_with(&["apply"], "y\n").await;
    assert_eq!(run.code, 0);
    let shown = format!("- (none)\n    + {URL}#rc=5&rp=4xx,5xx,ct,rt");
    assert!(run.out.contains(&shown), "{}", run.out);
    assert_eq!(
        scene.get("").await["event_callback_url"],
        format!("{URL}#rc=5&rp=4xx,5xx,ct,rt")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_account_is_not_changed() {
    let scene = Scene::good().await;
    let writes = scene.world.exchanges.all().len();
    let run = scene.connect(&["apply", "--yes"]).await;
    assert_eq!((run.code, scene.writes_since(writes)), (0, 0));
    assert!(scene.is_without_backup());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_callback_is_never_overwritten() {
    let scene = broken("callback-foreign").await;
    scene.connect(&["apply", "--yes"]).await;
    assert_eq!(scene.get("").await["event_callback_url"], "https://other.example/x");
    let sinks = scene.world.twilio.sinks();
    let configuration = json!({"destination": URL, "method": "POST", "batch_events": false});
    assert_eq!(
        sinks.iter().map(|sink| &sink.configuration).collect::<Vec<_>>(),
        [&configuration]
    );
    let subscriptions = scene.world.twilio.subscriptions();
    assert_eq!(
        subscriptions.iter().map(|it| &it.sink_sid).collect::<Vec<_>>(),
        [&sinks[0].sid]
    );
    assert_eq!(subscriptions[0].types.len(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interrupted_apply_is_undone_wholly() {
    for (list, made) in [("/v1/Sinks", (1, 0)), ("/v1/Subscriptions", (1, 1))] {
        let scene = broken("callback-foreign").await;
        let before = scene.state().await;
        let creation = Fault::at(Upstream::EventStreams)
            .method(Method::POST)
            .path_ends_with(list);
        scene.world.faults.add(creation.after(Effect::Reset));
        let run = scene.connect(&["apply", "--yes"]).await;
        assert_eq!(run.code, 2, "{run:?}");
        let twilio = &scene.world.twilio;
        assert_eq!((twilio.sinks().len(), twilio.subscriptions().len()), made);

        let run = scene.connect(&["undo", &scene.backup()]).await;
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
        assert_eq!(run.out.matches("is deleted").count(), made.0 + made.1, "{}", run.out);
        assert_eq!(scene.state().await, before);
        let run = scene.connect(&["undo", &scene.backup()]).await;
        assert_eq!(run.code, 0, "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn type_whose_answer_got_lost_is_taken_out_again() {
    let scene = broken("callback-foreign").await;
    scene.connect(&["apply", "--yes"]).await;
    let subscription = scene.world.twilio.subscriptions()[0].sid.clone();
    let list = format!("/v1/Subscriptions/{subscription}/SubscribedEvents");
    let lacking = format!("{list}/com.twilio.taskrouter.task.updated");
    scene.call(Upstream::EventStreams, Method::DELETE, &lacking, &[]).await;
    std::fs::remove_file(scene.folder().join(scene.backup())).unwrap();
    let before = scene.state().await;
    let addition = Fault::at(Upstream::EventStreams)
        .method(Method::POST)
        .path_ends_with(list);
    scene.world.faults.add(addition.after(Effect::Reset));
    assert_eq!(scene.connect(&["apply", "--yes"]).await.code, 2);
    assert_ne!(scene.state().await, before);
    assert_eq!(scene.connect(&["undo", &scene.backup()]).await.code, 0);
    assert_eq!(scene.state().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undo_of_an_apply_that_made_nothing_says_so() {
    let scene = broken("callback-foreign").await;
    let creation = Fault::at(Upstream::EventStreams)
        .method(Method::POST)
        .path_ends_with("/v1/Sinks");
    scene.world.faults.add(creation.before(Effect::Reset));
    assert_eq!(scene.connect(&["apply", "--yes"]).await.code, 2);
    let run = scene.connect(&["undo", &scene.backup()]).await;
    let said = "Nothing to undo: no change of this backup was made.\n";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, said, ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callback_that_changes_meanwhile_is_left_alone() {
    let scene = broken("callback-missing").await;
    let twilio = scene.world.twilio.clone();
    let overtake = Effect::run(move || twilio.set_event_callback("https://other.example/x", "").unwrap());
    let path = format!("/v1/Workspaces/{WORKSPACE_SID}");
    let second_read = Fault::at(Upstream::TaskRouter).method(Method::GET).path_ends_with(path);
    scene.world.faults.add(second_read.skip(1).before(overtake));
    let run = scene.connect(&["apply", "--yes"]).await;
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("the event callback was changed by somebody else"),
        "{}",
        run.err
    );
    assert_eq!(scene.get("").await["event_callback_url"], "https://other.example/x");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn part_that_changed_since_is_not_undone() {
    let scene = broken("filter-order").await;
    scene.connect(&["apply", "--yes"]).await;
    scene
        .filters(json!([to_people("handedOff == true"), to_ai("vip == true")]), people())
        .await;
    let changed = scene.state().await;
    let run = scene.connect(&["undo", &scene.backup()]).await;
    assert_eq!(run.code, 1);
    assert!(run.out.contains("left alone: the workflow"), "{}", run.out);
    assert_eq!(scene.state().await, changed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_faults_are_mended_together() {
    let scene = broken("filter-order").await;
    let events = EVENTS.replace(",task.deleted", "");
    scene
        .set("", &[("EventCallbackUrl", URL), ("EventsFilter", &events)])
        .await;
    let (code, mut found) = scene.check(&[]).await;
    found.sort();
    assert_eq!(
        (code, found),
        (
            1,
            ["callback-overrides", "events-filter", "filter-order"]
                .map(str::to_owned)
                .into()
        )
    );
    assert_eq!(scene.connect(&["apply", "--yes"]).await.code, 0);
    assert_eq!(scene.check(&[]).await, (0, Vec::new()));
    assert_eq!(scene.get("").await["events_filter"], format!("{events},task.deleted"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sink_gets_the_types_that_it_lacks() {
    let scene = broken("callback-foreign").await;
    scene.connect(&["apply", "--yes"]).await;
    let subscription = scene.world.twilio.subscriptions()[0].sid.clone();
    let lacking = format!("/v1/Subscriptions/{subscription}/SubscribedEvents/com.twilio.taskrouter.task.updated");
    scene.call(Upstream::EventStreams, Method::DELETE, &lacking, &[]).await;
    assert_eq!(scene.check(&[]).await, (1, vec!["events-filter".to_owned()]));
    assert_eq!(scene.connect(&["apply", "--yes"]).await.code, 0);
    assert_eq!(scene.check(&[]).await, (0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_that_apply_cannot_mend_are_printed() {
    for (list, permission) in [
        ("/Workflows", "/twilio/taskrouter/workspaces.workflows/list"),
        (WORKSPACE_SID, "/twilio/taskrouter/workspaces/read"),
    ] {
        let scene = Scene::good().await;
        refuse(&scene, list);
        let run = scene.connect(&["apply", "--yes"]).await;
        assert_eq!((run.code, run.err.as_str()), (1, ""));
        let expected = "Nothing was changed, because connect apply can't mend the errors that are left:\n\n";
        assert!(
            run.out
                .starts_with(&format!("{expected}✗ error: permission, {permission}\n")),
            "{}",
            run.out
        );
        assert!(scene.is_without_backup());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queues_that_could_be_meant_are_named() {
    let scene = Scene::good().await;
    let sales = [("FriendlyName", "Sales"), ("TargetWorkers", "roles HAS 'agent'")];
    scene.set("/TaskQueues", &sales).await;
    scene.filters(json!([]), json!({"queue": AI_QUEUE_SID})).await;
    let fix = "connect apply leaves this to you, since several queues could be meant: People, Sales.";
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (verb, start) in [
        (&["apply", "--yes"][..], "Nothing was changed,"),
        (&["check"], "✗ error: filter-missing"),
    ] {
        let run = scene.connect(verb).await;
        assert_eq!((run.code, run.err.as_str()), (1, ""), "{verb:?}");
        assert!(run.out.starts_with(start), "{}", run.out);
        assert!(words(&run.out).contains(fix), "{}", run.out);
        assert!(!words(&run.out).contains("Run connect apply"), "{}", run.out);
    }
}
