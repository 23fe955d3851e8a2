//! One standard queue: what is on it, who may see it, and when it is given up.

use std::time::Duration;

use time::OffsetDateTime;

use crate::identity;

/// How a queue is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a message that was received stays hidden from the next receiver.
    pub visibility_timeout: Duration,
    /// A message that is older goes, read or not.
    pub retention: Duration,
    pub redrive: Option<Redrive>,
}

/// What becomes of a message that nobody deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// The name of the queue that it is moved to.
    pub dead_letter_queue: String,
    /// Once it was received so often and is visible again, the next receive moves it.
    pub max_receive_count: u32,
}

impl Default for Settings {
    /// SQS's own defaults.
    fn default() -> Self {
        Self {
            visibility_timeout: Duration::from_secs(30),
            retention: Duration::from_secs(4 * 24 * 60 * 60),
            redrive: None,
        }
    }
}

/// A message as it is on its queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: String,
    pub body: String,
    pub sent: OffsetDateTime,
    /// Hidden until then, by its delay or because somebody has received it.
    pub visible_from: OffsetDateTime,
    pub receive_count: u32,
    pub first_received: Option<OffsetDateTime>,
    /// Of the last receive: an older one is worth nothing any more.
    pub receipt_handle: Option<String>,
}

impl Message {
    /// Whether somebody has received it and may still delete it.
    pub fn is_in_flight(&self, now: OffsetDateTime) -> bool {
        self.receipt_handle.is_some() && self.visible_from > now
    }
}

/// A message that is visible again, or gone: its receiver has no say about it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotInFlight;

/// What whoever receives a message is given to name it by.
fn receipt(id: &str, receive_count: u32) -> String {
    format!("{id}#{receive_count}")
}

/// Whether it is such a name, of whatever message.
pub(super) fn is_receipt(text: &str) -> bool {
    let parts = text.split_once('#');
    parts.is_some_and(|(id, count)| id.len() == 36 && count.parse::<u32>().is_ok())
}

/// A queue. Every method is told the time.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) settings: Settings,
    /// In the order in which they were sent.
    messages: Vec<Message>,
}

impl Queue {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            messages: Vec::new(),
        }
    }

    pub(crate) fn messages(&self) -> &[Message] {
        &self.messages
    }

    pub(crate) fn send(&mut self, now: OffsetDateTime, body: String, delay: Duration) -> Message {
        let message = Message {
            id: identity::request_id(),
            body,
            sent: now,
            visible_from: now + delay,
            receive_count: 0,
            first_received: None,
            receipt_handle: None,
        };
        self.messages.push(message.clone());
        message
    }

    /// Takes over what another queue has given up. Its age counts on.
    pub(crate) fn bury(&mut self, dead: Vec<Message>, now: OffsetDateTime) {
        self.messages.extend(dead.into_iter().map(|message| Message {
            visible_from: now,
            receipt_handle: None,
            ..message
        }));
    }

    /// Hides visible messages, at most `limit`, and returns them. Those that were received too often are taken off the
    /// queue instead: see [`Received::dead`].
    pub(crate) fn receive(&mut self, now: OffsetDateTime, limit: usize, hidden_for: Option<Duration>) -> Received {
        let retention = self.settings.retention;
        self.messages.retain(|message| now - message.sent < retention);
        let most = self
            .settings
            .redrive
            .as_ref()
            .map_or(u32::MAX, |redrive| redrive.max_receive_count);
        let is_dead = |message: &mut Message| message.visible_from <= now && message.receive_count >= most;
        let dead = self.messages.extract_if(.., is_dead).collect();
        let hidden_for = hidden_for.unwrap_or(self.settings.visibility_timeout);
        let visible = self.messages.iter_mut().filter(|message| message.visible_from <= now);
        let messages = visible
            .take(limit)
            .map(|message| {
                message.visible_from = now + hidden_for;
                message.receive_count += 1;
                message.first_received.get_or_insert(now);
                message.receipt_handle = Some(receipt(&message.id, message.receive_count));
                message.clone()
            })
            .collect();
        Received { messages, dead }
    }

    /// How long it is until the next hidden message is visible.
    pub(crate) fn next_visible(&self, now: OffsetDateTime) -> Option<Duration> {
        let visible = self.messages.iter().map(|message| message.visible_from);
        let next = visible.filter(|visible| *visible > now).min()?;
        Duration::try_from(next - now).ok()
    }

    /// Deletes a message by the receipt of its last receive; any other one has no effect, as SQS warns that it may.
    pub(crate) fn delete(&mut self, receipt_handle: &str) {
        self.messages
            .retain(|message| message.receipt_handle.as_deref() != Some(receipt_handle));
    }

    /// Hides a message that is in flight for this long from now on.
    pub(crate) fn hide(
        &mut self,
        now: OffsetDateTime,
        receipt_handle: &str,
        hidden_for: Duration,
    ) -> Result<(), NotInFlight> {
        let is_it = |message: &&mut Message| {
            message.receipt_handle.as_deref() == Some(receipt_handle) && message.is_in_flight(now)
        };
        let message = self.messages.iter_mut().find(is_it).ok_or(NotInFlight)?;
        message.visible_from = now + hidden_for;
        Ok(())
    }

    /// How many are visible, in flight, and still delayed.
    pub(crate) fn counts(&self, now: OffsetDateTime) -> [usize; 3] {
        let in_flight = self.messages.iter().filter(|message| message.is_in_flight(now)).count();
        let hidden = self
            .messages
            .iter()
            .filter(|message| message.visible_from > now)
            .count();
        [self.messages.len() - hidden, in_flight, hidden - in_flight]
    }
}

