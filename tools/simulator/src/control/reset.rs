//! Starting again with a new world.

use axum::extract::State;
use http::StatusCode;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Control, Refused};

/// Asks the program for a new world. Clones ask the same program.
#[derive(Clone, Debug)]
pub struct Resets {
    requests: mpsc::Sender<Reset>,
    /// Changes with each new world.
    replaced: watch::Sender<()>,
}

/// A caller who waits for a new world.
#[derive(Debug)]
pub struct Reset {
    waiting: oneshot::Sender<()>,
    replaced: watch::Sender<()>,
}

impl Resets {
    /// Waits until there is a new world.
    pub(super) async fn replaced(&self) {
        // The sender is in self.
        let _ = self.replaced.subscribe().changed().await;
    }
}

impl Reset {
    /// The new world is there.
    pub fn done(self) {
        self.replaced.send_replace(());
        // A caller who has left doesn't mind.
        let _ = self.waiting.send(());
    }
}

/// Requests for a new world, and where the program finds them.
pub fn resets() -> (Resets, mpsc::Receiver<Reset>) {
    let (requests, receiver) = mpsc::channel(1);
    let replaced = watch::Sender::default();
    (Resets { requests, replaced }, receiver)
}

pub(super) async fn reset(State(control): State<Control>) -> Result<StatusCode, Refused> {
    let impossible = || Refused("this program can't start its world again".to_owned());
    let Resets { requests, replaced } = control.resets.ok_or_else(impossible)?;
    let (waiting, done) = oneshot::channel();
    let reset = Reset { waiting, replaced };
    requests.send(reset).await.map_err(|_| impossible())?;
    done.await.map_err(|_| impossible())?;
    Ok(StatusCode::NO_CONTENT)
}
