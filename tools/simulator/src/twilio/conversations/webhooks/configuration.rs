//! The webhooks of the account and of the service.

use http::Method;
use serde_json::{Value, json};

use super::hook::{Hook, HookChange};
use crate::twilio::conversations::resource::CONVERSATIONS;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::{ACCOUNT_SID, CHAT_SERVICE_SID};

/// The owner of a webhook for all conversations.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WebhookScope {
    Account,
    /// The default service.
    Service,
}

/// The post-action webhook of an account or a service.
#[derive(Clone, Debug)]
pub(crate) struct WebhookConfiguration {
    post_webhook_url: Option<String>,
    method: Method,
    filters: Option<Vec<String>>,
}

impl Default for WebhookConfiguration {
    fn default() -> Self {
        Self {
            post_webhook_url: None,
            method: Method::POST,
            filters: None,
        }
    }
}

impl WebhookConfiguration {
    /// Changes the given fields. If a field is refused, nothing changes.
    pub(in crate::twilio::conversations) fn change(&mut self, change: HookChange) -> Result<(), Refusal> {
        change.check()?;
        self.method = change.method()?.unwrap_or_else(|| self.method.clone());
        if let Some(url) = change.url {
            self.post_webhook_url = Some(url).filter(|url| !url.is_empty());
        }
        self.filters = change.filters.or(self.filters.take());
        Ok(())
    }

    /// Without filters, no events are sent.
    pub(super) fn hook(&self) -> Option<Hook> {
        Some(Hook {
            url: self.post_webhook_url.clone()?,
            method: self.method.clone(),
            filters: self.filters.clone().unwrap_or_default(),
        })
    }

    /// The resource `conversations.v1.configuration.configuration_webhook` or
    /// `conversations.v1.service.service_configuration.service_webhook_configuration`.
    pub(crate) fn resource(&self, scope: WebhookScope) -> Value {
        let mut resource = json!({
            "account_sid": ACCOUNT_SID,
            "filters": self.filters,
            "method": self.method.as_str(),
            "post_webhook_url": self.post_webhook_url,
            "pre_webhook_url": null,
        });
        let path = match scope {
            WebhookScope::Account => {
                resource["target"] = "webhook".into();
                "/v1/Configuration/Webhooks".to_owned()
            }
            WebhookScope::Service => {
                resource["chat_service_sid"] = CHAT_SERVICE_SID.into();
                format!("/v1/Services/{CHAT_SERVICE_SID}/Configuration/Webhooks")
            }
        };
        resource["url"] = format!("{CONVERSATIONS}{path}").into();
        resource
    }
}