/// What came of a receive.
pub(crate) struct Received {
    pub(crate) messages: Vec<Message>,
    /// What goes to the dead-letter queue.
    pub(crate) dead: Vec<Message>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn at(seconds: u64) -> OffsetDateTime {
        START + Duration::from_secs(seconds)
    }

    fn queue(max_receive_count: u32) -> Queue {
        Queue::new(Settings {
            redrive: Some(Redrive {
                dead_letter_queue: "dead".to_owned(),
                max_receive_count,
            }),
            ..Settings::default()
        })
    }

    /// The bodies of what is received, and of what is given up.
    fn receive(queue: &mut Queue, seconds: u64) -> (Vec<String>, Vec<String>) {
        let bodies = |messages: Vec<Message>| messages.into_iter().map(|message| message.body).collect();
        let received = queue.receive(at(seconds), 10, None);
        (bodies(received.messages), bodies(received.dead))
    }

    fn one(body: &str) -> Vec<String> {
        vec![body.to_owned()]
    }

    #[test]
    fn a_message_is_hidden_by_its_delay_and_then_by_whoever_received_it() {
        let mut queue = queue(9);
        queue.send(at(0), "a".to_owned(), Duration::from_secs(5));
        assert_eq!(queue.counts(at(4)), [0, 0, 1]);
        assert_eq!(queue.next_visible(at(4)), Some(Duration::from_secs(1)));
        assert_eq!(receive(&mut queue, 4), (vec![], vec![]));
        assert_eq!(receive(&mut queue, 5), (one("a"), vec![]));
        assert_eq!(queue.counts(at(34)), [0, 1, 0]);
        assert_eq!(receive(&mut queue, 34), (vec![], vec![]));
        assert_eq!(queue.counts(at(35)), [1, 0, 0]);
        assert_eq!(receive(&mut queue, 35), (one("a"), vec![]));
        assert_eq!(queue.messages()[0].receive_count, 2);
        assert_eq!(queue.messages()[0].first_received, Some(at(5)));
    }

    #[test]
    fn only_the_last_receipt_deletes() {
        let mut queue = queue(9);
        queue.send(at(0), "a".to_owned(), Duration::ZERO);
        let receipt =
            |queue: &mut Queue, seconds| queue.receive(at(seconds), 10, None).messages[0].receipt_handle.clone();
        let first = receipt(&mut queue, 0).unwrap();
        let second = receipt(&mut queue, 30).unwrap();
        queue.delete(&first);
        assert_eq!(queue.messages().len(), 1);
        queue.delete(&second);
        assert_eq!(queue.messages(), []);
    }

    #[test]
    fn a_receiver_says_how_long_a_message_stays_hidden_while_it_has_it() {
        let mut queue = queue(9);
        queue.send(at(0), "a".to_owned(), Duration::ZERO);
        let receipt = queue.receive(at(0), 10, None).messages[0]
            .receipt_handle
            .clone()
            .unwrap();
        assert_eq!(queue.hide(at(1), &receipt, Duration::from_secs(100)), Ok(()));
        assert_eq!(receive(&mut queue, 100), (vec![], vec![]));
        assert_eq!(queue.hide(at(100), &receipt, Duration::ZERO), Ok(()));
        assert_eq!(queue.hide(at(100), &receipt, Duration::ZERO), Err(NotInFlight));
        assert_eq!(receive(&mut queue, 100), (one("a"), vec![]));
    }

    #[test]
    fn a_message_that_was_received_often_enough_is_given_up_and_the_others_are_not() {
        let mut queue = queue(2);
        queue.send(at(0), "poison".to_owned(), Duration::ZERO);
        assert_eq!(receive(&mut queue, 0), (one("poison"), vec![]));
        assert_eq!(receive(&mut queue, 30), (one("poison"), vec![]));
        queue.send(at(60), "next".to_owned(), Duration::ZERO);
        assert_eq!(receive(&mut queue, 60), (one("next"), one("poison")));
        assert_eq!(queue.messages().len(), 1);
    }

    #[test]
    fn a_message_goes_when_it_is_too_old() {
        let mut queue = queue(9);
        queue.send(at(0), "a".to_owned(), Duration::ZERO);
        let four_days = 4 * 24 * 60 * 60;
        assert_eq!(receive(&mut queue, four_days), (vec![], vec![]));
        assert_eq!(queue.messages(), []);
    }
}
