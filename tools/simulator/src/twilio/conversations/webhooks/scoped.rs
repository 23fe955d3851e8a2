//! The webhooks of a single conversation.

use http::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::hook::{Hook, HookChange};
use crate::clock::iso_8601;
use crate::twilio::conversations::resource::{CONVERSATIONS, path};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::ACCOUNT_SID;

/// A webhook with the target `webhook`.
#[derive(Clone, Debug)]
pub(crate) struct ScopedWebhook {
    pub(crate) sid: String,
    pub(super) hook: Hook,
    date_created: OffsetDateTime,
    date_updated: OffsetDateTime,
    /// The number of webhooks that the conversation had before.
    pub(crate) number: usize,
}

impl ScopedWebhook {
    /// The method is POST unless given. A webhook without filters gets no events.
    pub(in crate::twilio::conversations) fn new(
        sid: String,
        number: usize,
        change: HookChange,
        now: OffsetDateTime,
    ) -> Result<Self, Refusal> {
        let mut webhook = Self {
            sid,
            hook: Hook {
                url: String::new(),
                method: Method::POST,
                filters: Vec::new(),
            },
            date_created: now,
            date_updated: now,
            number,
        };
        webhook.change(change, now)?;
        match webhook.hook.url.as_str() {
            "" => Err(Refusal::invalid("Configuration.Url is required")),
            _ => Ok(webhook),
        }
    }

    /// Changes the given fields. If a field is refused, nothing changes.
    pub(in crate::twilio::conversations) fn change(
        &mut self,
        change: HookChange,
        now: OffsetDateTime,
    ) -> Result<(), Refusal> {
        change.check()?;
        self.hook.method = change.method()?.unwrap_or_else(|| self.hook.method.clone());
        if let Some(url) = change.url.filter(|url| !url.is_empty()) {
            self.hook.url = url;
        }
        self.hook.filters = change.filters.unwrap_or_else(|| std::mem::take(&mut self.hook.filters));
        self.date_updated = now;
        Ok(())
    }

    /// The resource `conversations.v1.conversation.conversation_scoped_webhook`.
    pub(crate) fn resource(&self, conversation_sid: &str) -> Value {
        json!({
            "account_sid": ACCOUNT_SID,
            "configuration": {
                "filters": self.hook.filters,
                "method": self.hook.method.as_str().to_lowercase(),
                "url": self.hook.url,
            },
            "conversation_sid": conversation_sid,
            "date_created": iso_8601(self.date_created),
            "date_updated": iso_8601(self.date_updated),
            "sid": self.sid,
            "target": "webhook",
            "url": format!("{CONVERSATIONS}{}/Webhooks/{}", path(conversation_sid), self.sid),
        })
    }
}
