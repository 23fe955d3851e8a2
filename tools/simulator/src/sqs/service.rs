//! The queues of an account.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use crate::clock::Clock;
use crate::identity::{ACCOUNT_ID, REGION};
use crate::lock::lock;

use super::queue::{Message, NotInFlight, Queue, Received, Settings};

/// The maximum number of messages in a receive.
pub const MAX_RECEIVED: usize = 10;

/// The queues of an account. Clones share them.
#[derive(Clone)]
pub struct Sqs(Arc<Service>);

struct Service {
    clock: Clock,
    queues: Mutex<BTreeMap<String, Queue>>,
    changed: watch::Sender<()>,
}

/// A queue's URL, the same at any endpoint.
pub fn queue_url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{name}")
}

pub fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}")
}

impl Sqs {
    /// An account without queues.
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Service {
            clock,
            queues: Mutex::default(),
            changed: watch::Sender::default(),
        }))
    }

    /// Creates an empty queue, replacing an existing queue with the same name.
    pub fn create_queue(&self, name: &str, settings: Settings) {
        lock(&self.0.queues).insert(name.to_owned(), Queue::new(settings));
        self.tell();
    }

    /// All messages of a queue in the order of sending, visible or not.
    ///
    /// # Panics
    ///
    /// If there is no such queue.
    pub fn messages(&self, queue: &str) -> Vec<Message> {
        self.with(queue, |queue, _| queue.messages().to_vec())
            .expect("the queue was created")
    }

    /// Changes whenever a message is sent, received or deleted.
    pub fn changed(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }

    /// Sends a message as another program would.
    ///
    /// # Panics
    /// If there is no such queue.
    pub fn send(&self, queue: &str, body: &str) -> Message {
        self.put(queue, body.to_owned(), Duration::ZERO)
            .expect("the queue was created")
    }

    /// Waits until a queue's messages satisfy `is_it`, then returns the messages. `None` after `limit`.
    ///
    /// # Panics
    /// If there is no such queue.
    pub async fn wait_for(
        &self,
        queue: &str,
        is_it: impl Fn(&[Message]) -> bool,
        limit: Duration,
    ) -> Option<Vec<Message>> {
        let mut changed = self.0.changed.subscribe();
        let found = async {
            loop {
                let messages = self.messages(queue);
                if is_it(&messages) || changed.changed().await.is_err() {
                    return messages;
                }
            }
        };
        timeout(limit, found).await.ok()
    }

    /// Sends a message. Returns `None` if the queue doesn't exist, like the methods below.
    pub(crate) fn put(&self, queue: &str, body: String, delay: Duration) -> Option<Message> {
        let sent = self.with(queue, |queue, now| queue.send(now, body, delay));
        self.tell();
        sent
    }

    /// Receives visible messages.
    pub(crate) fn receive(&self, name: &str, limit: usize, hidden_for: Option<Duration>) -> Option<Vec<Message>> {
        let now = self.0.clock.now();
        let mut queues = lock(&self.0.queues);
        let queue = queues.get_mut(name)?;
        let Received { messages, dead } = queue.receive(now, limit, hidden_for);
        let redrive = queue.settings.redrive.clone();
        let has_changed = !(messages.is_empty() && dead.is_empty());
        if let Some(dead_letters) = redrive.and_then(|redrive| queues.get_mut(&redrive.dead_letter_queue)) {
            dead_letters.add_dead(dead, now);
        }
        drop(queues);
        if has_changed {
            self.tell();
        }
        Some(messages)
    }

    /// Receives messages. Waits up to `wait` for the first message.
    pub(crate) async fn receive_within(
        &self,
        name: &str,
        limit: usize,
        hidden_for: Option<Duration>,
        wait: Duration,
    ) -> Option<Vec<Message>> {
        let deadline = Instant::now() + wait;
        let mut changes = self.0.changed.subscribe();
        let mut moves = self.0.clock.moves();
        loop {
            changes.mark_unchanged();
            moves.mark_unchanged();
            let received = self.receive(name, limit, hidden_for)?;
            if !received.is_empty() || Instant::now() >= deadline {
                return Some(received);
            }
            let next = self.with(name, |queue, now| queue.next_visible(now))?;
            let look_again = next.map_or(deadline, |next| deadline.min(Instant::now() + next));
            tokio::select! {
                _ = changes.changed() => {}
                _ = moves.changed() => {}
                () = sleep_until(look_again) => {}
            }
        }
    }

    /// Deletes a received message.
    pub(crate) fn delete(&self, queue: &str, receipt_handle: &str) -> Option<()> {
        let deleted = self.with(queue, |queue, _| queue.delete(receipt_handle));
        self.tell();
        deleted
    }

    /// The time for which all these messages are still hidden.
    pub(crate) fn hidden_for(&self, messages: &[Message]) -> Duration {
        let visible = messages.iter().map(|message| message.visible_from).min();
        let hidden_for = visible.map(|visible| visible - self.0.clock.now());
        hidden_for.and_then(|time| time.try_into().ok()).unwrap_or_default()
    }

    /// Changes the visibility timeout of a received message. The timeout counts from now.
    pub(super) fn change_visibility(
        &self,
        queue: &str,
        receipt_handle: &str,
        hidden_for: Duration,
    ) -> Option<Result<(), NotInFlight>> {
        let hidden = self.with(queue, |queue, now| {
            queue.change_visibility(now, receipt_handle, hidden_for)
        });
        self.tell();
        hidden
    }

    pub(super) fn with<T>(&self, queue: &str, use_it: impl FnOnce(&mut Queue, OffsetDateTime) -> T) -> Option<T> {
        let now = self.0.clock.now();
        lock(&self.0.queues).get_mut(queue).map(|queue| use_it(queue, now))
    }

    /// Wakes all waiting receivers.
    fn tell(&self) {
        self.0.changed.send_replace(());
    }
}
