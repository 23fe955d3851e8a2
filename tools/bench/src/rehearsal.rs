//! The events of the functions and the answers of their upstreams, recorded in the simulator. Each function runs there
//! once.

use std::collections::BTreeMap;
use std::io;

use hyper::body::Bytes;
use serde_json::json;
use simulator::exchange::{Answer, Exchange, Upstream};
use simulator::lambda::Invocation;
use simulator::options::Options;
use simulator::twilio::sids::{AI_WORKER_SID, WORKSPACE_SID};
use simulator::twilio::{Refusal, ReservationStatus};
use simulator::world::{AUTO_CLOSE, DEFERRED, HANDOFF, REPLY, RESOLVE, TASK_EVENTS, World};

use crate::programs::{BARE_WEBHOOK, HELLO, Programs};

const SESSION_ID: &str = "session-1";

/// The answer of `lambda_http` to an HTTP API.
const NO_CONTENT: &str =
    r#"{"statusCode":204,"headers":{},"multiValueHeaders":{},"body":"","isBase64Encoded":false,"cookies":[]}"#;

/// A kind of request.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    pub(crate) upstream: Upstream,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
}

/// The recorded part of a function.
pub(crate) struct Part {
    /// The event that the function is invoked with.
    pub(crate) event: Bytes,
    pub(crate) answer: Bytes,
    /// The upstreams' answers to the requests of each kind in their order. A task reads differently after its handoff.
    pub(crate) answers: BTreeMap<Key, Vec<Answer>>,
}

/// The parts of all functions.
pub(crate) struct Script {
    parts: BTreeMap<&'static str, Part>,
    /// The paths of the task and session, for the program that only makes the calls.
    pub(crate) task_path: String,
    pub(crate) session_path: String,
}

impl Script {
    /// Runs the functions once.
    ///
    /// # Errors
    ///
    /// If a function fails.
    pub(crate) async fn rehearse(programs: &Programs) -> io::Result<Self> {
        let options = Options {
            binaries: Some(programs.functions()),
            callbacks: false,
            queue: true,
            ..Options::default()
        };
        let rehearsal = Rehearsal {
            world: World::start(options).await?,
            parts: BTreeMap::new(),
        };
        let http_api = rehearsal.world.lambda.http_api();
        rehearsal.world.twilio.resolve(&http_api.domain_name, http_api.address);
        rehearsal.play().await
    }

    pub(crate) fn part(&self, program: &str) -> &Part {
        &self.parts[program]
    }
}

struct Rehearsal {
    world: World,
    parts: BTreeMap<&'static str, Part>,
}

