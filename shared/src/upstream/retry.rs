//! Retries: exponential back-off with full jitter, within the invocation's remaining time.
//! <https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/>

use std::time::Duration;

use crate::invocation::{Invocation, OutOfTime};
use crate::upstream::answer::Unavailable;

/// The upper bounds of the pauses between tries. Each bound is twice the bound before.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub first: Duration,
    pub longest: Duration,
}

/// The pauses between requests for the same work, unless an upstream asks for a longer pause.
const REQUESTS: Bounds = Bounds {
    first: Duration::from_millis(100),
    longest: Duration::from_secs(2),
};

impl Bounds {
    /// A pause with full jitter, after this many earlier pauses.
    pub fn pause(self, earlier: u32) -> Duration {
        jitter(self.bound(earlier))
    }

    /// The upper bound of a pause, after this many earlier pauses.
    pub fn bound(self, earlier: u32) -> Duration {
        self.first.saturating_mul(1 << earlier.min(16)).min(self.longest)
    }
}

/// How often a request is sent again after an unreadable answer.
const MAX_UNREADABLE: u32 = 2;

/// How often a conditional write is decided and sent again after a 412.
pub const MAX_WRITES: u32 = 10;

/// How long an unavailable upstream is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retries {
    /// As long as the invocation has time.
    UntilDeadline,
    /// Only one more try. The work is on a queue or will be sent to a queue.
    One,
}

/// The pauses between the tries of one piece of work.
#[derive(Debug)]
pub struct Backoff {
    retries: Retries,
    pauses: u32,
    unreadable: u32,
}

/// No further try is made. The retries are used up, or no time is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GiveUp;

impl From<OutOfTime> for GiveUp {
    fn from(_: OutOfTime) -> Self {
        Self
    }
}

impl Backoff {
    pub fn new(retries: Retries) -> Self {
        Self {
            retries,
            pauses: 0,
            unreadable: 0,
        }
    }

    /// Waits before the next try, at least as long as the upstream asked.
    ///
    /// # Errors
    /// At once, if no further try is made.
    pub async fn pause(&mut self, invocation: &Invocation, reason: &Unavailable) -> Result<(), GiveUp> {
        self.unreadable += u32::from(reason.unreadable);
        let is_used_up = match self.retries {
            Retries::One => self.pauses == 1,
            Retries::UntilDeadline => self.unreadable > MAX_UNREADABLE,
        };
        if is_used_up {
            return Err(GiveUp);
        }
        let jittered = REQUESTS.pause(self.pauses);
        self.pauses += 1;
        let pause = jittered.max(reason.retry_after.unwrap_or_default());
        Ok(invocation.pause(pause).await?)
    }
}

/// A random part of a duration.
pub fn jitter(longest: Duration) -> Duration {
    longest.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_double_up_to_the_longest() {
        let bounds = [0, 1, 2, 3, 4, 5, 99].map(|earlier| REQUESTS.bound(earlier).as_millis());
        assert_eq!(bounds, [100, 200, 400, 800, 1600, 2000, 2000]);
    }

    #[test]
    fn pause_is_a_random_part_of_its_bound() {
        for _ in 0..1_000 {
            let pause = REQUESTS.pause(2);
            assert!(pause < Duration::from_millis(400), "{pause:?}");
        }
    }
}
