//! Every finding is found in its broken account and in no other.

use serde_json::Value;
use simulator::exchange::Upstream;
use simulator::twilio::sids::WORKFLOW_SID;

use crate::broken::{FINDINGS, WARNINGS, broken, refuse};
use crate::scene::{Scene, URL};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_account_has_no_finding() {
    let scene = Scene::good().await;
    assert_eq!(scene.check(&[]).await, (0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_broken_account_has_its_own_finding_only() {
    for (finding, _) in FINDINGS {
        let scene = broken(finding).await;
        let code = i32::from(!WARNINGS.contains(&finding));
        assert_eq!(scene.check(&[]).await, (code, vec![finding.to_owned()]), "{finding}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_finding_says_what_to_do() {
    for (finding, _) in FINDINGS {
        let scene = broken(finding).await;
        let run = scene.connect(&["check", "--json"]).await;
        let report: Value = serde_json::from_str(&run.out).unwrap();
        let found = &report["findings"][0];
        let severity = if WARNINGS.contains(&finding) {
            "warning"
        } else {
            "error"
        };
        assert_eq!(found["severity"], severity);
        for text in ["message", "fix"] {
            assert!(
                found[text].as_str().unwrap().ends_with(['.', '^', ')']),
                "{finding}: {}",
                found[text]
            );
        }
        let text = scene.connect(&["check"]).await;
        assert!(text.out.contains(&format!("{severity}: {finding}")), "{}", text.out);
        assert_eq!((text.code, text.err.as_str()), (run.code, ""));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refused_read_is_named() {
    let scene = Scene::good().await;
    refuse(&scene, "/Workers");
    refuse(&scene, "/Channels");
    let run = scene.connect(&["check", "--json"]).await;
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let found: Vec<(&str, &str)> = findings
        .map(|finding| (finding["id"].as_str().unwrap(), finding["where"].as_str().unwrap()))
        .collect();
    let expected = [
        ("permission", "/twilio/taskrouter/workspaces.workers/list"),
        ("permission", "/twilio/taskrouter/workspaces.workers.channels/list"),
    ];
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unavailable_twilio_is_no_finding() {
    for (upstream, path) in [
        (
            Upstream::TaskRouter,
            "/v1/Workspaces/WSf1e00000000000000000000000005e01",
        ),
        (Upstream::EventStreams, "/v1/Sinks?PageSize=1000"),
    ] {
        let scene = broken("callback-missing").await;
        let server = scene.world.server(upstream);
        let host = server.url().trim_start_matches("http://").to_owned();
        server.take_down().await.unwrap();
        let run = scene.connect(&["check", "--json"]).await;
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert_eq!(run.err, format!("connect: {path}: no connection to {host}\n"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_streams_is_not_needed_beside_a_callback_of_ours() {
    let scene = Scene::good().await;
    scene.world.server(Upstream::EventStreams).take_down().await.unwrap();
    assert_eq!(scene.check(&[]).await, (0, Vec::new()));
    let run = scene.connect(&["check"]).await;
    assert!(run.out.contains("not checked: Event Streams' sinks"), "{}", run.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_option_is_named() {
    for (option, words) in [
        ("--workspace", "name the workspace"),
        ("--ai-worker", "name the AI's worker"),
    ] {
        let mut scene = Scene::good().await;
        scene.without(option);
        let run = scene.connect(&["check"]).await;
        assert_eq!(run.code, 2);
        assert!(run.err.contains(words), "{}", run.err);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_come_from_the_secret_too() {
    let mut scene = broken("credentials").await;
    scene.option("--secret", simulator::secrets_manager::SECRET_NAME);
    let secrets = scene.world.server(Upstream::SecretsManager).url();
    scene.variables.extend([
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets),
        ("AWS_REGION", "eu-west-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "AKIA".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "key".to_owned()),
    ]);
    assert_eq!(scene.check(&[]).await, (0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workflow_of_another_workspace_is_refused() {
    let mut scene = broken("filter-missing").await;
    scene.option("--workflow", "WW00000000000000000000000000000009");
    for arguments in [&["check"][..], &["check", "--json"], &["apply", "--yes"]] {
        let run = scene.connect(arguments).await;
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(
            run.err,
            format!(
                "connect: this workspace has no workflow WW00000000000000000000000000000009; it has: Handoff ({WORKFLOW_SID})\n"
            )
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn url_to_set_by_hand_has_the_retries() {
    let scene = broken("callback-missing").await;
    let run = scene.connect(&["check", "--json"]).await;
    let expected = format!("sets the event callback to {URL}#rc=5&rp=4xx,5xx,ct,rt. By hand:");
    assert!(run.out.contains(&expected), "{}", run.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reader_that_leaves_ends_a_run_quietly_and_before_any_change() {
    for arguments in [&["check"][..], &["check", "--json"], &["export"], &["apply", "--yes"]] {
        let scene = broken("callback-missing").await;
        let writes = scene.world.exchanges.all().len();
        let run = scene.connect_unread(arguments).await;
        assert_eq!((run.code, run.err.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(scene.writes_since(writes), 0, "{arguments:?}");
        assert!(scene.is_without_backup());
    }
}
