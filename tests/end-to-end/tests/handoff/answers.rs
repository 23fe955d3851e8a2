//! Requests and answers of handoffs without a fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use end_to_end::LIMIT;
use http::Method;
use simulator::fault::Gate;
use simulator::loopback;
use simulator::twilio::TaskStatus;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};

use super::*;

#[tokio::test]
async fn handoff_writes_rejects_and_posts() {
    let scene = Scene::start().await;

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, ["updated", "rejected", "posted"])));
    assert_handed_over(&scene);
    assert_eq!(scene.task().status, TaskStatus::Pending);
    assert_eq!(scene.writes(), [WRITE, REJECT, POST_NOTE]);
    let mut reads = scene.requests();
    reads.retain(|request| request.starts_with("GET "));
    reads.sort();
    let expected = [
        READ_MESSAGES,
        READ_PARTICIPANTS,
        READ_TASK,
        READ_TASK,
        LIST_RESERVATIONS,
        READ_RESERVATION,
    ];
    assert_eq!(reads, expected);
}

#[tokio::test]
async fn writes_carry_exactly_these_fields() {
    let scene = Scene::start().await;
    let note_attributes = json!({
        "handoff": { "taskSid": scene.task_sid, "reservationSid": scene.reservation_sid },
    });
    let request = request(&scene, json!({}));

    invoke(&scene, &request).await.unwrap();

    let form = |name| {
        let exchange = exchanges(&scene, name).pop().unwrap();
        assert_eq!(
            exchange.header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
        form_urlencoded::parse(&exchange.body).into_owned().collect::<Vec<_>>()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        form(WRITE),
        [pair("Attributes", &with_six(&untouched(&scene), &request))]
    );
    assert_eq!(form(REJECT), [pair("ReservationStatus", "rejected")]);
    let message = [
        pair("Author", "system"),
        pair("Body", &note_text(&request)),
        pair("Attributes", &note_attributes.to_string()),
    ];
    assert_eq!(form(POST_NOTE).len(), message.len());
    for field in &message[..2] {
        assert!(form(POST_NOTE).contains(field), "{field:?}");
    }
    let posted = exchanges(&scene, POST_NOTE)[0].field("Attributes").unwrap();
    assert_eq!(serde_json::from_str::<Value>(&posted).unwrap(), note_attributes);
}

#[tokio::test]
async fn handoff_takes_four_round_trips() {
    let scene = Scene::start().await;
    // The requests of a group wait until the whole group has arrived. A number tells how many requests of that name
    // come first.
    let together: [&[(&str, usize)]; 3] = [
        &[(READ_TASK, 0), (READ_RESERVATION, 0)],
        &[(WRITE, 0), (READ_PARTICIPANTS, 0), (READ_MESSAGES, 0)],
        &[(POST_NOTE, 0), (READ_TASK, 1), (LIST_RESERVATIONS, 0)],
    ];
    for group in together {
        let (gate, left) = (Gate::default(), Arc::new(AtomicUsize::new(group.len())));
        for &(request, skipped) in group {
            let (opened, left) = (gate.clone(), left.clone());
            let arrive = Effect::run(move || {
                if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                    opened.open();
                }
            });
            scene.strike(scene.at(request).skip(skipped).before(arrive));
            scene.strike(scene.at(request).skip(skipped).before(Effect::Wait(gate.clone())));
        }
    }

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_eq!(one_after_another(&scene.exchanges()), 4);
}

/// The length of the longest chain in which each exchange began after the end of the previous exchange.
fn one_after_another(exchanges: &[Exchange]) -> usize {
    let mut depths: Vec<usize> = Vec::new();
    for exchange in exchanges {
        let earlier = exchanges.iter().zip(&depths);
        let ended = earlier.filter(|(earlier, _)| !earlier.overlaps(exchange));
        depths.push(1 + ended.map(|(_, depth)| *depth).max().unwrap_or(0));
    }
    depths.into_iter().max().unwrap_or(0)
}

