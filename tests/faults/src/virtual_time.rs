//! A time that passes only when there is nothing else to do.

use std::cell::Cell;
use std::future::Future;

use time::OffsetDateTime;
use tokio::time::Instant;

thread_local! {
    static START: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// When every case starts, in milliseconds of Unix time: 2026-11-22T09:00:00.4Z. Not a whole second, since Twilio's
/// dates are.
const MORNING: i128 = 1_795_338_000_400;

/// The time of day, which goes with Tokio's paused time.
pub(crate) fn now() -> OffsetDateTime {
    let start = START.get().expect("this is asked within `run`");
    let morning = OffsetDateTime::from_unix_timestamp_nanos(MORNING * 1_000_000);
    morning.expect("a year of four digits") + start.elapsed()
}

/// Runs a case on this thread, the same one each time: the time starts at the same moment, and chance at the same seed.
pub(crate) fn run<T>(seed: u64, case: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O needs nothing of the system");
    fastrand::seed(seed);
    runtime.block_on(async {
        START.set(Some(Instant::now()));
        case.await
    })
}
