//! Checks of the simulated Twilio and the functions against Twilio's OpenAPI description.
//!
//! The description is <https://github.com/twilio/twilio-oai>. `TWILIO_OPENAPI` can name a folder with its
//! `twilio_taskrouter_v1.json` and `twilio_conversations_v1.json`. A story with every kind of request is then played.
//! Each of its exchanges must match the description.

mod corruption;
mod description;
mod story;

use std::collections::BTreeSet;
use std::path::PathBuf;

use simulator::exchange::{Exchange, Upstream};

use description::Description;

/// The descriptions of both products, if `TWILIO_OPENAPI` is set.
struct Twilio {
    taskrouter: Description,
    conversations: Description,
    flex: Description,
}

impl Twilio {
    fn at_hand() -> Option<Self> {
        let Some(folder) = std::env::var_os("TWILIO_OPENAPI").map(PathBuf::from) else {
            println!("left out: TWILIO_OPENAPI does not say where Twilio's OpenAPI description is");
            return None;
        };
        Some(Self {
            taskrouter: Description::read(&folder, "taskrouter"),
            conversations: Description::read(&folder, "conversations"),
            flex: Description::read(&folder, "flex"),
        })
    }

    fn check(&self, exchange: &Exchange) -> (String, Vec<String>) {
        match exchange.upstream {
            Upstream::TaskRouter => self.taskrouter.check(exchange),
            Upstream::Flex => self.flex.check(exchange),
            _ => self.conversations.check(exchange),
        }
    }
}

#[tokio::test]
async fn exchanges_with_twilio_match_its_openapi_description() {
    let Some(twilio) = Twilio::at_hand() else { return };
    let exchanges = story::play().await;

    let mut operations = BTreeSet::new();
    let mut statuses = BTreeSet::new();
    let mut faults = Vec::new();
    for exchange in &exchanges {
        let (operation, found) = twilio.check(exchange);
        operations.insert(operation);
        statuses.extend(exchange.status().map(|status| status.as_u16()));
        let in_short = format!(
            "{} {}?{} {}",
            exchange.method,
            exchange.path,
            exchange.query,
            exchange.text()
        );
        faults.extend(found.into_iter().map(|fault| format!("{in_short}: {fault}")));
    }

    assert!(faults.is_empty(), "{faults:#?}");
    let expected = [
        "CreateConversationMessage",
        "CreateConversationParticipant",
        "CreateTask",
        "DeleteConversationMessage",
        "DeleteTask",
        "FetchConversation",
        "FetchTask",
        "FetchTaskReservation",
        "ListConversationMessage",
        "ListConversationParticipant",
        "ListEvent",
        "ListTask",
        "ListTaskReservation",
        "UpdateConversation",
        "UpdateTask",
        "UpdateTaskReservation",
    ];
    assert_eq!(operations, expected.map(str::to_owned).into());
    assert_eq!(statuses, [200, 201, 204, 400, 401, 404, 412].into());
}
