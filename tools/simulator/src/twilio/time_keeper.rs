//! Runs the timers of TaskRouter and Conversations without requests.

use std::future;
use std::sync::Weak;
use std::time::Duration;

use super::account::{Account, Twilio};
use crate::clock::Clock;

/// Runs until the account is gone.
pub(super) async fn keep_time(account: Weak<Account>, clock: Clock) {
    let Some(twilio) = account.upgrade().map(Twilio) else {
        return;
    };
    let (mut changes, mut moves) = (twilio.changed(), clock.moves());
    drop(twilio);
    loop {
        let Some(twilio) = account.upgrade().map(Twilio) else {
            return;
        };
        let due = twilio.next_due();
        drop(twilio);
        let wait = async {
            match due {
                Some(due) => tokio::time::sleep(Duration::try_from(due - clock.now()).unwrap_or_default()).await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            () = wait => {}
            changed = changes.changed() => if changed.is_err() {
                return;
            },
            _ = moves.changed() => {}
        }
    }
}
