//! Verification of Twilio's signature.

use end_to_end::Scene;
use simulator::world::TASK_EVENTS;

use super::callback::Fields;
use super::{Callback, WEBHOOKS, error, no_content};

const EVENT: &str = "worker.created";

fn fields(fields: &[(&str, &str)]) -> Fields {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn helper_libraries_first_vector_is_authentic() {
    let scene = Scene::with(|options| {
        options.credentials.auth_token = "12345".to_owned();
        options.task_events.set("PUBLIC_URL", "https://mycompany.com/myapp.php");
    })
    .await;
    let call = Callback::of(
        &scene,
        TASK_EVENTS,
        fields(&[
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]),
    );
    let call = call
        .query("foo=1&bar=2")
        .signature(Some("RSOYDt4T1cUTdK1PDd93/VVr8B8="));

    // The vector is a phone call, so it is authentic but not a readable event.
    assert_eq!(call.clone().send().await, error(400, "unreadable"));
    assert_eq!(call.query("foo=1&bar=3").send().await, error(403, "forbidden"));
}

#[tokio::test]
async fn url_can_be_signed_with_or_without_port() {
    let scene = Scene::with(|options| {
        options
            .auto_close
            .set("PUBLIC_URL", "https://flex.example:8443/hooks/close")
    })
    .await;
    for function in WEBHOOKS {
        let with_and_without_port = match function {
            TASK_EVENTS => {
                let domain = scene.world.lambda.http_api().domain_name;
                [":443", ""].map(|port| format!("https://{domain}{port}/task-events"))
            }
            _ => [":8443", ""].map(|port| format!("https://flex.example{port}/hooks/close")),
        };
        for url in with_and_without_port {
            let callback = Callback::event(&scene, function, EVENT).signed_for(&url);
            assert_eq!(callback.send().await, no_content(), "{url}");
        }
    }
}

#[tokio::test]
async fn public_url_replaces_the_requests_own() {
    let public_url = "https://flex.example/hooks";
    let scene = Scene::with(|options| {
        options.task_events.set("PUBLIC_URL", public_url);
        options.auto_close.set("PUBLIC_URL", public_url);
    })
    .await;
    for function in WEBHOOKS {
        let event = || Callback::event(&scene, function, EVENT);
        assert_eq!(event().send().await, error(403, "forbidden"), "{function}");
        assert_eq!(event().signed_for(public_url).send().await, no_content(), "{function}");
        let queried = event().query("a=b").signed_for(format!("{public_url}?a=b"));
        assert_eq!(queried.send().await, no_content(), "{function}");
    }
}

#[tokio::test]
async fn query_counts_byte_for_byte() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        for query in [
            "a=b",
            "q=%7e%2B+x&empty=&flag&q=%c3%A9",
            "b=2&a=1&b=2",
            "bodySHA=1",
            "?=&&",
        ] {
            let event = || Callback::event(&scene, function, EVENT).query(query);
            assert_eq!(event().send().await, no_content(), "{function} {query}");
            assert_eq!(event().send_plain().await, no_content(), "{function} {query}");
        }
        let decoded = format!("{}?a= b", scene.world.webhook_url(function));
        let callback = Callback::event(&scene, function, EVENT)
            .query("a=%20b")
            .signed_for(decoded);
        assert_eq!(callback.send().await, error(403, "forbidden"), "{function}");
    }
}

#[tokio::test]
async fn any_text_can_occur_in_a_field() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        for text in [
            "",
            "+47 12 34",
            "a+b c%20d",
            "grüße, 日本, 🦊",
            "\"\\ \r\n\t&=?#;",
            "\u{0}\u{7f}\u{fffd}",
        ] {
            let event = || {
                Callback::event(&scene, function, EVENT)
                    .with("WorkerName", text)
                    .with(text, "x")
            };
            assert_eq!(event().send().await, no_content(), "{function} {text:?}");
            assert_eq!(event().send_plain().await, no_content(), "{function} {text:?}");
        }
    }
}

#[tokio::test]
async fn repeated_names_distinct_values_are_signed_in_byte_order() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let sent = [
            ("b", "2"),
            ("a", "z"),
            ("EventType", EVENT),
            ("a", "Z"),
            ("a", "z"),
            ("B", "1"),
            ("a", ""),
        ];
        let signed = [
            ("B", "1"),
            ("EventType", EVENT),
            ("a", ""),
            ("a", "Z"),
            ("a", "z"),
            ("b", "2"),
        ];
        let text: String = signed.iter().flat_map(|(name, value)| [*name, *value]).collect();
        // A field whose name is the whole signed text.
        let spelled_out = vec![(text, String::new())];
        let callback = Callback::of(&scene, function, fields(&sent)).signed_with_fields(spelled_out);
        assert_eq!(callback.send().await, no_content(), "{function}");
        let twice: String = sent.iter().flat_map(|(name, value)| [*name, *value]).collect();
        let callback = Callback::of(&scene, function, fields(&sent)).signed_with_fields(vec![(twice, String::new())]);
        assert_eq!(callback.send().await, error(403, "forbidden"), "{function}");
    }
}

#[tokio::test]
async fn form_is_signed_with_its_fields_whatever_the_query_holds() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let event = || Callback::event(&scene, function, EVENT).query("bodySHA256=abc");
        assert_eq!(event().send().await, no_content(), "{function}");
        assert_eq!(
            event().signed_with_fields(vec![]).send().await,
            error(403, "forbidden"),
            "{function}"
        );
    }
}

#[tokio::test]
async fn too_many_fields_are_forbidden() {
    let scene = Scene::start().await;
    for (fields, answer) in [(1_000, no_content()), (1_001, error(403, "forbidden"))] {
        let mut sent = vec![("EventType".to_owned(), EVENT.to_owned())];
        sent.resize(fields, ("a".to_owned(), String::new()));
        assert_eq!(Callback::of(&scene, TASK_EVENTS, sent).send().await, answer, "{fields}");
    }
}
