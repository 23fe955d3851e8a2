//! The events that webhooks are about to get.

use time::OffsetDateTime;

use super::configuration::{WebhookConfiguration, WebhookScope};
use super::event::Happened;
use super::notice::Notice;
use super::origin::Origin;
use super::scoped::ScopedWebhook;
use crate::twilio::conversations::conversation::Conversation;

/// The notices that are not yet sent, and the webhooks of the account and the service.
#[derive(Debug)]
pub(in crate::twilio::conversations) struct Notices {
    /// The author of the changes that follow.
    pub(in crate::twilio::conversations) origin: Origin,
    account: WebhookConfiguration,
    service: WebhookConfiguration,
    unsent: Vec<Notice>,
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            origin: Origin::Twilio,
            account: WebhookConfiguration::default(),
            service: WebhookConfiguration::default(),
            unsent: Vec::new(),
        }
    }
}

impl Notices {
    pub(in crate::twilio::conversations) fn configuration(&mut self, scope: WebhookScope) -> &mut WebhookConfiguration {
        match scope {
            WebhookScope::Account => &mut self.account,
            WebhookScope::Service => &mut self.service,
        }
    }

    /// Adds a notice for each webhook that wants the event, if the author of the change causes webhooks.
    pub(in crate::twilio::conversations) fn add(
        &mut self,
        conversation: &Conversation,
        happened: &Happened<'_>,
        now: OffsetDateTime,
    ) {
        if !self.origin.causes_webhooks() {
            return;
        }
        let general = [&self.account, &self.service].map(WebhookConfiguration::hook);
        let scoped = conversation.webhooks.iter().map(|webhook| webhook.hook.clone());
        let hooks = general.into_iter().flatten().chain(scoped);
        let wanting = hooks.filter(|hook| hook.wants(happened.event_type()));
        let notices = wanting.map(|hook| happened.notice(hook, conversation, self.origin, now));
        self.unsent.extend(notices);
    }

    /// Adds the messages of a conversation from an index on, for a new webhook.
    pub(in crate::twilio::conversations) fn replay(
        &mut self,
        conversation: &Conversation,
        webhook: &ScopedWebhook,
        index: usize,
        now: OffsetDateTime,
    ) {
        let messages = conversation.messages.iter().filter(|message| message.index >= index);
        let events = messages.map(Happened::MessageAdded);
        let wanted = events.filter(|event| webhook.hook.wants(event.event_type()));
        let notices = wanted.map(|event| event.notice(webhook.hook.clone(), conversation, Origin::Twilio, now));
        self.unsent.extend(notices);
    }

    pub(in crate::twilio::conversations) fn take(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.unsent)
    }
}
