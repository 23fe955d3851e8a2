//! Asynchronous invocations: accepted at once, run later and retried twice.
//!
//! A throttled invocation waits for its turn without using up a retry. Lambda keeps such an invocation for up to six
//! hours.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use super::deployment::Deployment;
use super::function::Invocation;
use crate::lock::lock;

/// The delays before the first and second retry. Lambda's delays of one and two minutes would slow down every test.
const RETRY_DELAYS: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(10)];

/// An asynchronous invocation that failed every time, with the fields sent to an on-failure destination.
#[derive(Clone, Debug)]
pub struct FailedEvent {
    pub function: String,
    /// The same id for every attempt.
    pub request_id: String,
    pub attempts: usize,
    pub request_payload: Vec<u8>,
    /// The last attempt's error.
    pub response_payload: Vec<u8>,
}

#[derive(Default)]
pub(super) struct EventQueue {
    /// The number of events that have neither succeeded nor used up their retries.
    under_way: watch::Sender<usize>,
    failed: Mutex<Vec<FailedEvent>>,
}

impl EventQueue {
    pub(super) async fn settled(&self) {
        let mut under_way = self.under_way.subscribe();
        under_way
            .wait_for(|events| *events == 0)
            .await
            .expect("the sender is in self");
    }

    pub(super) fn failed(&self) -> Vec<FailedEvent> {
        lock(&self.failed).clone()
    }

    pub(super) fn push(self: &Arc<Self>, deployment: Arc<Deployment>, request_id: String, payload: Vec<u8>) {
        self.under_way.send_modify(|events| *events += 1);
        let queue = Arc::clone(self);
        tokio::spawn(async move {
            queue.run(deployment, request_id, payload).await;
            queue.under_way.send_modify(|events| *events -= 1);
        });
    }

    async fn run(&self, deployment: Arc<Deployment>, request_id: String, payload: Vec<u8>) {
        let invoke = async || {
            let permit = deployment.permit().await;
            let invocation = Arc::clone(&deployment).invoke(permit, request_id.clone(), payload.clone());
            invocation.await
        };
        let mut invocation: Invocation = invoke().await;
        for delay in RETRY_DELAYS {
            if invocation.function_error.is_none() {
                return;
            }
            tokio::time::sleep(delay).await;
            invocation = invoke().await;
        }
        if invocation.function_error.is_some() {
            lock(&self.failed).push(FailedEvent {
                function: deployment.function().name.clone(),
                request_id,
                attempts: 1 + RETRY_DELAYS.len(),
                request_payload: payload,
                response_payload: invocation.payload,
            });
        }
    }
}
