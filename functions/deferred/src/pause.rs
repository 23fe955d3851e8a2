//! When a message that failed is tried again.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(30);

/// The session is no longer behind than this once its upstreams are back. 40 receives, as `template.yaml` has it, last for
/// six and a half hours on average, and for four at least.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// How long to leave a message that was received so often: twice as long each time, and between half of it and the whole,
/// so that what failed together is not tried again at one moment.
pub(crate) fn pause(receives: u32) -> Duration {
    longest_pause(receives).mul_f64(0.5 + fastrand::f64() / 2.0)
}

fn longest_pause(receives: u32) -> Duration {
    FIRST
        .saturating_mul(1 << receives.saturating_sub(1).min(16))
        .min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_quarter_of_an_hour() {
        let seconds = [0, 1, 2, 3, 4, 5, 6, 7, u32::MAX].map(|receives| longest_pause(receives).as_secs());
        assert_eq!(seconds, [30, 30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn a_pause_is_at_least_half_of_the_longest() {
        for _ in 0..1_000 {
            let pause = pause(2).as_secs_f64();
            assert!((30.0..60.0).contains(&pause), "{pause}");
        }
    }

    #[test]
    fn forty_receives_last_for_hours() {
        let pauses: Duration = (1..40).map(longest_pause).sum();
        assert_eq!(pauses.as_secs() / 60, 525);
    }
}
