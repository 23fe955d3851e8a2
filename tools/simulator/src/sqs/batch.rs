//! Batch requests.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::request::Request;
use super::service::MAX_RECEIVED;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Batch<T> {
    entries: Vec<Entry<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<T> {
    id: String,
    #[serde(flatten)]
    parameters: T,
}

fn is_id(id: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=80).contains(&id.len()) && id.bytes().all(is_allowed)
}

impl<T> Batch<T> {
    /// The parameters of each entry.
    pub(super) fn requests(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|entry| &entry.parameters)
    }
}

/// Applies an operation to each entry. The answer lists successes and failures.
pub(super) fn each<T>(
    batch: Request<Batch<T>>,
    operate: impl Fn(&str, T) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let entries = batch.parameters.entries;
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    match entries.len() {
        0 => return Err(Refusal::EmptyBatch),
        count if count > MAX_RECEIVED => return Err(Refusal::TooManyEntries),
        count if count > ids.len() => return Err(Refusal::IdsNotDistinct),
        _ if !ids.iter().all(|id| is_id(id)) => return Err(Refusal::InvalidId),
        _ => {}
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for Entry { id, parameters } in entries {
        match operate(&batch.queue_url, parameters) {
            Ok(mut value) => {
                value["Id"] = id.into();
                successful.push(value);
            }
            Err(Refusal::NoSuchQueue) => return Err(Refusal::NoSuchQueue),
            Err(refusal) => failed.push(json!({
                "Id": id, "SenderFault": true, "Code": refusal.code(), "Message": refusal.message(),
            })),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}
