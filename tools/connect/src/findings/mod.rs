//! The findings about an account as pure functions of the snapshot.

mod access;
mod events;
mod filters;
mod queues;
mod session;
mod workers;
mod workflows;

pub(crate) use events::{leads_to, unsent};
use serde::{Serialize, Serializer};

use crate::account::{Account, Refusal};
use crate::options::{HandoffNote, Options};
use crate::routing::Desk;
use crate::session_probe::ProbeResult;

/// A problem to fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) id: Id,
    pub(crate) severity: Severity,
    /// The mistake and its consequence.
    pub(crate) message: String,
    /// The remedy.
    pub(crate) fix: String,
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Severity {
    Error,
    Warning,
}

macro_rules! ids {
    ($($id:ident = $name:literal $severity:ident,)*) => {
        /// The kinds of findings, with the names for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Id { $($id,)* }

        impl Id {
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$id => $name,)* }
            }

            fn severity(self) -> Severity {
                match self { $(Self::$id => Severity::$severity,)* }
            }
        }
    };
}

ids! {
    Credentials = "credentials" Error,
    Workspace = "workspace" Error,
    Permission = "permission" Error,
    CallbackMissing = "callback-missing" Error,
    CallbackForeign = "callback-foreign" Error,
    CallbackOverrides = "callback-overrides" Error,
    EventsFilter = "events-filter" Error,
    WorkerMissing = "worker-missing" Error,
    WorkerUnavailable = "worker-unavailable" Error,
    WorkerCapacity = "worker-capacity" Warning,
    TimeoutActivity = "timeout-activity" Warning,
    WorkflowUnreadable = "workflow-unreadable" Error,
    FilterMissing = "filter-missing" Error,
    FilterOrder = "filter-order" Error,
    FilterType = "filter-type" Error,
    FilterQueue = "filter-queue" Error,
    FilterUnreachable = "filter-unreachable" Warning,
    NoDefault = "no-default" Warning,
    QueueMixed = "queue-mixed" Error,
    ReservationTimeout = "reservation-timeout" Warning,
    SessionRefused = "session-refused" Error,
    SessionNotStored = "session-not-stored" Error,
    NoteVisible = "note-visible" Warning,
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Finding {
    pub(crate) fn new(id: Id, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            id,
            severity: id.severity(),
            message: message.into(),
            fix: fix.into(),
            place: None,
        }
    }

    pub(crate) fn at(self, place: impl Into<String>) -> Self {
        Self {
            place: Some(place.into()),
            ..self
        }
    }
}

/// The finding for an account that can't be read at all.
pub(crate) fn of_refusal(refusal: Refusal, options: &Options) -> Finding {
    access::of_refusal(refusal, options)
}

/// All findings. Errors come first.
pub(crate) fn of_account(account: &Account, options: &Options, probe: Option<&ProbeResult>) -> Vec<Finding> {
    let desk = Desk::new(account, &options.target.ai_workers, &options.session.id_attribute);
    let mut findings = access::permissions(account);
    findings.extend(events::findings(account, options));
    findings.extend(workers::findings(account, options));
    findings.extend(workflows::findings(account, options, desk.as_ref()));
    findings.extend(desk.iter().flat_map(|desk| queues::findings(account, desk)));
    findings.extend(probe.and_then(session::finding));
    findings.extend((options.functions.note != HandoffNote::Never).then(note_visible));
    findings.sort_by_key(|finding| finding.severity);
    findings
}

fn note_visible() -> Finding {
    Finding::new(
        Id::NoteVisible,
        "handoff posts a note for your human agents into the conversation, and Twilio has no messages that only agents \
         can read. A stock web chat shows the customer every message, so the customer reads the note: the AI's summary, \
         the reason and the sentiment.",
        "Let your web chat leave out messages whose attributes have a member called handoff (docs/connect.md has the \
         code), or deploy with HandoffNote=never. Then tell check so, with --handoff-note never.",
    )
}
