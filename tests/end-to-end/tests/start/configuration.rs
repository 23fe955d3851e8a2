//! Missing and malformed environment variables.

use end_to_end::Scene;
use simulator::options::FunctionOptions;
use simulator::twilio::sids::{AI_WORKER_SID, WORKSPACE_SID};
use simulator::world::{AUTO_CLOSE, DEFERRED, HANDOFF, TASK_EVENTS};

use super::{FUNCTIONS, PRIVATE, named, stopped, stopped_in_lambda};
use crate::webhook::{WEBHOOKS, no_content, tell};

/// Every environment variable of the reference.
const VARIABLES: [&str; 13] = [
    "SECRET_ID",
    "WORKSPACE_SID",
    "AI_WORKER_SID",
    "TASKROUTER_URL",
    "CONVERSATIONS_URL",
    "SESSION_URL",
    "SESSION_ID_ATTRIBUTE",
    "PUBLIC_URL",
    "HANDOFF_NOTE",
    "NOTE_AUTHOR",
    "AUTO_CLOSE_SCOPE",
    "AUTO_CLOSE_DELAY",
    "QUEUE_URL",
];

/// The required variables of each function.
const REQUIRED: [(&str, &[&str]); 4] = [
    (TASK_EVENTS, &["SECRET_ID", "WORKSPACE_SID", "SESSION_URL"]),
    (HANDOFF, &["SECRET_ID", "WORKSPACE_SID", "AI_WORKER_SID"]),
    (AUTO_CLOSE, &["SECRET_ID", "WORKSPACE_SID", "AI_WORKER_SID"]),
    (DEFERRED, &["SECRET_ID", "WORKSPACE_SID", "SESSION_URL"]),
];

#[tokio::test]
async fn missing_variables_are_named_together() {
    for (function, required) in REQUIRED {
        assert_eq!(named(&stopped(function, &[]).await, &VARIABLES), required, "{function}");
        let empty = VARIABLES.map(|variable| (variable, ""));
        assert_eq!(
            named(&stopped(function, &empty).await, &VARIABLES),
            required,
            "{function}"
        );
        let blank = VARIABLES.map(|variable| (variable, " \t"));
        assert_eq!(
            named(&stopped(function, &blank).await, &VARIABLES),
            required,
            "{function}"
        );
    }
}

#[tokio::test]
async fn malformed_and_missing_variables_are_named_together() {
    let malformed = VARIABLES.map(|variable| match variable {
        "SECRET_ID" => (variable, ""),
        "SESSION_ID_ATTRIBUTE" => (variable, ".hunter2"),
        _ => (variable, PRIVATE),
    });
    for (function, expected) in [
        (
            TASK_EVENTS,
            &[
                "SECRET_ID",
                "WORKSPACE_SID",
                "AI_WORKER_SID",
                "TASKROUTER_URL",
                "SESSION_URL",
                "SESSION_ID_ATTRIBUTE",
                "PUBLIC_URL",
                "AUTO_CLOSE_DELAY",
                "QUEUE_URL",
            ][..],
        ),
        (
            HANDOFF,
            &[
                "SECRET_ID",
                "WORKSPACE_SID",
                "AI_WORKER_SID",
                "TASKROUTER_URL",
                "CONVERSATIONS_URL",
                "SESSION_ID_ATTRIBUTE",
                "HANDOFF_NOTE",
                "QUEUE_URL",
            ],
        ),
        (
            AUTO_CLOSE,
            &[
                "SECRET_ID",
                "WORKSPACE_SID",
                "AI_WORKER_SID",
                "TASKROUTER_URL",
                "PUBLIC_URL",
                "AUTO_CLOSE_SCOPE",
                "AUTO_CLOSE_DELAY",
            ],
        ),
        (
            DEFERRED,
            &[
                "SECRET_ID",
                "WORKSPACE_SID",
                "AI_WORKER_SID",
                "TASKROUTER_URL",
                "CONVERSATIONS_URL",
                "SESSION_URL",
                "SESSION_ID_ATTRIBUTE",
                "HANDOFF_NOTE",
                "QUEUE_URL",
            ],
        ),
    ] {
        assert_eq!(
            named(&stopped(function, &malformed).await, &VARIABLES),
            expected,
            "{function}"
        );
    }
}

