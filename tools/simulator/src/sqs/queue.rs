//! A standard queue: its messages, their visibility and their move to the dead-letter queue.

use std::time::Duration;

use time::OffsetDateTime;

use crate::identity;

/// The attributes of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The time for which a received message is hidden from other receivers.
    pub visibility_timeout: Duration,
    /// The age at which a message is deleted, whether received or not.
    pub retention: Duration,
    pub redrive: Option<Redrive>,
}

/// The redrive policy for messages that are never deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    pub dead_letter_queue: String,
    /// After this number of receives, the next receive moves a visible message to the dead-letter queue.
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

/// A message on its queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: String,
    pub body: String,
    pub sent: OffsetDateTime,
    /// The end of the message's delay or visibility timeout.
    pub visible_from: OffsetDateTime,
    pub receive_count: u32,
    pub first_received: Option<OffsetDateTime>,
    /// The receipt handle of the last receive. Older handles have no effect.
    pub receipt_handle: Option<String>,
}

impl Message {
    /// Whether a receiver has the message and may still delete it.
    pub fn is_in_flight(&self, now: OffsetDateTime) -> bool {
        self.receipt_handle.is_some() && self.visible_from > now
    }
}

/// The message is visible again or deleted, so its receiver can no longer change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotInFlight;

/// The receipt handle of a receive.
fn receipt(id: &str, receive_count: u32) -> String {
    format!("{id}#{receive_count}")
}

/// Whether the text has the form of a receipt handle.
pub(super) fn is_receipt(text: &str) -> bool {
    let parts = text.split_once('#');
    parts.is_some_and(|(id, count)| id.len() == 36 && count.parse::<u32>().is_ok())
}

/// A queue. The methods take the time as an argument.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) settings: Settings,
    /// In the order of sending.
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

    /// Adds dead messages from another queue. Their age keeps counting.
    pub(crate) fn add_dead(&mut self, dead: Vec<Message>, now: OffsetDateTime) {
        self.messages.extend(dead.into_iter().map(|message| Message {
            visible_from: now,
            receipt_handle: None,
            ..message
        }));
    }

    /// Receives at most `limit` visible messages. Messages that reached the maximum receive count are removed instead;
    /// see [`Received::dead`].
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

    /// The time until the next hidden message becomes visible.
    pub(crate) fn next_visible(&self, now: OffsetDateTime) -> Option<Duration> {
        let visible = self.messages.iter().map(|message| message.visible_from);
        let next = visible.filter(|visible| *visible > now).min()?;
        Duration::try_from(next - now).ok()
    }

    /// Deletes a message by the receipt handle of its last receive. Older handles have no effect, as SQS warns.
    pub(crate) fn delete(&mut self, receipt_handle: &str) {
        self.messages
            .retain(|message| message.receipt_handle.as_deref() != Some(receipt_handle));
    }

    /// Changes the visibility timeout of a message in flight, counted from now.
    pub(crate) fn change_visibility(
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

    /// The numbers of visible, in-flight and delayed messages.
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

/// The result of a receive.
pub(crate) struct Received {
    pub(crate) messages: Vec<Message>,
    /// Messages for the dead-letter queue.
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

    /// The bodies of received messages and of dead messages.
    fn receive(queue: &mut Queue, seconds: u64) -> (Vec<String>, Vec<String>) {
        let bodies = |messages: Vec<Message>| messages.into_iter().map(|message| message.body).collect();
        let received = queue.receive(at(seconds), 10, None);
        (bodies(received.messages), bodies(received.dead))
    }

    fn one(body: &str) -> Vec<String> {
        vec![body.to_owned()]
    }

    #[test]
    fn delay_and_visibility_timeout_hide_a_message() {
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
    fn last_receipt_handle_deletes_the_message() {
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
    fn receiver_changes_the_visibility_timeout_while_in_flight() {
        let mut queue = queue(9);
        queue.send(at(0), "a".to_owned(), Duration::ZERO);
        let receipt = queue.receive(at(0), 10, None).messages[0]
            .receipt_handle
            .clone()
            .unwrap();
        assert_eq!(
            queue.change_visibility(at(1), &receipt, Duration::from_secs(100)),
            Ok(())
        );
        assert_eq!(receive(&mut queue, 100), (vec![], vec![]));
        assert_eq!(queue.change_visibility(at(100), &receipt, Duration::ZERO), Ok(()));
        assert_eq!(
            queue.change_visibility(at(100), &receipt, Duration::ZERO),
            Err(NotInFlight)
        );
        assert_eq!(receive(&mut queue, 100), (one("a"), vec![]));
    }

    #[test]
    fn maximum_receive_count_makes_a_message_dead() {
        let mut queue = queue(2);
        queue.send(at(0), "poison".to_owned(), Duration::ZERO);
        assert_eq!(receive(&mut queue, 0), (one("poison"), vec![]));
        assert_eq!(receive(&mut queue, 30), (one("poison"), vec![]));
        queue.send(at(60), "next".to_owned(), Duration::ZERO);
        assert_eq!(receive(&mut queue, 60), (one("next"), one("poison")));
        assert_eq!(queue.messages().len(), 1);
    }

    #[test]
    fn retention_period_deletes_a_message() {
        let mut queue = queue(9);
        queue.send(at(0), "a".to_owned(), Duration::ZERO);
        let four_days = 4 * 24 * 60 * 60;
        assert_eq!(receive(&mut queue, four_days), (vec![], vec![]));
        assert_eq!(queue.messages(), []);
    }
}
