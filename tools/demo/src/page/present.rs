//! The present world behind the page, until another one takes its place.

use std::future::Future;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use http::StatusCode;
use simulator::lambda::functions::Binaries;
use tokio::sync::watch;

use super::problem::Problem;
use super::record::desk::Desk;

/// What all routes share. Clones are the same page.
#[derive(Clone)]
pub(crate) struct Page(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) binaries: Binaries,
    desk: RwLock<Arc<Desk>>,
    /// One at a time.
    resetting: tokio::sync::Mutex<()>,
    replaced: watch::Sender<()>,
    /// The state as JSON, as it was last told.
    pub(crate) state: watch::Sender<Arc<str>>,
}

impl Page {
    pub(crate) fn new(binaries: Binaries, desk: Arc<Desk>) -> Self {
        Self(Arc::new(Shared {
            binaries,
            desk: RwLock::new(desk),
            resetting: tokio::sync::Mutex::default(),
            replaced: watch::Sender::default(),
            state: watch::Sender::new(Arc::from("")),
        }))
    }

    pub(crate) fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.0.desk.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes whenever another world has taken the place of the present one.
    pub(crate) fn replaced(&self) -> watch::Receiver<()> {
        self.0.replaced.subscribe()
    }

    /// Puts another world in the place of the present one, and stops the old one. Starts `new` only if no other
    /// replacement is under way.
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
