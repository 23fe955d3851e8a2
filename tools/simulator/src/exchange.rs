//! The record of requests to the upstreams, with their answers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, request};
use hyper::body::Bytes;
use serde::Deserialize;
use tokio::sync::watch;

use crate::lock::lock;

/// A server that the functions call.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Upstream {
    TaskRouter,
    Conversations,
    EventStreams,
    Flex,
    SessionApi,
    SecretsManager,
    Sqs,
}

impl Upstream {
    /// Every upstream of a world.
    pub const ALL: [Self; 7] = [
        Self::TaskRouter,
        Self::Conversations,
        Self::EventStreams,
        Self::Flex,
        Self::SessionApi,
        Self::SecretsManager,
        Self::Sqs,
    ];

    /// The upstream that serves a path. SQS is missing, because SQS requests need an address of their own.
    pub(crate) fn of_path(path: &str) -> Self {
        match path {
            "/" => Self::SecretsManager,
            _ if path.starts_with("/chat/") => Self::SessionApi,
            _ if path.starts_with("/v1/Workspaces") => Self::TaskRouter,
            _ if path.starts_with("/v1/Sinks") || path.starts_with("/v1/Subscriptions") => Self::EventStreams,
            _ if path.starts_with("/v1/Interactions") => Self::Flex,
            _ => Self::Conversations,
        }
    }
}

/// A request that reached an upstream, and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The position in the order of arrival over all upstreams, from 0.
    pub number: usize,
    pub upstream: Upstream,
    pub method: Method,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// The query as sent, without the question mark. Empty if there was none.
    pub query: String,
    /// The request's headers. `Authorization` has only the scheme.
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Whether the upstream has handled the request. A refusal counts too.
    pub applied: bool,
    /// The answer sent to the caller. None before there is an answer, or if a fault swallowed the answer.
    pub answer: Option<Answer>,
    /// From the request's arrival to its answer.
    pub duration: Option<Duration>,
    /// The time of arrival.
    pub arrival: Instant,
}

impl Exchange {
    /// A header of the request, as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first value of a field of the request's form.
    pub fn field(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(&self.body)
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Whether two exchanges were in progress at the same time. An exchange without an answer is still in progress.
    pub fn overlaps(&self, other: &Self) -> bool {
        let ended = |exchange: &Self| exchange.duration.map(|duration| exchange.arrival + duration);
        let ended_before = |first: &Self, second: &Self| ended(first).is_some_and(|end| end <= second.arrival);
        !ended_before(self, other) && !ended_before(other, self)
    }

    /// The answer's status. None without an answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.answer.as_ref().map(|answer| answer.status)
    }
}

/// An upstream's answer, or a fault's answer in its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Whether the connection breaks after half of the body.
    pub cut_off: bool,
}

