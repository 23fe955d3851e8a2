//! The webhooks of conversations: reading and changing them.

use super::Conversations;
use super::resource::path;
use super::webhooks::{HookChange, Notice, Origin, ScopedWebhook, WebhookConfiguration, WebhookScope};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;

/// The limit for a conversation's own webhooks.
const MAX_WEBHOOKS: usize = 5;

impl Conversations {
    /// Sets the author of the changes that follow.
    pub(crate) fn act_as(&mut self, origin: Origin) {
        self.notices.origin = origin;
    }

    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        self.notices.take()
    }

    /// Adds a webhook. With `replay_after`, the webhook gets the messages from this index on.
    pub(crate) fn create_webhook(
        &mut self,
        name: &str,
        change: HookChange,
        replay_after: Option<usize>,
    ) -> Result<ScopedWebhook, Refusal> {
        let (place, now) = (self.open(name)?, self.clock.now());
        let conversation = &mut self.conversations[place];
        if conversation.webhooks.len() >= MAX_WEBHOOKS {
            return Err(Refusal::too_many_webhooks());
        }
        let webhook = ScopedWebhook::new(sids::new("WH"), conversation.next_webhook, change, now)?;
        conversation.next_webhook += 1;
        conversation.webhooks.push(webhook.clone());
        if let Some(index) = replay_after {
            self.notices.replay(conversation, &webhook, index, now);
        }
        Ok(webhook)
    }

    pub(crate) fn webhook(&self, name: &str, sid: &str) -> Result<&ScopedWebhook, Refusal> {
        let webhook = self.get(name)?.webhooks.iter().find(|one| one.sid == sid);
        webhook.ok_or_else(|| no_webhook(name, sid))
    }

    pub(crate) fn update_webhook(
        &mut self,
        name: &str,
        sid: &str,
        change: HookChange,
    ) -> Result<ScopedWebhook, Refusal> {
        let (place, now) = (self.open(name)?, self.clock.now());
        let webhook = self.conversations[place].webhooks.iter_mut().find(|one| one.sid == sid);
        let webhook = webhook.ok_or_else(|| no_webhook(name, sid))?;
        webhook.change(change, now)?;
        Ok(webhook.clone())
    }

    pub(crate) fn delete_webhook(&mut self, name: &str, sid: &str) -> Result<(), Refusal> {
        let place = self.open(name)?;
        let webhooks = &mut self.conversations[place].webhooks;
        let number = webhooks.iter().position(|one| one.sid == sid);
        webhooks.remove(number.ok_or_else(|| no_webhook(name, sid))?);
        Ok(())
    }

    /// The webhook of the account or the service.
    pub(crate) fn webhook_configuration(&mut self, scope: WebhookScope) -> &WebhookConfiguration {
        self.notices.configuration(scope)
    }

    pub(crate) fn configure_webhook(
        &mut self,
        scope: WebhookScope,
        change: HookChange,
    ) -> Result<WebhookConfiguration, Refusal> {
        let configuration = self.notices.configuration(scope);
        configuration.change(change)?;
        Ok(configuration.clone())
    }
}

fn no_webhook(conversation: &str, sid: &str) -> Refusal {
    Refusal::not_found(&format!("{}/Webhooks/{sid}", path(conversation)))
}
