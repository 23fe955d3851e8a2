//! Error answers of SQS.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-api-responses.html>

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Unsigned,
    UnknownOperation,
    Unreadable(String),
    NoSuchQueue,
    NotAReceipt,
    NotInFlight,
    InvalidParameter(String),
    InvalidContents,
    EmptyBatch,
    TooManyEntries,
    InvalidId,
    IdsNotDistinct,
    BatchTooLong,
}

impl Refusal {
    /// The error's name in the JSON protocol.
    fn name(&self) -> &'static str {
        match self {
            Self::Unsigned => "com.amazon.coral.service#MissingAuthenticationTokenException",
            Self::UnknownOperation => "com.amazon.coral.service#UnknownOperationException",
            Self::Unreadable(_) => "com.amazon.coral.service#SerializationException",
            Self::NoSuchQueue => "com.amazonaws.sqs#QueueDoesNotExist",
            Self::NotAReceipt => "com.amazonaws.sqs#ReceiptHandleIsInvalid",
            Self::NotInFlight => "com.amazonaws.sqs#MessageNotInflight",
            Self::InvalidParameter(_) => "com.amazon.coral.service#InvalidParameterValueException",
            Self::InvalidContents => "com.amazonaws.sqs#InvalidMessageContents",
            Self::EmptyBatch => "com.amazonaws.sqs#EmptyBatchRequest",
            Self::TooManyEntries => "com.amazonaws.sqs#TooManyEntriesInBatchRequest",
            Self::InvalidId => "com.amazonaws.sqs#InvalidBatchEntryId",
            Self::IdsNotDistinct => "com.amazonaws.sqs#BatchEntryIdsNotDistinct",
            Self::BatchTooLong => "com.amazonaws.sqs#BatchRequestTooLong",
        }
    }

    /// The error's name in the older protocol. SDKs still read this name.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Unsigned => "MissingAuthenticationToken",
            Self::UnknownOperation => "UnknownOperation",
            Self::Unreadable(_) => "MalformedInput",
            Self::NoSuchQueue => "AWS.SimpleQueueService.NonExistentQueue",
            Self::NotAReceipt => "ReceiptHandleIsInvalid",
            Self::NotInFlight => "AWS.SimpleQueueService.MessageNotInflight",
            Self::InvalidParameter(_) => "InvalidParameterValue",
            Self::InvalidContents => "InvalidMessageContents",
            Self::EmptyBatch => "AWS.SimpleQueueService.EmptyBatchRequest",
            Self::TooManyEntries => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            Self::InvalidId => "AWS.SimpleQueueService.InvalidBatchEntryId",
            Self::IdsNotDistinct => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            Self::BatchTooLong => "AWS.SimpleQueueService.BatchRequestTooLong",
        }
    }

    pub(super) fn message(&self) -> &str {
        match self {
            Self::Unsigned => "Request is missing Authentication Token",
            Self::UnknownOperation => "The requested operation is not known here",
            Self::Unreadable(why) | Self::InvalidParameter(why) => why,
            Self::NoSuchQueue => "The specified queue does not exist.",
            Self::NotAReceipt => "The input receipt handle is not a valid receipt handle.",
            Self::NotInFlight => "The message referred to isn't in flight.",
            Self::InvalidContents => "The message contains characters outside the allowed set.",
            Self::EmptyBatch => "The batch request doesn't contain any entries.",
            Self::TooManyEntries => "The batch request contains more entries than permissible.",
            Self::InvalidId => "The Id of a batch entry in a batch request doesn't abide by the specification.",
            Self::BatchTooLong => "The length of all the messages put together is more than the limit.",
            Self::IdsNotDistinct => "Two or more batch entries in the request have the same Id.",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let query_error = [("x-amzn-query-error", format!("{};Sender", self.code()))];
        let body = json!({ "__type": self.name(), "message": self.message() });
        (query_error, answer(StatusCode::BAD_REQUEST, body)).into_response()
    }
}

/// An answer of the JSON protocol.
pub(super) fn answer(status: StatusCode, body: Value) -> Response {
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], Json(body)).into_response()
}
