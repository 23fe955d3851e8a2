//! The request.

use flex_handoff::jobs::action::ActionError;
use flex_handoff::jobs::action_request::{self, TaskReference};
use flex_handoff::lambda::actions::ActionInput;
use flex_handoff::twilio::sid::ConversationSid;

/// The longest text of a chat message in bytes.
/// <https://www.twilio.com/docs/conversations/api/conversation-message-resource>
const MAX_BYTES: usize = 32_768;

/// The longest id of a message in bytes, since the id must fit into the message's attributes.
const MAX_ID_BYTES: usize = 255;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReplyRequest {
    pub(crate) task: TaskReference,
    pub(crate) message_id: String,
    pub(crate) text: String,
    /// The default is the conversation that the task names.
    pub(crate) conversation: Option<ConversationSid>,
}

impl ReplyRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`ActionError::InvalidRequest`] with every fault.
    pub(crate) fn parse(input: &ActionInput) -> Result<Self, ActionError> {
        action_request::read(&input.json, |fields| {
            let task = fields.task(input.session_id.as_deref());
            let expected = "a text of 1 to 255 bytes";
            let message_id = fields.required("messageId", expected, |id| {
                let id = id.trim();
                matches!(id.len(), 1..=MAX_ID_BYTES).then(|| id.to_owned())
            });
            let expected = "a text of at most 32,768 bytes that isn't blank";
            let text = fields.required("text", expected, |text| {
                let fits = text.len() <= MAX_BYTES && !text.trim().is_empty();
                fits.then(|| text.to_owned())
            });
            let expected = "a conversation's SID (CH and 32 hexadecimal digits)";
            let conversation = fields.optional("conversationSid", expected, |text| ConversationSid::parse(text.trim()));
            Some(Self {
                task: task?,
                message_id: message_id?,
                text: text?,
                conversation,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use flex_handoff::twilio::sid::TaskSid;

    use super::*;

    const TASK: &str = "WT00000000000000000000000000000001";
    const CONVERSATION: &str = "CH00000000000000000000000000000001";

    fn parse(json: String) -> Result<ReplyRequest, ActionError> {
        ReplyRequest::parse(&ActionInput { json, session_id: None })
    }

    #[test]
    fn text_is_posted_as_it_was_given() {
        let json = format!(
            r#"{{"taskSid":"{TASK}","messageId":" m-1 ","text":" Hi\u0009\ud83d\n","conversationSid":"{CONVERSATION}"}}"#
        );
        let expected = ReplyRequest {
            task: TaskReference::Task(TaskSid::parse(TASK).unwrap()),
            message_id: "m-1".to_owned(),
            text: " Hi\t\u{fffd}\n".to_owned(),
            conversation: ConversationSid::parse(CONVERSATION),
        };
        assert_eq!(parse(json), Ok(expected));
    }

    #[test]
    fn every_fault_is_named() {
        const ID: &str = "messageId is malformed: it must be a text of 1 to 255 bytes";
        const TEXT: &str = "text is malformed: it must be a text of at most 32,768 bytes that isn't blank";
        let long = |length| format!(r#""{}""#, "x".repeat(length));
        let cases: [(String, &[&str]); 4] = [
            (
                "{}".to_owned(),
                &[
                    "taskSid or sessionId must be given",
                    "messageId is missing: it must be a text of 1 to 255 bytes",
                    "text is missing: it must be a text of at most 32,768 bytes that isn't blank",
                ],
            ),
            (
                format!(r#"{{"taskSid":"{TASK}","messageId":" ","text":" \n","conversationSid":"CH1"}}"#),
                &[
                    ID,
                    TEXT,
                    "conversationSid is malformed: it must be a conversation's SID (CH and 32 hexadecimal digits)",
                ],
            ),
            (
                format!(
                    r#"{{"taskSid":"{TASK}","messageId":{},"text":{}}}"#,
                    long(256),
                    long(32_769)
                ),
                &[ID, TEXT],
            ),
            (
                format!(r#"{{"taskSid":"{TASK}","messageId":[],"text":{{}}}}"#),
                &[ID, TEXT],
            ),
        ];
        for (json, expected) in cases {
            let expected = expected.iter().map(|&fault| fault.to_owned()).collect();
            assert_eq!(parse(json), Err(ActionError::InvalidRequest(expected)));
        }
        let longest = format!(
            r#"{{"taskSid":"{TASK}","messageId":{},"text":{}}}"#,
            long(255),
            long(32_768)
        );
        assert!(parse(longest).is_ok());
    }
}
