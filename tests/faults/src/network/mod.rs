//! A simulated network between the functions and the upstreams.

mod call;
mod record;

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flex_handoff::upstream::transport::{Transport, TransportError};
use http::{Request, Response};
use hyper::body::Bytes;
use simulator::exchange::{Answer, Upstream};
use simulator::upstreams::Upstreams;
use tokio::sync::watch;
use url::Position;

use crate::fault::{self, Fault};

pub(crate) use call::{AWS_URL, CONVERSATIONS_URL, Call, FLEX_URL, SESSION_API_URL, TASKROUTER_URL};
use call::{shortened, upstream};
use record::Record;

/// Decides when a request continues and with which fault.
pub(crate) type Steering = dyn Fn(Call) -> Pin<Box<dyn Future<Output = Option<Fault>> + Send>> + Send + Sync;

/// A hook that runs after each applied request.
pub(crate) type Afterwards = dyn Fn(&Upstreams, &Call) + Send + Sync;

/// The secret that processes start with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Start {
    /// The current secret, in a process that has run for a while.
    Warm,
    /// No secret. Each process first reads the secret.
    Cold,
    /// An outdated secret from before a rotation of all fields.
    Rotated,
}

/// Twilio's behaviour where its documentation leaves it open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Manners {
    /// A reservation has an ETag and can be rejected once.
    Strict,
    /// A reservation has no ETag, and a second reject is answered like the first reject.
    Lenient,
}

/// The network with its upstreams.
pub(crate) struct Network {
    pub(crate) upstreams: Upstreams,
    pub(crate) start: Start,
    manners: Manners,
    steering: Box<Steering>,
    afterwards: Box<Afterwards>,
    calls: Mutex<Vec<(Call, Option<Fault>)>>,
    record: Record,
    processes: AtomicUsize,
}

/// A process of a function or of another client.
#[derive(Clone)]
pub(crate) struct Process {
    number: usize,
    is_ours: bool,
    is_consumer: bool,
    dead: Arc<watch::Sender<bool>>,
}

impl Process {
    fn kill(&self) {
        self.dead.send_replace(true);
    }

    /// Waits for the process to be killed.
    pub(crate) async fn killed(&self) {
        let killed = self.dead.subscribe().wait_for(|dead| *dead).await.map(drop);
        killed.expect("the sender is in self");
    }
}

impl Network {
    pub(crate) fn new(
        upstreams: Upstreams,
        manners: Manners,
        steering: Box<Steering>,
        afterwards: Box<Afterwards>,
    ) -> Arc<Self> {
        Self::starting(Start::Warm, upstreams, manners, steering, afterwards)
    }

    /// A network whose processes start with this secret.
    pub(crate) fn starting(
        start: Start,
        upstreams: Upstreams,
        manners: Manners,
        steering: Box<Steering>,
        afterwards: Box<Afterwards>,
    ) -> Arc<Self> {
        Arc::new(Self {
            upstreams,
            start,
            manners,
            steering,
            afterwards,
            calls: Mutex::default(),
            record: Record::default(),
            processes: AtomicUsize::default(),
        })
    }

    /// A new process of a function.
    pub(crate) fn process(&self) -> Process {
        self.client(true, false)
    }

    /// A new process of a function that works on messages of a queue.
    pub(crate) fn consumer(&self) -> Process {
        self.client(true, true)
    }

    /// A new process of another program, which no fault affects.
    pub(crate) fn bystander(&self) -> Process {
        self.client(false, false)
    }

    fn client(&self, is_ours: bool, is_consumer: bool) -> Process {
        Process {
            number: self.processes.fetch_add(1, Ordering::Relaxed),
            is_ours,
            is_consumer,
            dead: Arc::default(),
        }
    }

    /// All calls so far with their faults.
    pub(crate) fn calls(&self) -> Vec<(Call, Option<Fault>)> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The calls as text with a call on each line.
    pub(crate) fn story(&self) -> String {
        let line = |(call, fault): (Call, Option<Fault>)| match fault {
            Some(fault) => format!("    {call}: {fault}\n"),
            None => format!("    {call}\n"),
        };
        self.calls().into_iter().map(line).collect()
    }

    /// The transport of a process's requests.
    pub(crate) fn transport(self: &Arc<Self>, process: &Process) -> Transport {
        let (network, process) = (self.clone(), process.clone());
        Transport::InProcess(Arc::new(move |request| {
            Box::pin(network.clone().carry(process.clone(), request))
        }))
    }

