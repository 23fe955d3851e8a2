//! Invites and their tasks.

use serde_json::{Value, json};
use simulator::twilio::ReservationStatus;
use simulator::twilio::sids::{AI_WORKER_SID, PEOPLE_QUEUE_SID, REP_WORKER_SID, WORKFLOW_SID, WORKSPACE_SID};

use super::{Chat, get, post, url};

#[tokio::test]
async fn invite_makes_a_task_with_its_attributes_byte_for_byte() {
    let chat = Chat::start().await;
    let routing = format!(
        r#"{{"properties":{{"workspace_sid":"{WORKSPACE_SID}","workflow_sid":"{WORKFLOW_SID}",
        "task_channel_unique_name":"chat","priority":7,"attributes":{{"order":12345678901234567890123,"price":1.50,
        "flexChannelInviteSid":"KG0","conversations":{{"conversation_id":"earlier"}},
        "handoffOf":{{"taskSid":"{}"}}}}}}}}"#,
        chat.task_sid
    );

    let invited = post(
        &chat.world,
        &format!("{}/Invites", chat.channel),
        &[("Routing", &routing)],
    )
    .await;

    let invite = chat.channel().invites[1].clone();
    let task = chat.world.twilio.task(&invite.task_sid).unwrap();
    let expected = json!({
        "channel_sid": chat.channel().sid,
        "interaction_sid": chat.interaction_sid,
        "routing": { "properties": invite.properties, "reservation": null },
        "sid": invite.sid,
        "url": url(&format!("{}/Invites/{}", chat.channel, invite.sid)),
    });
    assert_eq!((invited.status, invited.json), (200, expected));
    let shown = [
        "sid",
        "attributes",
        "priority",
        "assignment_status",
        "routing_target",
        "workflow_sid",
    ];
    assert_eq!(
        shown.map(|name| invite.properties[name].clone()),
        [
            json!(task.sid),
            json!(task.attributes),
            json!(7),
            json!("pending"),
            json!(null),
            json!(WORKFLOW_SID)
        ]
    );
    let attributes = format!(
        concat!(
            r#"{{"channelType":"web","conversationSid":"{}","conversations":{{"conversation_id":"earlier"}},"#,
            r#""flexChannelInviteSid":"{}","flexInteractionChannelSid":"{}","flexInteractionSid":"{}","#,
            r#""handoffOf":{{"taskSid":"{}"}},"order":12345678901234567890123,"price":1.50}}"#
        ),
        chat.channel().conversation_sid,
        invite.sid,
        chat.channel().sid,
        chat.interaction_sid,
        chat.task_sid,
    );
    assert_eq!(task.attributes, attributes);
    assert_eq!((task.channel.as_str(), task.priority), ("chat", 7));
}

#[tokio::test]
async fn attributes_past_taskrouters_limit_are_refused() {
    let chat = Chat::start().await;
    let routing = json!({ "properties": { "attributes": { "text": "x".repeat(4_096) } } });

    let path = format!("{}/Invites", chat.channel);
    let refused = post(&chat.world, &path, &[("Routing", &routing.to_string())]).await;

    assert_eq!(refused.refusal(), (400, 20001));
    assert_eq!((chat.channel().invites.len(), chat.world.twilio.tasks().len()), (1, 1));
}

#[tokio::test]
async fn invites_are_listed_page_by_page() {
    let chat = Chat::start().await;
    for number in [1, 2] {
        let attributes = json!({ "number": number }).to_string();
        chat.world.twilio.invite(&chat.interaction_sid, &attributes).unwrap();
    }
    let path = format!("{}/Invites", chat.channel);

    let first = get(&chat.world, &format!("{path}?PageSize=2")).await.json;
    let next = first["meta"]["next_page_url"].as_str().unwrap().to_owned();
    let second = get(&chat.world, next.strip_prefix("https://flex-api.twilio.com").unwrap())
        .await
        .json;

    let sids = |page: &Value| -> Vec<Value> {
        let invites = page["invites"].as_array().unwrap().iter();
        invites.map(|invite| invite["sid"].clone()).collect()
    };
    let own: Vec<Value> = chat.channel().invites.iter().map(|invite| json!(invite.sid)).collect();
    assert_eq!([sids(&first), sids(&second)], [own[..2].to_vec(), own[2..].to_vec()]);
    assert_eq!(next, url(&format!("{path}?PageSize=2&Page=1&PageToken=PA1")));
    assert_eq!(
        (&first["meta"]["key"], &second["meta"]["next_page_url"]),
        (&json!("invites"), &json!(null))
    );
}

#[tokio::test]
async fn invite_to_a_worker_is_canceled_with_the_reject_and_the_conversation_stays() {
    let chat = Chat::start().await;
    let routing = json!({ "properties": {
        "workflow_sid": WORKFLOW_SID, "worker_sid": REP_WORKER_SID, "queue_sid": PEOPLE_QUEUE_SID,
    }});
    let path = format!("{}/Invites", chat.channel);

    let invited = post(&chat.world, &path, &[("Routing", &routing.to_string())])
        .await
        .json;
    let properties = &invited["routing"]["properties"];
    let task_sid = properties["sid"].as_str().unwrap();
    let offer = chat.world.twilio.reserve(task_sid, REP_WORKER_SID).unwrap();
    let rejected = ReservationStatus::Rejected;
    chat.world.twilio.move_reservation(&offer.sid, rejected).unwrap();

    assert_eq!(
        [&properties["routing_target"], &properties["queue_sid"]],
        [&json!(REP_WORKER_SID), &json!(PEOPLE_QUEUE_SID)]
    );
    assert_eq!(
        chat.statuses(task_sid),
        ("canceled".to_owned(), vec!["rejected".to_owned()])
    );
    assert_eq!(
        chat.statuses(&chat.task_sid),
        ("assigned".to_owned(), vec!["accepted".to_owned()])
    );
    assert_eq!(chat.identities(), ["ana", "ai"]);
    assert_eq!(chat.reservation.worker_sid, AI_WORKER_SID);
}
