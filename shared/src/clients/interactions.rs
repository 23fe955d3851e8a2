//! Flex's Interactions API.
//! <https://www.twilio.com/docs/flex/developer/conversations/interactions-api>

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::attributes::Attributes;
use crate::attributes::json::{JsonText, quote};
use crate::clients::pages::Pages;
use crate::invocation::Invocation;
use crate::twilio::sid::{
    InteractionChannelSid, InteractionSid, ParticipantSid, ReservationSid, TaskSid, WorkspaceSid,
};
use crate::upstream::Upstream;
use crate::upstream::answer::{Answer, CallError};
use crate::upstream::request::{Request, below};

/// Twilio's OpenAPI description names no maximum. Other Twilio lists allow 100.
const PAGE_SIZE: &str = "100";

pub struct Interactions {
    upstream: Upstream,
    interactions_url: Url,
    workspace: WorkspaceSid,
}

/// A channel of an interaction: a customer's conversation as Flex routes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    pub interaction: InteractionSid,
    pub channel: InteractionChannelSid,
}

impl Channel {
    /// The channel that a task belongs to. `None` if the task was made without an interaction.
    pub fn of(attributes: &Attributes<'_>) -> Option<Self> {
        Some(Self {
            interaction: InteractionSid::parse(&attributes.string("flexInteractionSid")?)?,
            channel: InteractionChannelSid::parse(&attributes.string("flexInteractionChannelSid")?)?,
        })
    }
}

/// An invite to a channel, and the task that the invite made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    pub task: TaskSid,
    /// The JSON text of the task's attributes when the task was made.
    pub attributes: Option<String>,
}

/// The routing of an invite. No field names a worker or a queue: a task that is addressed to a worker is canceled when
/// that worker rejects the task.
#[derive(Debug, Clone, Copy)]
pub struct InviteRouting<'r> {
    pub workflow_sid: &'r str,
    pub task_channel: &'r str,
    pub priority: i64,
    /// The text of a JSON object with the new task's attributes. Sent unchanged.
    pub attributes: &'r str,
}

impl InviteRouting<'_> {
    fn to_json(self, workspace: &WorkspaceSid) -> String {
        let Self {
            priority, attributes, ..
        } = self;
        let [workspace, workflow, task_channel] = [workspace.as_str(), self.workflow_sid, self.task_channel].map(quote);
        format!(
            r#"{{"properties":{{"workspace_sid":{workspace},"workflow_sid":{workflow},"task_channel_unique_name":{task_channel},"priority":{priority},"attributes":{attributes}}}}}"#
        )
    }
}

impl Interactions {
    pub fn new(upstream: Upstream, base_url: &Url, workspace: WorkspaceSid) -> Self {
        Self {
            upstream,
            interactions_url: below(base_url, ["v1", "Interactions"]),
            workspace,
        }
    }

    /// Finds the participant who joined the channel with a reservation. `None` if no page lists the reservation.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn participant_of(
        &self,
        invocation: &Invocation,
        channel: &Channel,
        reservation: &ReservationSid,
    ) -> Result<Option<ParticipantSid>, CallError> {
        let url = self.url(channel, &["Participants"]);
        let mut pages = Pages::new("list participants", url, "participants", &[("PageSize", PAGE_SIZE)]);
        while let Some(page) = pages.next::<ChannelParticipant>(&self.upstream, invocation).await? {
            let found = page
                .into_iter()
                .find(|participant| participant.joined_with(reservation));
            if let Some(participant) = found {
                return Ok(participant.sid);
            }
        }
        Ok(None)
    }

    /// Lists the channel's invites that made a task.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn invites(&self, invocation: &Invocation, channel: &Channel) -> Result<Vec<Invite>, CallError> {
        let url = self.url(channel, &["Invites"]);
        let pages = Pages::new("list invites", url, "invites", &[("PageSize", PAGE_SIZE)]);
        let invites: Vec<InviteResource> = pages.rest(&self.upstream, invocation).await?;
        Ok(invites.into_iter().filter_map(InviteResource::into_invite).collect())
    }

    /// Makes an invite and thereby a task. Not retried, since invites have no idempotency key.
    ///
    /// # Errors
    /// As [`Upstream::call_once`]. An answer that names no task counts as unreadable, since the task may have been
    /// made.
    pub async fn create_invite(
        &self,
        invocation: &Invocation,
        channel: &Channel,
        routing: InviteRouting<'_>,
    ) -> Result<Invite, CallError> {
        let form = vec![("Routing", routing.to_json(&self.workspace))];
        let request = Request::post("create invite", self.url(channel, &["Invites"]), None, form);
        let answer: Answer = self.upstream.call_once(invocation, &request).await?;
        let invite = answer.json().and_then(InviteResource::into_invite);
        invite.ok_or(CallError::UNREADABLE)
    }

    /// Closes a participant. The agent leaves the conversation and Flex completes the agent's task. Not retried.
    ///
    /// # Errors
    /// As [`Upstream::call_once`].
    pub async fn close_participant(
        &self,
        invocation: &Invocation,
        channel: &Channel,
        participant: &ParticipantSid,
    ) -> Result<(), CallError> {
        let url = self.url(channel, &["Participants", participant.as_str()]);
        let form = vec![("Status", "closed".to_owned())];
        let request = Request::post("close participant", url, None, form);
        self.upstream.call_once(invocation, &request).await.map(drop)
    }

    /// Writes fields of a channel. Not retried. The caller names the fields: only `auto-close` contains the fields that
    /// close a channel.
    ///
    /// # Errors
    /// As [`Upstream::call_once`].
    pub async fn write_channel(
        &self,
        invocation: &Invocation,
        step: &'static str,
        channel: &Channel,
        form: Vec<(&'static str, String)>,
    ) -> Result<(), CallError> {
        let request = Request::post(step, self.url(channel, &[]), None, form);
        self.upstream.call_once(invocation, &request).await.map(drop)
    }

    /// The URL of a channel or of a resource below.
    fn url(&self, channel: &Channel, segments: &[&str]) -> Url {
        let of_channel = [channel.interaction.as_str(), "Channels", channel.channel.as_str()];
        below(&self.interactions_url, of_channel.iter().chain(segments).copied())
    }
}