#[tokio::test]
async fn earlier_steps_never_wait_for_the_notes_reads() {
    let mut scene = Scene::start().await;
    for held_back in [READ_PARTICIPANTS, READ_MESSAGES] {
        let gate = Gate::default();
        scene.strike(scene.at(held_back).always().before(Effect::Wait(gate.clone())));
        let rejected = async {
            let reservation = |exchange: &Exchange| exchange.applied && exchange.path.ends_with(&scene.reservation_sid);
            let is_rejected = |exchange: &Exchange| exchange.method == Method::POST && reservation(exchange);
            assert!(scene.world.exchanges.wait_for(is_rejected, LIMIT).await.is_some());
            gate.open();
        };

        let (answered, ()) = tokio::join!(hand_over(&scene), rejected);

        assert_eq!(answered, Ok(answer(&scene, FIRST)), "{held_back}");
        scene = scene.next();
    }
}

#[tokio::test]
async fn timestamp_defaults_to_now() {
    let scene = Scene::start().await;

    let answered = hand_over_with(&scene, json!({ "timestamp": null })).await.unwrap();

    let timestamp = answered["handoffTimestamp"].as_str().unwrap();
    assert_eq!(timestamp.len(), "2026-11-22T09:00:00.000Z".len(), "{timestamp}");
    let age = OffsetDateTime::now_utc() - OffsetDateTime::parse(timestamp, &Rfc3339).unwrap();
    assert!((0..30).contains(&age.whole_seconds()), "{age}");
    let written = request(&scene, json!({ "timestamp": timestamp }));
    assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &written));
}

#[tokio::test]
async fn reservation_defaults_to_pending_then_accepted_then_newest() {
    use ReservationStatus::{Accepted, Pending, Rejected, Timeout};
    // Each case has the statuses of the AI's reservations, oldest first, and the index of the expected reservation.
    let cases: [(&[ReservationStatus], usize); 4] = [
        (&[Timeout, Pending, Accepted, Timeout], 1),
        (&[Timeout, Accepted, Timeout], 1),
        (&[Timeout, Rejected, Timeout], 1),
        (&[Timeout, Timeout, Timeout], 2),
    ];
    let mut scene = Scene::with(|options| options.accepted_can_be_rejected = true).await;
    for (statuses, meant) in cases {
        let sids = reservations(&scene, statuses);
        scene.strike(
            scene
                .at(LIST_RESERVATIONS)
                .always()
                .after(rewrite_json(spread_over_time)),
        );

        let answered = hand_over_with(&scene, json!({ "reservationSid": null })).await.unwrap();

        assert_eq!(answered["reservationSid"], sids[meant], "{statuses:?}");
        scene = scene.next();
    }
}

/// Creates AI reservations with these statuses. The first reservation is the scene's own.
fn reservations(scene: &Scene, statuses: &[ReservationStatus]) -> Vec<String> {
    let twilio = &scene.world.twilio;
    let others = statuses[1..]
        .iter()
        .map(|_| twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap().sid);
    let sids: Vec<String> = [scene.reservation_sid.clone()].into_iter().chain(others).collect();
    for (sid, status) in sids.iter().zip(statuses) {
        if *status != ReservationStatus::Pending {
            twilio.move_reservation(sid, *status).unwrap();
        }
    }
    sids
}

/// Spaces a list's reservations a minute apart and reverses the list, since TaskRouter promises no order.
fn spread_over_time(list: &mut Value) {
    let reservations = list["reservations"].as_array_mut().unwrap();
    for (minute, reservation) in reservations.iter_mut().enumerate() {
        reservation["date_created"] = format!("2026-01-01T00:{minute:02}:00Z").into();
    }
    reservations.rotate_left(1);
}

#[tokio::test]
async fn reservation_default_is_one_of_the_ais() {
    let scene = Scene::start().await;
    let twilio = &scene.world.twilio;
    move_reservation(&scene, ReservationStatus::Timeout);
    let reps = twilio.reserve(&scene.task_sid, REP_WORKER_SID).unwrap();

    let answered = hand_over_with(&scene, json!({ "reservationSid": null })).await;

    assert_eq!(answered, Ok(answer(&scene, ["updated", "already-released", "posted"])));
    assert_eq!(
        twilio.reservation(&reps.sid).unwrap().status,
        ReservationStatus::Pending
    );
}

