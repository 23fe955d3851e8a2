//! Event callbacks, really sent.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::watch;
use url::{Position, Url};

use super::event::Event;
use super::overrides::Overrides;
use super::signature::signature;
use crate::clock::Clock;
use crate::lock::lock;
use crate::loopback;

/// A signed request, ready to be posted.
struct SignedForm {
    headers: HeaderMap,
    body: String,
}

/// One event on its way to one callback URL.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub event_sid: String,
    pub event_type: String,
    /// As it was registered, with its fragment.
    pub url: String,
    /// When it set out, by the world's clock.
    pub time: OffsetDateTime,
    /// The same moment by a clock that nobody moves.
    pub set_out: Instant,
    /// One for each request, in their order; each follows at once on the one before.
    pub attempts: Vec<Attempt>,
}

impl Delivery {
    /// What came of each request.
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.attempts.iter().map(|attempt| attempt.outcome.clone()).collect()
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub outcome: Outcome,
    /// Until the answer, or until it was given up.
    pub duration: Duration,
}

/// What came of one request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    Answered {
        status: u16,
        body: String,
    },
    /// No connection was made, or not in time.
    NotConnected,
    /// The connection broke, or the answer did not come in time.
    NotAnswered,
}

impl Outcome {
    /// The name by which a retry policy calls this failure; none for a success.
    fn failure(&self) -> Option<&'static str> {
        match self {
            Self::Answered { status: 400..=499, .. } => Some("4xx"),
            Self::Answered { status: 500..=599, .. } => Some("5xx"),
            Self::Answered { .. } => None,
            Self::NotConnected => Some("ct"),
            Self::NotAnswered => Some("rt"),
        }
    }
}

/// A place that wants to hear of each event.
#[derive(Clone)]
struct Callback {
    /// As it was registered, with its fragment: this text is what is signed.
    registered: String,
    url: Url,
    overrides: Overrides,
    client: reqwest::Client,
}

/// All callbacks and their deliveries. Clones share them.
#[derive(Clone)]
pub(crate) struct Callbacks(Arc<Shared>);

struct Shared {
    clock: Clock,
    runtime: Handle,
    callbacks: Mutex<Vec<Callback>>,
    hosts: Mutex<BTreeMap<String, SocketAddr>>,
    deliveries: Mutex<Vec<Delivery>>,
    under_way: watch::Sender<usize>,
}

impl Callbacks {
    /// No callbacks. Deliveries will run on the present runtime.
    pub(crate) fn new(clock: Clock) -> Self {
        Self(Arc::new(Shared {
            clock,
            runtime: Handle::current(),
            callbacks: Mutex::default(),
            hosts: Mutex::default(),
            deliveries: Mutex::default(),
            under_way: watch::Sender::new(0),
        }))
    }

    pub(crate) fn register(&self, url: &str) {
        let registered = url.to_owned();
        let overrides = Overrides::of(url);
        let url = Url::parse(url).expect("a callback's URL");
        let client = loopback::builder()
            .connect_timeout(overrides.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client without certificates can be built");
        lock(&self.0.callbacks).push(Callback {
            registered,
            url,
            overrides,
            client,
        });
    }

    pub(crate) fn resolve(&self, host: &str, address: SocketAddr) {
        lock(&self.0.hosts).insert(host.to_owned(), address);
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.0.deliveries).clone()
    }

    /// Waits until nothing is on its way.
    pub(crate) async fn settled(&self) {
        self.0
            .under_way
            .subscribe()
            .wait_for(|count| *count == 0)
            .await
            .expect("the sender is in self");
    }

    /// Sends an event to each callback, without waiting for one delivery before the next: Twilio promises no order.
    pub(crate) fn send(&self, auth_token: &str, event: &Event) {
        for callback in lock(&self.0.callbacks).iter().cloned() {
            let mut form = signed_form(auth_token, &callback.registered, &event.fields);
            let token = HeaderValue::from_str(&event.idempotency_token).expect("hexadecimal digits");
            form.headers
                .insert(HeaderName::from_static("i-twilio-idempotency-token"), token);
            let number = self.begin(event, &callback);
            let callbacks = self.clone();
            self.0.runtime.spawn(async move {
                callbacks.deliver(number, &callback, &form).await;
                callbacks.0.under_way.send_modify(|count| *count -= 1);
            });
        }
    }

    fn begin(&self, event: &Event, callback: &Callback) -> usize {
        self.0.under_way.send_modify(|count| *count += 1);
        let mut deliveries = lock(&self.0.deliveries);
        deliveries.push(Delivery {
            event_sid: event.sid.clone(),
            event_type: event.event_type.clone(),
            url: callback.registered.clone(),
            time: self.0.clock.now(),
            set_out: Instant::now(),
            attempts: Vec::new(),
        });
        deliveries.len() - 1
    }

    /// Posts the form until it is answered well, or the overrides allow no further attempt.
    async fn deliver(&self, number: usize, callback: &Callback, form: &SignedForm) {
        let mut begun = Instant::now();
        let attempts = async {
            for _ in 0..=callback.overrides.retry_count {
                begun = Instant::now();
                let outcome = self.attempt(callback, form).await;
                let failure = outcome.failure();
                self.record(number, outcome, begun);
                if !failure.is_some_and(|failure| callback.overrides.retries(failure)) {
                    break;
                }
            }
        };
        if tokio::time::timeout(callback.overrides.total_time, attempts)
            .await
            .is_err()
        {
            self.record(number, Outcome::NotAnswered, begun);
        }
    }

    async fn attempt(&self, callback: &Callback, form: &SignedForm) -> Outcome {
        let (url, host) = self.destination(&callback.url);
        let request = callback
            .client
            .post(url)
            .headers(form.headers.clone())
            .header(HOST, host)
            .timeout(callback.overrides.read_timeout)
            .body(form.body.clone());
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => return Outcome::NotConnected,
            Err(_) => return Outcome::NotAnswered,
        };
        let status = response.status().as_u16();
        match response.text().await {
            Ok(body) => Outcome::Answered { status, body },
            Err(_) => Outcome::NotAnswered,
        }
    }

    /// Where a callback's URL really leads, and its host: a host that resolves is spoken to in plain HTTP.
    fn destination(&self, url: &Url) -> (String, String) {
        let host = &url[Position::BeforeHost..Position::AfterPort];
        let path_and_query = &url[Position::BeforePath..Position::AfterQuery];
        let origin = match url.host_str().and_then(|host| lock(&self.0.hosts).get(host).copied()) {
            Some(address) => format!("http://{address}"),
            None => format!("{}://{host}", url.scheme()),
        };
        (format!("{origin}{path_and_query}"), host.to_owned())
    }

    fn record(&self, number: usize, outcome: Outcome, begun: Instant) {
        let duration = begun.elapsed();
        lock(&self.0.deliveries)[number]
            .attempts
            .push(Attempt { outcome, duration });
    }
}

/// A form with the headers that Twilio posts it with.
fn signed_form(auth_token: &str, url: &str, fields: &[(String, String)]) -> SignedForm {
    let signature = signature(auth_token, url, fields);
    let headers = HeaderMap::from_iter([
        (
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded; charset=UTF-8"),
        ),
        (USER_AGENT, HeaderValue::from_static("TwilioProxy/1.1")),
        (
            HeaderName::from_static("x-twilio-signature"),
            HeaderValue::from_str(&signature).expect("base64 can stand in a header"),
        ),
    ]);
    SignedForm {
        headers,
        body: form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish(),
    }
}