impl Answer {
    /// An answer with this status and nothing else.
    ///
    /// # Panics
    /// If `status` is not an HTTP status.
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("a status from 100 to 999");
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            cut_off: false,
        }
    }

    /// Adds a header, or replaces it.
    ///
    /// # Panics
    /// If `name` or `value` cannot stand in a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers
            .insert(name, HeaderValue::from_str(value).expect("a header's value"));
        self
    }

    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Makes the connection break after half of the body.
    pub fn cut_off(mut self) -> Self {
        self.cut_off = true;
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The record of all exchanges of a world. Clones share the record.
#[derive(Clone, Debug, Default)]
pub struct Exchanges(Arc<Record>);

#[derive(Debug, Default)]
struct Record {
    kept: Mutex<Kept>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Kept {
    exchanges: VecDeque<Exchange>,
    /// The number of earlier, forgotten exchanges.
    forgotten: usize,
}

impl Kept {
    fn of(&mut self, number: usize) -> Option<&mut Exchange> {
        self.exchanges.get_mut(number.checked_sub(self.forgotten)?)
    }
}

impl Exchanges {
    /// All exchanges in the order of arrival, since the start or the last [`clear`](Self::clear).
    /// [Forgotten](Self::forget) exchanges are missing.
    pub fn all(&self) -> Vec<Exchange> {
        self.matching(|_| true)
    }

    /// The exchanges from `number` on.
    pub fn from(&self, number: usize) -> Vec<Exchange> {
        self.with(|kept| {
            let start = number.saturating_sub(kept.forgotten);
            kept.exchanges.iter().skip(start).cloned().collect()
        })
    }

    /// The latest exchanges, at most `most`.
    pub fn latest(&self, most: usize) -> Vec<Exchange> {
        self.with(|kept| {
            let skipped = kept.exchanges.len().saturating_sub(most);
            kept.exchanges.iter().skip(skipped).cloned().collect()
        })
    }

    /// The exchange with this number. None if the exchange is forgotten.
    pub fn get(&self, number: usize) -> Option<Exchange> {
        self.with(|kept| kept.of(number).cloned())
    }

    /// The exchanges with an upstream.
    pub fn of(&self, upstream: Upstream) -> Vec<Exchange> {
        self.matching(|exchange| exchange.upstream == upstream)
    }

    fn matching(&self, is_wanted: impl Fn(&Exchange) -> bool) -> Vec<Exchange> {
        self.with(|kept| {
            let wanted = kept.exchanges.iter().filter(|exchange| is_wanted(exchange));
            wanted.cloned().collect()
        })
    }

    /// Forgets the exchanges before a number, so that a world can run for days without filling the memory. The others
    /// keep their numbers.
    pub fn forget(&self, before: usize) {
        self.with(|kept| {
            let count = before.saturating_sub(kept.forgotten).min(kept.exchanges.len());
            kept.exchanges.drain(..count);
            kept.forgotten += count;
        });
    }

    /// Changes whenever a request arrives, is applied or is answered.
    pub fn changed(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }

    /// Forgets all exchanges. Numbers start at 0 again.
    pub fn clear(&self) {
        self.with(|kept| *kept = Kept::default());
    }

    /// Waits for an exchange that `is_it` accepts. Past exchanges count too. `None` after `limit`. Each exchange is
    /// tested on arrival, when applied and when answered.
    pub async fn wait_for(&self, is_it: impl Fn(&Exchange) -> bool, limit: Duration) -> Option<Exchange> {
        let mut changed = self.0.changed.subscribe();
        let found = async {
            loop {
                let found = self.with(|kept| kept.exchanges.iter().find(|exchange| is_it(exchange)).cloned());
                if found.is_some() || changed.changed().await.is_err() {
                    return found;
                }
            }
        };
        tokio::time::timeout(limit, found).await.ok().flatten()
    }

    /// Records a request that has arrived.
    pub(crate) fn arrived(&self, upstream: Upstream, request: &request::Parts, body: Bytes) -> Arrived {
        let arrival = Instant::now();
        let number = self.with(|kept| {
            let number = kept.forgotten + kept.exchanges.len();
            kept.exchanges.push_back(Exchange {
                number,
                upstream,
                method: request.method.clone(),
                path: request.uri.path().to_owned(),
                query: request.uri.query().unwrap_or_default().to_owned(),
                headers: without_credentials(request.headers.clone()),
                body,
                applied: false,
                answer: None,
                duration: None,
                arrival,
            });
            number
        });
        self.0.changed.send_replace(());
        Arrived {
            exchanges: self.clone(),
            number,
            arrival,
        }
    }

    fn with<T>(&self, read: impl FnOnce(&mut Kept) -> T) -> T {
        read(&mut lock(&self.0.kept))
    }
}

/// A recorded request that is still in progress.
pub(crate) struct Arrived {
    exchanges: Exchanges,
    pub(crate) number: usize,
    arrival: Instant,
}

impl Arrived {
    pub(crate) fn applied(&self) {
        self.change(|exchange| exchange.applied = true);
    }

    /// Records that an answer was sent. `by_upstream` tells whether the upstream has handled the request.
    pub(crate) fn answered(&self, answer: &Answer, by_upstream: bool) {
        self.change(|exchange| {
            exchange.applied |= by_upstream;
            exchange.answer = Some(answer.clone());
            exchange.duration = Some(self.arrival.elapsed());
        });
    }

    fn change(&self, change: impl FnOnce(&mut Exchange)) {
        // The record may have been cleared, so another request may have this number now.
        self.exchanges.with(|kept| {
            let exchange = kept.of(self.number);
            exchange.filter(|exchange| exchange.arrival == self.arrival).map(change)
        });
        self.exchanges.0.changed.send_replace(());
    }
}

fn without_credentials(mut headers: HeaderMap) -> HeaderMap {
    if let Some(value) = headers.get_mut(AUTHORIZATION) {
        let scheme = value
            .to_str()
            .ok()
            .and_then(|value| value.split(' ').next())
            .unwrap_or_default();
        *value = HeaderValue::from_str(scheme).expect("a part of a header's value is a valid value");
    }
    headers
}

/// Headers as names and texts, in their order.
pub fn header_texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect()
}
