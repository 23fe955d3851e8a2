//! Virtual time, which passes only if nothing else can happen.

use std::cell::Cell;
use std::future::Future;

use time::OffsetDateTime;
use tokio::time::Instant;

thread_local! {
    static START: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The start of every case in milliseconds of Unix time: 2026-11-22T09:00:00.4Z. The start has a fraction of a
/// second, since Twilio's dates have none.
const MORNING: i128 = 1_795_338_000_400;

/// The time of day according to Tokio's paused clock.
pub(crate) fn now() -> OffsetDateTime {
    let start = START.get().expect("this is asked within `run`");
    let morning = OffsetDateTime::from_unix_timestamp_nanos(MORNING * 1_000_000);
    morning.expect("a year of four digits") + start.elapsed()
}

/// Runs a case on this thread in a reproducible way. The clock and the random numbers always start alike.
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
