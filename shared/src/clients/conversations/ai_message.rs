//! The AI's own messages, known by the id that the AI gave them.

use serde::Deserialize;
use time::OffsetDateTime;

use super::{Conversations, Message, PAGE_SIZE};
use crate::attributes::json::quote;
use crate::clients::pages::Pages;
use crate::invocation::Invocation;
use crate::twilio::sid::{ConversationSid, MessageSid};
use crate::upstream::answer::CallError;

impl Conversations {
    /// Finds the AI's message with an id. Reads from the newest message back to the first page that is older than
    /// `since`.
    ///
    /// # Errors
    /// As [`Upstream::call`](crate::upstream::Upstream::call).
    pub async fn ai_message(
        &self,
        invocation: &Invocation,
        conversation: &ConversationSid,
        since: Option<OffsetDateTime>,
        message_id: &str,
    ) -> Result<Option<MessageSid>, CallError> {
        let query = [("Order", "desc"), ("PageSize", PAGE_SIZE)];
        let mut pages = Pages::new("read messages", self.url(conversation, "Messages"), "messages", &query);
        while let Some(page) = pages.next::<Message>(&self.upstream, invocation).await? {
            // A message may have been created with an older date, but hardly a whole page of messages.
            let newest = page.iter().filter_map(|message| message.date_created).max();
            let found = page.into_iter().find(|message| message.has_id(message_id));
            if let Some(message) = found.and_then(|message| message.sid) {
                return Ok(Some(message));
            }
            if newest.zip(since).is_some_and(|(newest, since)| newest < since) {
                break;
            }
        }
        Ok(None)
    }
}

impl Message {
    fn has_id(&self, message_id: &str) -> bool {
        let attributes = self.attributes.as_ref();
        attributes.is_some_and(|attributes| has_id(&attributes.0, message_id))
    }
}

/// The attributes of a message with an id.
pub fn attributes(message_id: &str) -> String {
    format!(r#"{{"ai":{{"messageId":{}}}}}"#, quote(message_id))
}

fn has_id(message_attributes: &str, message_id: &str) -> bool {
    #[derive(Deserialize)]
    struct MessageAttributes {
        ai: Ai,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Ai {
        message_id: String,
    }
    let read = serde_json::from_str::<MessageAttributes>(message_attributes);
    read.is_ok_and(|attributes| attributes.ai.message_id == message_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_is_known_by_its_id() {
        for id in ["m-1", "a \"quoted\" é 😀\n"] {
            assert!(has_id(&attributes(id), id), "{id}");
            assert!(!has_id(&attributes(id), "m-2"), "{id}");
        }
        for foreign in ["", "{}", "[]", r#"{"ai":true}"#, r#"{"ai":{"messageId":1}}"#] {
            assert!(!has_id(foreign, "1"), "{foreign}");
        }
    }
}