#[tokio::test]
async fn conversation_defaults_to_the_tasks() {
    let scene = Scene::start().await;

    let answered = hand_over_with(&scene, json!({ "conversationSid": null })).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
}

#[tokio::test]
async fn conversation_of_the_request_comes_first() {
    let scene = Scene::start().await;
    let other = scene.world.twilio.create_conversation().sid;

    let answered = hand_over_with(&scene, json!({ "conversationSid": other })).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    assert_eq!(notes(&scene), [""; 0]);
    assert_eq!(scene.world.twilio.conversation(&other).unwrap().messages.len(), 1);
}

#[tokio::test]
async fn task_without_a_conversation_gets_no_note() {
    for attributes in [
        r#"{"from":"+4712345678"}"#,
        r#"{"conversationSid":null}"#,
        r#"{"conversationSid":"none"}"#,
    ] {
        let scene = Scene::start().await;
        scene.set_attributes(attributes);

        let answered = hand_over_with(&scene, json!({ "conversationSid": null })).await;

        assert_eq!(
            answered,
            Ok(answer(&scene, ["updated", "rejected", "no-conversation"])),
            "{attributes}"
        );
        assert_eq!(scene.writes(), [WRITE, REJECT]);
    }
}

#[tokio::test]
async fn sentiment_and_language_are_normalised() {
    let cases = [
        (json!({ "sentiment": "happy" }), json!({ "sentiment": "positive" })),
        (json!({ "sentiment": "angry" }), json!({ "sentiment": "negative" })),
        (json!({ "sentiment": "neutral" }), json!({ "sentiment": "neutral" })),
        (json!({ "language": "pt-br" }), json!({ "language": "pt-BR" })),
        (json!({ "language": "ZH-hANT-tw" }), json!({ "language": "zh-Hant-TW" })),
        (json!({ "language": "iw" }), json!({ "language": "iw" })),
        (json!({ "sentiment": "Frustrated" }), json!({ "sentiment": "negative" })),
        (json!({ "sentiment": "MIXED" }), json!({ "sentiment": "neutral" })),
        (json!({ "language": "en_us" }), json!({ "language": "en-US" })),
    ];
    let mut scene = Scene::start().await;
    for (given, written) in cases {
        hand_over_with(&scene, given).await.unwrap();

        let written = request(&scene, written);
        assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &written));
        assert_eq!(notes(&scene), [note_text(&written)]);
        scene = scene.next();
    }
}

#[tokio::test]
async fn text_is_trimmed() {
    let scene = Scene::start().await;
    let given = request(&scene, json!({}));
    let mut padded = given.clone();
    for (_, value) in padded.as_object_mut().unwrap() {
        *value = format!(" \t{}\n", value.as_str().unwrap()).into();
    }

    let answered = invoke(&scene, &padded).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
}

#[tokio::test]
async fn given_timestamp_is_written_unchanged() {
    let mut scene = Scene::start().await;
    for timestamp in [
        "2026-11-22T09:00:00.123456789+05:30",
        "2026-11-22t09:00:00z",
        "2199-01-01T00:00:00-23:59",
    ] {
        let answered = hand_over_with(&scene, json!({ "timestamp": timestamp })).await.unwrap();

        assert_eq!(answered["handoffTimestamp"], timestamp);
        let written = request(&scene, json!({ "timestamp": timestamp }));
        assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &written));
        scene = scene.next();
    }
}

#[tokio::test]
async fn lambda_retries_asynchronous_handoffs() {
    let scene = Scene::start().await;
    let away = Effect::Answer(Answer::status(503).header("Retry-After", "60"));
    let struck = scene.strike(scene.at(READ_TASK).before(away));

    let accepted = loopback::client()
        .post(format!(
            "{}/2015-03-31/functions/{HANDOFF}/invocations",
            scene.world.lambda.invoke_endpoint()
        ))
        .header("X-Amz-Invocation-Type", "Event")
        .body(request(&scene, json!({})).to_string())
        .send()
        .await
        .unwrap();
    scene.world.lambda.events_settled().await;

    assert_eq!(accepted.status(), 202);
    assert_eq!(struck.count(), 1);
    assert_handed_over(&scene);
    assert_eq!(scene.world.lambda.failed_events().len(), 0);
}
