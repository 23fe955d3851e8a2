//! Starting again with a new world.

use axum::extract::State;
use http::StatusCode;
use tokio::sync::{mpsc, oneshot};

use super::{Control, Refused};

/// Asks the program for a new world. Clones ask the same program.
#[derive(Clone, Debug)]
pub struct Resets(mpsc::Sender<Reset>);

/// A caller who waits for a new world.
#[derive(Debug)]
pub struct Reset(oneshot::Sender<()>);

impl Reset {
    /// The new world is there.
    pub fn done(self) {
        // A caller who has left doesn't mind.
        let _ = self.0.send(());
    }
}

/// Requests for a new world, and where the program finds them.
pub fn resets() -> (Resets, mpsc::Receiver<Reset>) {
    let (sender, receiver) = mpsc::channel(1);
    (Resets(sender), receiver)
}

pub(super) async fn reset(State(control): State<Control>) -> Result<StatusCode, Refused> {
    let impossible = || Refused("this program can't start its world again".to_owned());
    let Resets(resets) = control.resets.ok_or_else(impossible)?;
    let (done, waiting) = oneshot::channel();
    resets.send(Reset(done)).await.map_err(|_| impossible())?;
    waiting.await.map_err(|_| impossible())?;
    Ok(StatusCode::NO_CONTENT)
}
