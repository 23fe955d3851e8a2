//! The parameters of statistics: a period, a task channel and thresholds.

use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use crate::twilio::parameters::Moment;
use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::model::{Event, Task};

/// "The default 15 minutes."
const MINUTES: u32 = 15;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Selection {
    start_date: Option<Moment>,
    end_date: Option<Moment>,
    minutes: Option<u32>,
    /// A task channel's SID or unique name. Only tasks of this channel are counted.
    task_channel: Option<String>,
    /// Thresholds in seconds, separated by commas.
    split_by_wait_time: Option<String>,
}

impl Selection {
    pub(super) fn admits(&self, task: &Task) -> bool {
        let channel = self.task_channel.as_ref();
        channel.is_none_or(|name| task.channel_sid == *name || task.channel == *name)
    }

    pub(super) fn period(&self, now: OffsetDateTime) -> Result<Period, Refusal> {
        let end = self.end_date.map_or(now, |Moment(end)| end);
        let length = Duration::minutes(self.minutes.unwrap_or(MINUTES).into());
        let thresholds = self.split_by_wait_time.as_ref().map(|list| {
            let thresholds = list.split(',').map(|threshold| threshold.trim().parse());
            let thresholds: Result<Vec<i64>, _> = thresholds.collect();
            thresholds.map_err(|_| Refusal::invalid("SplitByWaitTime is not a list of seconds"))
        });
        Ok(Period {
            start: self.start_date.map_or(end - length, |Moment(start)| start),
            end,
            channel: self.task_channel.clone(),
            thresholds: thresholds.transpose()?,
        })
    }
}

/// The events that count.
pub(super) struct Period {
    pub(super) start: OffsetDateTime,
    pub(super) end: OffsetDateTime,
    channel: Option<String>,
    pub(super) thresholds: Option<Vec<i64>>,
}

impl Period {
    pub(super) fn contains(&self, event: &Event) -> bool {
        self.start <= event.date && event.date <= self.end
    }

    pub(super) fn admits_channel(&self, event: &Event) -> bool {
        let own = ["TaskChannelSid", "TaskChannelUniqueName"].map(|name| event.field(name));
        let channel = self.channel.as_deref();
        channel.is_none_or(|channel| own.contains(&Some(channel)))
    }
}