#[derive(Deserialize)]
struct ChannelParticipant {
    sid: Option<ParticipantSid>,
    routing_properties: Option<JsonText>,
}

impl ChannelParticipant {
    fn joined_with(&self, reservation: &ReservationSid) -> bool {
        #[derive(Deserialize)]
        struct RoutingProperties {
            reservation_sid: Option<String>,
        }
        let properties = read::<RoutingProperties>(self.routing_properties.as_ref());
        let sid = properties.and_then(|properties| properties.reservation_sid);
        sid.as_deref() == Some(reservation.as_str())
    }
}

#[derive(Deserialize)]
struct InviteResource {
    routing: Option<JsonText>,
}

impl InviteResource {
    fn into_invite(self) -> Option<Invite> {
        #[derive(Deserialize)]
        struct Routing {
            properties: Properties,
        }
        #[derive(Deserialize)]
        struct Properties {
            sid: TaskSid,
            attributes: Option<JsonText>,
        }
        let Properties { sid, attributes } = read::<Routing>(self.routing.as_ref())?.properties;
        Some(Invite {
            task: sid,
            attributes: attributes.map(|text| text.0),
        })
    }
}

/// Reads a member that has no schema in Twilio's description. The value is an object or a JSON text.
fn read<T: DeserializeOwned>(json: Option<&JsonText>) -> Option<T> {
    serde_json::from_str(&json?.0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invite_routing_keeps_the_attributes_bytes() {
        let routing = InviteRouting {
            workflow_sid: "WW00000000000000000000000000000001",
            task_channel: "chat",
            priority: -3,
            attributes: r#"{ "n":1.10,"s":"\u0041\ud800" }"#,
        };
        let workspace = WorkspaceSid::parse("WS00000000000000000000000000000001").unwrap();
        let expected = r#"{"properties":{"workspace_sid":"WS00000000000000000000000000000001","workflow_sid":"WW00000000000000000000000000000001","task_channel_unique_name":"chat","priority":-3,"attributes":{ "n":1.10,"s":"\u0041\ud800" }}}"#;
        assert_eq!(routing.to_json(&workspace), expected);
    }

    #[test]
    fn channel_of_a_task_needs_both_sids() {
        let (interaction, channel) = (format!("KD{:032}", 1), format!("UO{:032}", 2));
        let both = format!(r#"{{"flexInteractionSid":"{interaction}","flexInteractionChannelSid":"{channel}"}}"#);
        let expected = Channel {
            interaction: InteractionSid::parse(&interaction).unwrap(),
            channel: InteractionChannelSid::parse(&channel).unwrap(),
        };
        assert_eq!(Channel::of(&Attributes::parse(&both).unwrap()), Some(expected));
        for text in [
            "{}".to_owned(),
            both.replace("flexInteractionSid", "x"),
            both.replace("UO", "CH"),
        ] {
            assert_eq!(Channel::of(&Attributes::parse(&text).unwrap()), None, "{text}");
        }
    }

    #[test]
    fn invite_names_its_task_and_attributes() {
        let task = format!("WT{:032}", 1);
        let invite = |json: String| serde_json::from_str::<InviteResource>(&json).unwrap().into_invite();
        let expected = Invite {
            task: TaskSid::parse(&task).unwrap(),
            attributes: Some(r#"{"a":1.10}"#.to_owned()),
        };
        let whole = format!(r#"{{"routing":{{"properties":{{"sid":"{task}","attributes":"{{\"a\":1.10}}"}}}}}}"#);
        assert_eq!(invite(whole), Some(expected));
        for json in [
            r#"{"routing":null}"#,
            r#"{"routing":{"properties":{}}}"#,
            r#"{"routing":{"properties":{"sid":"WT1"}}}"#,
            "{}",
        ] {
            assert_eq!(invite(json.to_owned()), None, "{json}");
        }
    }

    #[test]
    fn participant_is_known_by_its_reservation() {
        let reservation = ReservationSid::parse(&format!("WR{:032}", 1)).unwrap();
        let joined = |json: &str| {
            serde_json::from_str::<ChannelParticipant>(json)
                .unwrap()
                .joined_with(&reservation)
        };
        assert!(joined(&format!(
            r#"{{"routing_properties":{{"reservation_sid":"{reservation}"}}}}"#
        )));
        for json in [
            r#"{"routing_properties":null}"#,
            r#"{"routing_properties":{"reservation_sid":"WR00000000000000000000000000000002"}}"#,
            r#"{"routing_properties":[]}"#,
            "{}",
        ] {
            assert!(!joined(json), "{json}");
        }
    }
}
