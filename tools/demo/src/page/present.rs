//! The present world behind the page.

use std::future::Future;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use http::StatusCode;
use simulator::lambda::functions::Binaries;
use tokio::sync::watch;

use super::problem::Problem;
use super::record::desk::Desk;
use crate::play::script::Part;

/// The state of all routes. Clones share it.
#[derive(Clone)]
pub(crate) struct Page(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) binaries: Binaries,
    /// The task and the handoff in the visitor's files, with which each world begins.
    pub(crate) files: Option<Part>,
    desk: RwLock<Arc<Desk>>,
    /// Held during a replacement, so that only one is under way.
    resetting: tokio::sync::Mutex<()>,
    replaced: watch::Sender<()>,
    /// The state as JSON, as it was last sent.
    pub(crate) state: watch::Sender<Arc<str>>,
}

impl Page {
    pub(crate) fn new(binaries: Binaries, files: Option<Part>, desk: Arc<Desk>) -> Self {
        Self(Arc::new(Shared {
            binaries,
            files,
            desk: RwLock::new(desk),
            resetting: tokio::sync::Mutex::default(),
            replaced: watch::Sender::default(),
            state: watch::Sender::new(Arc::from("")),
        }))
    }

    pub(crate) fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.0.desk.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes when another world becomes the present one.
    pub(crate) fn replaced(&self) -> watch::Receiver<()> {
        self.0.replaced.subscribe()
    }

    /// Makes another world the present one, and stops the old one. Starts `new` only if no other replacement is under
    /// way.
    pub(crate) async fn replace_desk(
        &self,
        new: impl Future<Output = Result<Arc<Desk>, Problem>>,
    ) -> Result<(), Problem> {
        let _one = self.0.resetting.try_lock().map_err(|_| busy())?;
        let new = new.await?;
        let old = std::mem::replace(&mut *self.0.desk.write().unwrap_or_else(PoisonError::into_inner), new);
        self.0.replaced.send_replace(());
        old.stop().await;
        Ok(())
    }
}

impl Deref for Page {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

fn busy() -> Problem {
    Problem::new(StatusCode::CONFLICT, "It is already starting over.")
}
