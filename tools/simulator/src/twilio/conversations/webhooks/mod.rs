//! Webhooks of Conversations, as described in <https://www.twilio.com/docs/conversations/conversations-webhooks>: those
//! of the account, of the service and of a single conversation.

mod configuration;
mod event;
mod hook;
mod notice;
mod notices;
mod origin;
mod scoped;

pub(super) use event::Happened;
pub(super) use notices::Notices;

pub(crate) use configuration::{WebhookConfiguration, WebhookScope};
pub(crate) use hook::HookChange;
pub(crate) use notice::Notice;
pub(crate) use origin::Origin;
pub(crate) use scoped::ScopedWebhook;
