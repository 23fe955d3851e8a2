//! The functions of a host.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use super::concurrency::Concurrency;
use super::deployment::{Deployment, HostState};
use super::function::{Function, Trigger};
use super::process_group::ProcessGroup;
use super::record::Record;
use super::starts::Starts;
use crate::lock::lock;

/// The deployed functions by name.
pub(super) struct Registry {
    host_state: Arc<HostState>,
    deployments: Mutex<BTreeMap<String, Arc<Deployment>>>,
}

impl Registry {
    pub(super) fn start() -> io::Result<Self> {
        let host_state = HostState {
            group: ProcessGroup::start()?,
            record: Record::default(),
            concurrency: Arc::default(),
            starts: Starts::default(),
        };
        Ok(Self {
            host_state: Arc::new(host_state),
            deployments: Mutex::default(),
        })
    }

    /// The invocations of all functions.
    pub(super) fn record(&self) -> &Record {
        &self.host_state.record
    }

    pub(super) fn concurrency(&self) -> &Concurrency {
        &self.host_state.concurrency
    }

    pub(super) fn deploy(&self, function: Function) {
        self.host_state.concurrency.deploy(&function);
        let mut deployments = lock(&self.deployments);
        let name = function.name.clone();
        let deployment = match deployments.get(&name) {
            Some(replaced) => replaced.replaced_by(function),
            None => Deployment::new(function, Arc::clone(&self.host_state)),
        };
        deployments.insert(name, Arc::new(deployment));
    }

    pub(super) fn named(&self, name: &str) -> Option<Arc<Deployment>> {
        lock(&self.deployments).get(name).cloned()
    }

    pub(super) fn at_path(&self, path: &str) -> Option<Arc<Deployment>> {
        let trigger = Trigger::Http { path: path.to_owned() };
        lock(&self.deployments)
            .values()
            .find(|deployment| deployment.function().trigger == trigger)
            .cloned()
    }

    /// Removes every function and kills its processes.
    pub(super) fn remove_all(&self) -> Vec<Arc<Deployment>> {
        let removed: Vec<_> = std::mem::take(&mut *lock(&self.deployments)).into_values().collect();
        removed.iter().for_each(|deployment| deployment.remove());
        removed
    }

    /// Removes every function and waits until its processes are gone.
    pub(super) async fn stop(&self) {
        for deployment in self.remove_all() {
            deployment.emptied().await;
        }
    }
}
