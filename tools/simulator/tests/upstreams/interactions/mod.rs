//! Flex's interactions with their channels, participants and invites.

mod assumptions;
mod channels;
mod invites;
mod participants;

use http::Method;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::options::Options;
use simulator::twilio::sids::{AI_WORKER_SID, WORKFLOW_SID, WORKSPACE_SID};
use simulator::twilio::{Assumptions, Conversation, Interaction, InteractionChannel, Reservation, ReservationStatus};
use simulator::world::World;

use crate::caller::{Answer, call, world};
use crate::described::described;

pub(crate) async fn get(world: &World, path: &str) -> Answer {
    described(world, call(world, Upstream::Flex, Method::GET, path)).await
}

pub(crate) async fn post(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    described(world, call(world, Upstream::Flex, Method::POST, path).form(fields)).await
}

/// A web chat with a single customer. The AI has accepted the task by TaskRouter's API.
struct Chat {
    world: World,
    interaction_sid: String,
    channel: String,
    task_sid: String,
    reservation: Reservation,
}

impl Chat {
    async fn start() -> Self {
        Self::assuming(Assumptions::default()).await
    }

    async fn assuming(assumptions: Assumptions) -> Self {
        let options = Options {
            assumptions,
            ..Options::default()
        };
        let world = World::start(options).await.unwrap();
        let conversation = world.twilio.create_conversation().sid;
        world.twilio.add_chat_participant(&conversation, "ana").unwrap();
        let interaction = world
            .twilio
            .create_interaction(r#"{"session_id":"s-1"}"#, Some(&conversation))
            .unwrap();
        let task_sid = interaction.task_sid().unwrap().to_owned();
        let reservation = world.twilio.reserve(&task_sid, AI_WORKER_SID).unwrap();
        accept(&world, &reservation).await;
        Self {
            channel: channel_path(&interaction),
            interaction_sid: interaction.sid,
            world,
            task_sid,
            reservation,
        }
    }

    fn channel(&self) -> InteractionChannel {
        self.world.twilio.interaction(&self.interaction_sid).unwrap().channel
    }

    fn conversation(&self) -> Conversation {
        self.world
            .twilio
            .conversation(&self.channel().conversation_sid)
            .unwrap()
    }

    /// The identities in the conversation.
    fn identities(&self) -> Vec<String> {
        let participants = self.conversation().participants.into_iter();
        participants.filter_map(|participant| participant.identity).collect()
    }

    /// The path of a reservation's participant.
    fn participant_path(&self, reservation: &Reservation) -> String {
        let participants = self.channel().participants.into_iter();
        let mut agents = participants.filter(|participant| {
            let routing = participant.routing.as_ref();
            routing.is_some_and(|routing| routing.reservation_sid == reservation.sid)
        });
        format!("{}/Participants/{}", self.channel, agents.next().unwrap().sid)
    }

    fn reservation_status(&self, reservation: &Reservation) -> ReservationStatus {
        self.world.twilio.reservation(&reservation.sid).unwrap().status
    }

    /// The statuses of a task and its reservations.
    fn statuses(&self, task_sid: &str) -> (String, Vec<String>) {
        let task = self.world.twilio.task(task_sid).unwrap();
        let reservations = task.reservations.iter().map(|one| one.status.to_string());
        (task.status.to_string(), reservations.collect())
    }
}

/// Accepts a reservation by TaskRouter's API.
async fn accept(world: &World, reservation: &Reservation) {
    let path = format!(
        "/v1/Workspaces/{WORKSPACE_SID}/Tasks/{}/Reservations/{}",
        reservation.task_sid, reservation.sid
    );
    let accepted = call(world, Upstream::TaskRouter, Method::POST, &path);
    let accepted = accepted.form(&[("ReservationStatus", "accepted")]).send().await;
    assert_eq!(accepted.status, 200);
}

fn channel_path(interaction: &Interaction) -> String {
    format!(
        "/v1/Interactions/{}/Channels/{}",
        interaction.sid, interaction.channel.sid
    )
}

fn url(path: &str) -> String {
    format!("https://flex-api.twilio.com{path}")
}

#[tokio::test]
async fn interaction_is_created_with_its_task_and_read() {
    let world = world().await;
    let conversation = world.twilio.create_conversation().sid;
    world.twilio.add_chat_participant(&conversation, "ana").unwrap();
    let media = json!({ "type": "web", "initiated_by": "api", "properties": { "media_channel_sid": conversation } });
    let routing = json!({ "properties": {
        "workspace_sid": WORKSPACE_SID,
        "workflow_sid": WORKFLOW_SID,
        "task_channel_unique_name": "chat",
        "priority": 3,
        "timeout": 600,
        "attributes": { "name": "Ana", "channelType": "sms" },
    }});

    let fields = [("Channel", media.to_string()), ("Routing", routing.to_string())];
    let created = post(
        &world,
        "/v1/Interactions",
        &fields.each_ref().map(|(name, value)| (*name, value.as_str())),
    )
    .await;
    let sid = created.json["sid"].as_str().unwrap();
    let read = get(&world, &format!("/v1/Interactions/{sid}")).await;

    let interaction = world.twilio.interaction(sid).unwrap();
    let task = world.twilio.task(interaction.task_sid().unwrap()).unwrap();
    let path = format!("/v1/Interactions/{sid}");
    let created_at = task.date_created.unix_timestamp();
    let resource = json!({
        "sid": sid,
        "channel": { "type": "web", "sid": interaction.channel.sid },
        "interaction_context_sid": null,
        "links": { "channels": url(&format!("{path}/Channels")) },
        "routing": { "reservation": null, "properties": {
            "account_sid": simulator::twilio::sids::ACCOUNT_SID,
            "addons": "{}",
            "age": 0,
            "age_in_queue": 0,
            "assignmentCounter": 0,
            "assignment_status": "pending",
            "attributes": task.attributes,
            "date_created": created_at,
            "date_updated": created_at,
            "priority": 3,
            "queue_name": "AI",
            "queue_sid": simulator::twilio::sids::AI_QUEUE_SID,
            "reason": null,
            "routing_target": null,
            "sid": task.sid,
            "task_channel_sid": simulator::twilio::sids::TASK_CHANNEL_SID,
            "task_channel_unique_name": "chat",
            "task_queue_entered_date": created_at,
            "timeout": 600,
            "workflow_name": "Handoff",
            "workflow_sid": WORKFLOW_SID,
            "workspace_sid": WORKSPACE_SID,
        }},
        "url": url(&path),
        "webhook_ttid": null,
    });
    assert_eq!((created.status, &created.json), (200, &resource));
    assert_eq!((read.status, &read.json), (200, &resource));
    let attributes: Value = serde_json::from_str(&task.attributes).unwrap();
    let expected = json!({
        "channelType": "sms",
        "conversationSid": conversation,
        "conversations": { "conversation_id": sid },
        "flexChannelInviteSid": interaction.channel.invites[0].sid,
        "flexInteractionChannelSid": interaction.channel.sid,
        "flexInteractionSid": sid,
        "name": "Ana",
    });
    assert_eq!(attributes, expected);
}

#[tokio::test]
async fn interaction_may_have_no_task_and_makes_its_own_conversation() {
    let world = world().await;
    let media = json!({
        "type": "whatsapp",
        "initiated_by": "agent",
        "participants": [{ "address": "whatsapp:+4712345678", "proxy_address": "whatsapp:+4787654321" }],
    });

    let created = post(
        &world,
        "/v1/Interactions",
        &[("Channel", &media.to_string()), ("Routing", "{}")],
    )
    .await;
    let path = format!("/v1/Interactions/{}", created.json["sid"].as_str().unwrap());
    let webhook = post(&world, &path, &[("WebhookTtid", "flex_interactionwebhook_1")]).await;

    assert_eq!((created.status, &created.json["routing"]), (200, &json!(null)));
    assert_eq!(
        (webhook.status, &webhook.json["webhook_ttid"]),
        (200, &json!("flex_interactionwebhook_1"))
    );
    let interaction = world.twilio.interactions().remove(0);
    let conversation = world
        .twilio
        .conversation(&interaction.channel.conversation_sid)
        .unwrap();
    let binding = conversation.participants[0].messaging_binding.as_ref().unwrap();
    let expected = json!({
        "type": "whatsapp", "address": "whatsapp:+4712345678", "proxy_address": "whatsapp:+4787654321",
    });
    assert_eq!(*binding, expected);
    assert!(world.twilio.tasks().is_empty());
}

/// A path, a form to send there, and the status and code of the refusal.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], (u16, i64));

#[tokio::test]
async fn requests_that_flex_cannot_carry_out_are_refused() {
    let chat = Chat::start().await;
    let world = &chat.world;
    let nobody = "0".repeat(32);
    let invites = format!("{}/Invites", chat.channel);
    let participants = format!("{}/Participants", chat.channel);
    let other_channel = format!("/v1/Interactions/{}/Channels/UO{nobody}", chat.interaction_sid);
    let no_workspace = format!(r#"{{"properties":{{"workspace_sid":"WS{nobody}"}}}}"#);
    let no_conversation = format!(r#"{{"type":"web","properties":{{"media_channel_sid":"CH{nobody}"}}}}"#);
    let cases: [Case<'_>; 17] = [
        ("/v1/Interactions", &[], (400, 20001)),
        ("/v1/Interactions", &[("Channel", "web")], (400, 20001)),
        ("/v1/Interactions", &[("Channel", r#"{"type":"fax"}"#)], (400, 20001)),
        ("/v1/Interactions", &[("Channel", &no_conversation)], (404, 20404)),
        (&invites, &[], (400, 20001)),
        (&invites, &[("Routing", "{}")], (400, 20001)),
        (
            &invites,
            &[("Routing", r#"{"properties":{"attributes":[]}}"#)],
            (400, 20001),
        ),
        (
            &invites,
            &[("Routing", r#"{"properties":{"workflow_sid":"WW1"}}"#)],
            (400, 20001),
        ),
        (&invites, &[("Routing", &no_workspace)], (404, 20404)),
        (&other_channel, &[("Status", "closed")], (404, 20404)),
        (&chat.channel, &[], (400, 20001)),
        (&chat.channel, &[("Status", "active")], (400, 20001)),
        (&chat.channel, &[("Status", "inactive")], (400, 20001)),
        (
            &chat.channel,
            &[("Status", "closed"), ("Routing", r#"{"status":"open"}"#)],
            (400, 20001),
        ),
        (&participants, &[("Type", "agent")], (400, 20001)),
        (
            &participants,
            &[("Type", "bot"), ("MediaProperties", "{}")],
            (400, 20001),
        ),
        (
            &format!("{participants}/UT{nobody}"),
            &[("Status", "closed")],
            (404, 20404),
        ),
    ];
    for (path, fields, refusal) in cases {
        assert_eq!(post(world, path, fields).await.refusal(), refusal, "{path} {fields:?}");
    }
    for path in [
        format!("/v1/Interactions/KD{nobody}"),
        format!("/v1/Interactions/KD{nobody}/Channels"),
        format!("{other_channel}/Invites"),
        format!("{other_channel}/Participants"),
        "/v1/Instances".to_owned(),
    ] {
        assert_eq!(get(world, &path).await.refusal(), (404, 20404), "{path}");
    }
    let stranger = call(world, Upstream::Flex, Method::GET, &invites).unauthenticated();
    assert_eq!(stranger.send().await.refusal(), (401, 20003));
    assert_eq!(
        chat.statuses(&chat.task_sid),
        ("assigned".to_owned(), vec!["accepted".to_owned()])
    );
    assert_eq!(world.twilio.tasks().len(), 1);
}

#[tokio::test]
async fn one_port_serves_interactions_beside_the_other_products() {
    let world = world().await;
    let server = world.serve_together(0).await.unwrap();
    let interaction = world.twilio.create_interaction("{}", None).unwrap();
    let url = format!("{}{}", server.url(), channel_path(&interaction));
    let token = world.twilio.credentials().auth_token;

    let request = simulator::loopback::client().get(url);
    let response = request
        .basic_auth(simulator::twilio::sids::ACCOUNT_SID, Some(token))
        .send();

    let body: Value = serde_json::from_slice(&response.await.unwrap().bytes().await.unwrap()).unwrap();
    assert_eq!(body["sid"], interaction.channel.sid);
    assert_eq!(world.exchanges.of(Upstream::Flex).len(), 1);
}