impl Rehearsal {
    async fn play(mut self) -> io::Result<Script> {
        let (conversation, task, reservation) = self.scene().map_err(refused)?;
        self.close_a_task().await?;
        self.follow_a_task(&task, &conversation).await?;
        self.resolve_a_task(&conversation).await?;
        let reply = json!({ "taskSid": task, "messageId": "1", "text": "I'm sorry to hear that, Ana!" });
        self.invoke(REPLY, reply.to_string()).await?;
        let handoff = json!({
            "taskSid": task, "reservationSid": reservation, "conversationSid": conversation,
            "reason": "asks for compensation for a damaged floor, which the AI may not grant",
            "summary": "Ana's espresso machine (order 1138) has leaked onto her wooden floor three weeks after delivery. \
                        It is under warranty, and a replacement is on its way. She now asks to be compensated.",
            "sentiment": "negative", "language": "en", "timestamp": "2026-11-22T09:00:00Z",
        });
        self.invoke(HANDOFF, handoff.to_string()).await?;
        let record = json!({
            "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d", "receiptHandle": "a-receipt-handle",
            "body": json!({ "sync": { "taskSid": task } }).to_string(),
            "attributes": { "ApproximateReceiveCount": "1" },
        });
        self.invoke(DEFERRED, json!({ "Records": [record] }).to_string())
            .await?;
        for (baseline, answer) in [(HELLO, r#""hello""#), (BARE_WEBHOOK, NO_CONTENT)] {
            let copied = &self.parts[TASK_EVENTS];
            let part = Part {
                event: copied.event.clone(),
                answer: Bytes::from_static(answer.as_bytes()),
                answers: copied.answers.clone(),
            };
            self.parts.insert(baseline, part);
        }
        Ok(Script {
            parts: self.parts,
            task_path: format!("/v1/Workspaces/{WORKSPACE_SID}/Tasks/{task}"),
            session_path: format!("/chat/sessions/{SESSION_ID}"),
        })
    }

    /// A task that the AI was offered, in a conversation with a customer.
    fn scene(&self) -> Result<(String, String, String), Refusal> {
        let twilio = &self.world.twilio;
        let conversation = twilio.create_conversation().sid;
        twilio.add_chat_participant(&conversation, "ana")?;
        self.world.session_api.create_session(SESSION_ID);
        let task = twilio.create_task(&attributes(&conversation, "web"))?.sid;
        let reservation = twilio.reserve(&task, AI_WORKER_SID)?.sid;
        Ok((conversation, task, reservation))
    }

    /// Lets the AI resolve another task of the conversation.
    async fn resolve_a_task(&mut self, conversation: &str) -> io::Result<()> {
        let twilio = &self.world.twilio;
        let task = twilio
            .create_task(&attributes(conversation, "web"))
            .map_err(refused)?
            .sid;
        let reservation = twilio.reserve(&task, AI_WORKER_SID).map_err(refused)?.sid;
        let resolve = json!({ "taskSid": task, "reservationSid": reservation });
        self.invoke(RESOLVE, resolve.to_string()).await
    }

    /// Takes the AI's task to wrap-up and notifies `auto-close`.
    async fn close_a_task(&mut self) -> io::Result<()> {
        let twilio = &self.world.twilio;
        twilio
            .set_event_callback(&self.world.webhook_url(AUTO_CLOSE), "task.wrapup")
            .map_err(refused)?;
        let task = twilio.create_task("{}").map_err(refused)?.sid;
        let reservation = twilio.reserve(&task, AI_WORKER_SID).map_err(refused)?.sid;
        for status in [ReservationStatus::Accepted, ReservationStatus::Wrapping] {
            twilio.move_reservation(&reservation, status).map_err(refused)?;
        }
        self.hear(AUTO_CLOSE).await
    }

    /// Changes the task and notifies `task-events`.
    async fn follow_a_task(&mut self, task: &str, conversation: &str) -> io::Result<()> {
        let twilio = &self.world.twilio;
        twilio
            .set_event_callback(&self.world.webhook_url(TASK_EVENTS), "task.updated")
            .map_err(refused)?;
        twilio
            .set_attributes(task, &attributes(conversation, "chat"))
            .map_err(refused)?;
        self.hear(TASK_EVENTS).await
    }

    /// Waits until a webhook has answered its event.
    async fn hear(&mut self, name: &'static str) -> io::Result<()> {
        self.world.twilio.events_settled().await;
        let invoked = self.world.lambda.invocations();
        let invoked = invoked.iter().rfind(|invoked| invoked.function == name);
        let ended = invoked.and_then(|invoked| Some((invoked.payload.clone(), invoked.ended.clone()?)));
        let (event, invocation) = ended.ok_or_else(|| io::Error::other(format!("{name} was not called")))?;
        self.keep(name, event, invocation)
    }

    async fn invoke(&mut self, name: &'static str, event: String) -> io::Result<()> {
        let invocation = self.world.lambda.invoke(name, event.clone().into_bytes()).await;
        self.keep(name, event.into_bytes(), invocation)
    }

    /// Records the event, the function's answer and the upstreams' answers in between.
    fn keep(&mut self, name: &'static str, event: Vec<u8>, invocation: Invocation) -> io::Result<()> {
        let log = self.world.lambda.logs(name);
        let is_done = |line: &String| line.contains(r#""outcome":"done""#);
        if invocation.function_error.is_some() || !log.last().is_some_and(is_done) {
            return Err(io::Error::other(format!(
                "{name} has not done its part: {}",
                log.join("\n")
            )));
        }
        let mut answers: BTreeMap<Key, Vec<Answer>> = BTreeMap::new();
        for exchange in self.world.exchanges.all() {
            if let Some(answer) = exchange.answer.clone() {
                answers.entry(Key::of(&exchange)).or_default().push(answer);
            }
        }
        self.world.exchanges.clear();
        let part = Part {
            event: event.into(),
            answer: invocation.payload.into(),
            answers,
        };
        self.parts.insert(name, part);
        Ok(())
    }
}

impl Key {
    fn of(exchange: &Exchange) -> Self {
        Self {
            upstream: exchange.upstream,
            method: exchange.method.to_string(),
            path: exchange.path.clone(),
            query: exchange.query.clone(),
        }
    }
}

/// Attributes of the size of a web chat's.
fn attributes(conversation: &str, channel: &str) -> String {
    json!({
        "channelType": channel,
        "customer": { "name": "Ana Lindqvist", "address": { "city": "Oslo", "country": "NO" }, "since": 2019 },
        "order": { "id": 1138, "total": 249.9, "items": ["espresso machine", "descaler"], "voucher": null },
        "session_id": SESSION_ID,
        "conversationSid": conversation,
    })
    .to_string()
}

fn refused(refusal: Refusal) -> io::Error {
    io::Error::other(refusal.message)
}
