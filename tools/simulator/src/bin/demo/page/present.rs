//! The present world behind the page, until another one takes its place.

use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use http::StatusCode;
use simulator::lambda::functions::Binaries;
use tokio::sync::watch;

use super::desk::Desk;
use super::problem::Problem;
use super::{customers, live};

/// What all routes share. Clones are the same page.
#[derive(Clone)]
pub(crate) struct Page(Arc<Shared>);

pub(crate) struct Shared {
    binaries: Binaries,
    desk: RwLock<Arc<Desk>>,
    /// One at a time.
    resetting: tokio::sync::Mutex<()>,
    replaced: watch::Sender<()>,
    /// The state as JSON, as it was last told.
    pub(crate) state: watch::Sender<Arc<str>>,
}

impl Page {
    /// A page with a world in which one customer has just written, and which tells of every change.
    pub(crate) async fn open(binaries: Binaries) -> Result<Self, Problem> {
        let desk = first_desk(&binaries).await?;
        let page = Self(Arc::new(Shared {
            binaries,
            desk: RwLock::new(desk),
            resetting: tokio::sync::Mutex::default(),
            replaced: watch::Sender::default(),
            state: watch::Sender::new(Arc::from("")),
        }));
        tokio::spawn(live::tell(page.clone()));
        Ok(page)
    }

    pub(crate) fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.0.desk.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes whenever another world has taken the place of the present one.
    pub(crate) fn replaced(&self) -> watch::Receiver<()> {
        self.0.replaced.subscribe()
    }

    /// Starts over.
    pub(crate) async fn reset(&self) -> Result<(), Problem> {
        let _one = self.0.resetting.try_lock().map_err(|_| busy())?;
        let new = first_desk(&self.0.binaries).await?;
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

async fn first_desk(binaries: &Binaries) -> Result<Arc<Desk>, Problem> {
    let desk = Arc::new(Desk::start(binaries.clone()).await?);
    customers::arrive(&desk, "Ana").await?;
    Ok(desk)
}

fn busy() -> Problem {
    Problem::new(StatusCode::CONFLICT, "It is already starting over.")
}
