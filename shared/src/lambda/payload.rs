//! The payload of a function that both its queue and HTTP invoke.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::lambda::http::HttpPayload;

pub enum Payload {
    Batch(SqsEvent),
    /// Any other payload. If it isn't an HTTP request either, the webhook rejects it.
    Http(Box<HttpPayload>),
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let payload = Box::<RawValue>::deserialize(deserializer)?;
        Ok(match serde_json::from_str(payload.get()) {
            Ok(batch) => Self::Batch(batch),
            Err(_) => Self::Http(Box::new(HttpPayload::parse(payload.get()))),
        })
    }
}

/// The answer to either kind of payload.
#[derive(Serialize)]
#[serde(untagged)]
pub enum PayloadAnswer<H> {
    Batch(SqsBatchResponse),
    Http(H),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_with_records_is_a_batch() {
        for (payload, is_batch) in [
            (r#"{"Records":[]}"#, true),
            (r#"{"Records":[{"messageId":"a","body":"{}"}]}"#, true),
            (r#"{"Records":7}"#, false),
            (r#"{"version":"2.0","rawPath":"/auto-close"}"#, false),
            ("{}", false),
            ("null", false),
        ] {
            let read: Payload = serde_json::from_str(payload).unwrap();
            assert_eq!(matches!(read, Payload::Batch(_)), is_batch, "{payload}");
        }
    }
}