    /// Carries a request and brings its answer.
    pub(crate) async fn carry(
        self: Arc<Self>,
        process: Process,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, TransportError> {
        // A sent request continues in its own Tokio task even if its sender is gone.
        let course = tokio::spawn(self.course(process, request));
        course.await.unwrap_or(Err(TransportError::Reset))
    }

    async fn course(
        self: Arc<Self>,
        process: Process,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, TransportError> {
        if *process.dead.borrow() {
            return pending().await;
        }
        let call = self.begin(&process, &request);
        let number = call.number;
        let fault = (self.steering)(call.clone()).await;
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)[number].1 = fault;
        if let Some(Fault::Late(requests)) = fault {
            self.more_requests(number, requests).await;
        }
        let own = match fault {
            Some(fault) if fault.is_before() => None,
            _ => {
                let body = request
                    .body()
                    .and_then(reqwest::Body::as_bytes)
                    .unwrap_or_default()
                    .to_vec();
                let own = self.answer(call.upstream, to_upstream(request)).await;
                self.record.add(&call, &body, &own);
                (self.afterwards)(&self.upstreams, &call);
                Some(own)
            }
        };
        match fault {
            None => {}
            Some(Fault::Refused) => return Err(TransportError::NoConnection),
            Some(Fault::Reset(_)) => return Err(TransportError::Reset),
            Some(Fault::Hang(_) | Fault::Late(_)) => return pending().await,
            Some(Fault::Killed(_)) => {
                process.kill();
                return pending().await;
            }
            Some(Fault::Status(status, retry_after, _)) => {
                return Ok(response(&call, &fault::status(status, retry_after), None));
            }
            Some(Fault::Body(_)) => {}
        }
        let body = match fault {
            Some(Fault::Body(body)) => Some(body),
            _ => None,
        };
        let own = own.map(|own| match body {
            Some(body) => fault::rewritten(own, body),
            None => own,
        });
        own.map(|own| response(&call, &own, body)).ok_or(TransportError::Reset)
    }

    /// Waits for this many requests after a call, but at most for [`fault::LATEST`].
    async fn more_requests(&self, call: usize, requests: usize) {
        const LOOK: Duration = Duration::from_millis(5);
        let have_come = || self.calls.lock().unwrap_or_else(PoisonError::into_inner).len() > call + requests;
        let wait = async {
            while !have_come() {
                tokio::time::sleep(LOOK).await;
            }
        };
        let _ = tokio::time::timeout(fault::LATEST, wait).await;
    }

    async fn answer(&self, upstream: Upstream, request: Request<Bytes>) -> Answer {
        let mut read = Request::new(Bytes::new());
        *read.uri_mut() = request.uri().clone();
        *read.headers_mut() = request.headers().clone();
        let own = self.upstreams.answer(upstream, request).await;
        if self.manners == Manners::Strict || !read.uri().path().contains("/Reservations/") {
            return own;
        }
        let read = self.upstreams.answer(upstream, read).await;
        let is_rejected = read.text().contains(r#""reservation_status":"rejected""#);
        if is_rejected { read } else { own }.without_header("etag")
    }

    /// Whether the last process to write [`PASSING`] to the session then read the task without it. The process must
    /// also have met no fault from the write on, and must not have sent the task to a queue, as it does when its time is over.
    ///
    /// [`PASSING`]: crate::scene::PASSING
    pub(crate) fn is_left_behind(&self) -> bool {
        self.record.is_left_behind(&self.calls())
    }

    /// Whether the session's last write was carried out late, and its process could leave no look after the write.
    pub(crate) fn is_unwatched(&self) -> bool {
        self.record.is_unwatched(&self.calls())
    }

    /// Whether the process that posted a message was killed.
    pub(crate) fn was_poster_killed(&self, message_sid: &str) -> bool {
        self.record.was_poster_killed(&self.calls(), message_sid)
    }

    fn begin(&self, process: &Process, request: &reqwest::Request) -> Call {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let call = Call {
            number: calls.len(),
            process: process.number,
            is_ours: process.is_ours,
            is_consumer: process.is_consumer,
            sends: call::sent(request),
            upstream: upstream(request),
            method: request.method().clone(),
            path: shortened(request),
        };
        calls.push((call.clone(), None));
        call
    }
}

fn to_upstream(request: reqwest::Request) -> Request<Bytes> {
    let body = request.body().and_then(reqwest::Body::as_bytes);
    let body = Bytes::copy_from_slice(body.unwrap_or_default());
    let mut forwarded = Request::new(body);
    *forwarded.method_mut() = request.method().clone();
    *forwarded.headers_mut() = request.headers().clone();
    let url = request.url();
    let path_and_query = url[Position::BeforePath..Position::AfterQuery].parse();
    *forwarded.uri_mut() = path_and_query.expect("a URL's path and query are those of a request");
    forwarded
}

fn response(call: &Call, answer: &Answer, fault: Option<fault::Body>) -> reqwest::Response {
    let is_awss = matches!(call.upstream, Upstream::Sqs | Upstream::SecretsManager);
    let mut response = Response::new(reqwest::Body::wrap(fault::pieces(answer, fault, is_awss)));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers.clone();
    response.into()
}