#[tokio::test]
async fn lambda_gets_the_logged_faults() {
    let malformed = |options: &mut FunctionOptions| {
        options.set("WORKSPACE_SID", PRIVATE);
        options.unset("SECRET_ID");
    };
    let scene = Scene::with(|options| {
        malformed(&mut options.task_events);
        malformed(&mut options.handoff);
        malformed(&mut options.auto_close);
        malformed(&mut options.deferred);
        options.queue = true;
    })
    .await;
    for function in FUNCTIONS {
        let message = stopped_in_lambda(&scene, function).await;
        assert_eq!(
            named(&message, &VARIABLES),
            ["SECRET_ID", "WORKSPACE_SID"],
            "{function}"
        );
    }
    assert!(scene.world.exchanges.all().is_empty());
}

#[tokio::test]
async fn malformed_values_of_each_kind_are_noticed() {
    let sids = |prefix: &str| {
        let digits = "0123456789abcdef0123456789abcdef";
        vec![
            format!("{prefix}1"),
            format!("{prefix}{digits}0"),
            format!("{prefix}{}g", &digits[1..]),
            format!("{}{digits}", prefix.to_lowercase()),
            format!("XX{digits}"),
            format!("{prefix}{digits} {prefix}{digits}"),
        ]
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let urls = texts(&[
        "a.example",
        "//a.example",
        "ftp://a.example",
        "file:///a",
        "https://",
        "https://a.example?b=c",
        "https://a.example/#b",
        "https://a b.example",
    ]);
    let session_urls = texts(&[
        "a.example/{session_id}",
        "file:///{session_id}",
        "https://a.example/{session}",
        "https://a.example/{SESSION_ID}",
        "https://a.example/{}",
        "https://a.example/{session_id",
        "https://a.example/session_id}",
        "https://a.example/{{session_id}}",
        "https://{session_id}.example/",
        "https://a.example:{session_id}/",
        "https://{session_id}@a.example/",
        "{session_id}",
        "https://a.example/{session_id}#here",
    ]);
    let cases = [
        (TASK_EVENTS, "WORKSPACE_SID", sids("WS")),
        (TASK_EVENTS, "AI_WORKER_SID", sids("WK")),
        (AUTO_CLOSE, "TASKROUTER_URL", urls.clone()),
        (HANDOFF, "CONVERSATIONS_URL", urls.clone()),
        (TASK_EVENTS, "PUBLIC_URL", urls.clone()),
        (TASK_EVENTS, "QUEUE_URL", urls),
        (TASK_EVENTS, "SESSION_URL", session_urls),
        (TASK_EVENTS, "SESSION_ID_ATTRIBUTE", texts(&[".", "a.", ".a", "a..b"])),
        (HANDOFF, "HANDOFF_NOTE", texts(&["chat", "Always", "chat_only", "true"])),
        (AUTO_CLOSE, "AUTO_CLOSE_SCOPE", texts(&["AI", "none", "ai,all"])),
        (
            AUTO_CLOSE,
            "AUTO_CLOSE_DELAY",
            texts(&["901", "-1", "1.5", "60s", "1e2"]),
        ),
    ];
    for (function, variable, values) in cases {
        for value in values {
            let mut variables = vec![
                ("SECRET_ID", "a-secret"),
                ("WORKSPACE_SID", WORKSPACE_SID),
                ("AI_WORKER_SID", AI_WORKER_SID),
            ];
            variables.retain(|(name, _)| *name != variable);
            if variable != "SESSION_URL" {
                variables.push(("SESSION_URL", "https://a.example/{session_id}"));
            }
            variables.push((variable, &value));
            let message = stopped(function, &variables).await;
            assert_eq!(named(&message, &VARIABLES), [variable], "{value}: {message}");
        }
    }
}

#[tokio::test]
async fn empty_variable_has_its_default() {
    let empty = |options: &mut FunctionOptions, variables: &[&str]| {
        variables.iter().for_each(|variable| options.set(variable, ""));
    };
    let scene = Scene::with(|options| {
        empty(
            &mut options.task_events,
            &["AI_WORKER_SID", "SESSION_ID_ATTRIBUTE", "PUBLIC_URL"],
        );
        empty(&mut options.auto_close, &["AUTO_CLOSE_SCOPE", "PUBLIC_URL"]);
    })
    .await;
    for function in WEBHOOKS {
        assert_eq!(tell(&scene, function, "task.wrapup").await, no_content(), "{function}");
    }
    assert!(scene.requests().contains(&"PATCH /chat/sessions/session-1".to_owned()));
    let lists_reservations = scene.requests().contains(&"GET Tasks/WT/Reservations".to_owned());
    assert!(lists_reservations, "as with the scope ai");
}
