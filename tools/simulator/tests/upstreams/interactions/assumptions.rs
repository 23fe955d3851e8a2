//! Each assumption about Flex, with both answers.

use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{Assumptions, ReservationStatus};

use super::{Chat, get, post};

const CLOSED: (&str, &str) = ("Status", "closed");

/// The types of the participants that the API lists.
async fn listed(chat: &Chat) -> Vec<String> {
    let answer = get(&chat.world, &format!("{}/Participants", chat.channel)).await;
    let participants = answer.json["participants"].as_array().unwrap().clone();
    participants
        .iter()
        .map(|participant| participant["type"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn plain_acceptance_brings_a_participant_or_none() {
    for (brings, types) in [(true, vec!["customer", "agent"]), (false, vec!["customer"])] {
        let chat = Chat::assuming(Assumptions {
            rest_acceptance_brings_participant: brings,
            ..Assumptions::default()
        })
        .await;
        assert_eq!(listed(&chat).await, types);
        assert_eq!(chat.reservation_status(&chat.reservation), ReservationStatus::Accepted);

        // Flex's own interface always adds its user.
        let invite = chat.world.twilio.invite(&chat.interaction_sid, "{}").unwrap();
        let offer = chat.world.twilio.reserve(&invite.task_sid, REP_WORKER_SID).unwrap();
        chat.world.twilio.accept_in_flex(&offer.sid).unwrap();
        assert_eq!(listed(&chat).await, [types, vec!["agent"]].concat());
    }
}

#[tokio::test]
async fn closed_participant_is_listed_or_not() {
    for (listed_when_closed, refusal, types) in [
        (true, (400, 20001), vec!["customer", "agent"]),
        (false, (404, 20404), vec!["customer"]),
    ] {
        let chat = Chat::assuming(Assumptions {
            closed_participants_are_listed: listed_when_closed,
            ..Assumptions::default()
        })
        .await;
        let path = chat.participant_path(&chat.reservation);

        let closed = post(&chat.world, &path, &[CLOSED]).await;
        let again = post(&chat.world, &path, &[CLOSED]).await;

        assert_eq!((closed.status, again.refusal()), (200, refusal));
        assert_eq!(listed(&chat).await, types);
    }
}

#[tokio::test]
async fn participant_in_wrap_up_is_listed_or_not() {
    for (listed_in_wrap_up, status, types) in [(true, 200, vec!["customer", "agent"]), (false, 404, vec!["customer"])] {
        let chat = Chat::assuming(Assumptions {
            wrapped_up_participants_are_listed: listed_in_wrap_up,
            ..Assumptions::default()
        })
        .await;
        let path = chat.participant_path(&chat.reservation);

        let wrapped_up = post(&chat.world, &path, &[("Status", "wrapup")]).await;
        let types_then = listed(&chat).await;
        let closed = post(&chat.world, &path, &[CLOSED]).await;

        assert_eq!((wrapped_up.status, closed.status), (200, status));
        assert_eq!(
            (types_then, chat.identities()),
            (types.into_iter().map(str::to_owned).collect(), vec!["ana".to_owned()])
        );
    }
}

#[tokio::test]
async fn participant_leaves_with_its_task_or_stays() {
    use ReservationStatus::{Completed, Wrapping};
    for (leaves, status, identities, participants) in [
        (true, Wrapping, vec!["ana"], 2),
        (true, Completed, vec!["ana"], 1),
        (false, Wrapping, vec!["ana", "ai"], 2),
        (false, Completed, vec!["ana", "ai"], 2),
    ] {
        let chat = Chat::assuming(Assumptions {
            participant_leaves_with_task: leaves,
            ..Assumptions::default()
        })
        .await;

        chat.world
            .twilio
            .move_reservation(&chat.reservation.sid, status)
            .unwrap();

        assert_eq!(chat.identities(), identities);
        assert_eq!(listed(&chat).await.len(), participants);
    }
}

#[tokio::test]
async fn answered_invites_stay_on_the_list_or_go() {
    for (stay, invites) in [(true, 2), (false, 1)] {
        let chat = Chat::assuming(Assumptions {
            answered_invites_are_listed: stay,
            ..Assumptions::default()
        })
        .await;

        chat.world.twilio.invite(&chat.interaction_sid, "{}").unwrap();

        // The AI has accepted the first task.
        let answer = get(&chat.world, &format!("{}/Invites", chat.channel)).await;
        assert_eq!(answer.json["invites"].as_array().unwrap().len(), invites);
    }
}

#[tokio::test]
async fn closing_cancels_waiting_tasks_or_leaves_them() {
    for (cancels, status) in [(true, "canceled"), (false, "pending")] {
        let chat = Chat::assuming(Assumptions {
            closing_cancels_waiting_tasks: cancels,
            ..Assumptions::default()
        })
        .await;
        let waiting = chat.world.twilio.invite(&chat.interaction_sid, "{}").unwrap();

        assert_eq!(post(&chat.world, &chat.channel, &[CLOSED]).await.status, 200);

        assert_eq!(chat.statuses(&waiting.task_sid), (status.to_owned(), vec![]));
    }
}

#[tokio::test]
async fn second_closing_of_a_channel_is_refused_or_not() {
    for (refuses, status) in [(true, 400), (false, 200)] {
        let chat = Chat::assuming(Assumptions {
            closed_channel_refuses_closing: refuses,
            ..Assumptions::default()
        })
        .await;

        let statuses = [
            post(&chat.world, &chat.channel, &[CLOSED]).await.status,
            post(&chat.world, &chat.channel, &[CLOSED]).await.status,
        ];

        assert_eq!(statuses, [200, status]);
    }
}

#[tokio::test]
async fn flex_applies_its_answers_after_some_requests() {
    let assumptions = Assumptions {
        flex_delay: 2,
        ..Assumptions::default()
    };
    let chat = Chat::assuming(assumptions).await;
    // The participant of the acceptance comes with the second list.
    assert_eq!(listed(&chat).await, ["customer"]);
    assert_eq!(listed(&chat).await, ["customer", "agent"]);

    let path = chat.participant_path(&chat.reservation);
    let closed = post(&chat.world, &path, &[CLOSED]).await;
    assert_eq!(closed.status, 200);
    assert_eq!(chat.reservation_status(&chat.reservation), ReservationStatus::Accepted);
    listed(&chat).await;
    assert_eq!(chat.reservation_status(&chat.reservation), ReservationStatus::Accepted);
    assert_eq!(listed(&chat).await, ["customer"]);
    assert_eq!(chat.reservation_status(&chat.reservation), ReservationStatus::Completed);

    let closing = post(&chat.world, &chat.channel, &[CLOSED]).await;
    assert_eq!((closing.status, &closing.json["status"]), (200, &"active".into()));
    let mut statuses = Vec::new();
    for _ in 0..2 {
        statuses.push(get(&chat.world, &chat.channel).await.json["status"].clone());
    }
    assert_eq!(statuses, ["active", "closed"]);
}
