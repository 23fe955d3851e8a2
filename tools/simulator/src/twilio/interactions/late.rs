//! Changes that Flex has answered with 200 and applies later.

use super::channel::ChannelUpdate;
use super::participant::ParticipantUpdate;

/// "A `200` means that the request was accepted": the work is asynchronous.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Channel {
        interaction_sid: String,
        sid: String,
        update: ChannelUpdate,
    },
    Participant {
        interaction_sid: String,
        channel_sid: String,
        sid: String,
        update: ParticipantUpdate,
    },
    Join {
        task_sid: String,
        reservation_sid: String,
    },
}

/// The waiting changes, each with the number of requests until its turn.
#[derive(Debug, Default)]
pub(crate) struct Late(Vec<(usize, Change)>);

impl Late {
    /// Applies a change after this many further requests.
    pub(super) fn push(&mut self, requests: usize, change: Change) {
        self.0.push((requests, change));
    }

    /// Counts another request. Takes out the changes whose turn has come.
    pub(crate) fn tick(&mut self) -> Vec<Change> {
        for (requests, _) in &mut self.0 {
            *requests = requests.saturating_sub(1);
        }
        let waiting = std::mem::take(&mut self.0);
        let (due, waiting) = waiting.into_iter().partition(|(requests, _)| *requests == 0);
        self.0 = waiting;
        due.into_iter().map(|(_, change): (usize, Change)| change).collect()
    }
}
