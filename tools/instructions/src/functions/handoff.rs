//! `handoff`.

use flex_handoff::config::{self, NotePolicy, NoteSettings};
use handoff::Handoff;
use serde_json::json;

use super::{ai_workers, connections, lambda_event, upstreams};
use crate::answers::{CONVERSATION_SID, RESERVATION_SID, TASK_SID};

/// Hands off a task for the first time. There are three writes and seven reads, three of them of the conversation.
pub(super) async fn invoke(times: u64) {
    let config = config::HandoffConfig {
        upstreams: upstreams(),
        conversations_url: "https://conversations.twilio.com".parse().expect("a URL"),
        flex_url: "https://flex-api.twilio.com".parse().expect("a URL"),
        ai_workers: ai_workers(),
        session_id_attribute: "session_id".to_owned(),
        note: NoteSettings {
            policy: NotePolicy::ChatOnly,
            author: "system".to_owned(),
            template: "{summary}\n\nSentiment: {sentiment}\nReason: {reason}\nLanguage: {language}".to_owned(),
        },
        workflow: None,
        queue_url: None,
    };
    let function = Handoff::new(config, &connections("handoff").await);
    let payload = json!({
        "taskSid": TASK_SID,
        "reservationSid": RESERVATION_SID,
        "conversationSid": CONVERSATION_SID,
        "reason": "customer wants her money back",
        "summary": "Ana was charged twice for order 1138 and asks for one of the charges back.",
        "sentiment": "negative",
        "language": "en",
        "timestamp": "2026-11-22T09:00:00Z",
    });
    let payload = payload.to_string();
    for _ in 0..times {
        let answer = function.handle(lambda_event(&payload)).await;
        let answer = serde_json::to_string(&answer.expect("it is handed off")).expect("an answer is JSON");
        assert!(answer.contains("posted"), "{answer}");
    }
}
