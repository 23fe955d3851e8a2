//! The server of an upstream, which records each exchange and applies faults.

use std::collections::BTreeMap;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request, Response, request};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::cause::Cause;
use crate::control::Control;
use crate::exchange::{Answer, Exchanges, Upstream};
use crate::fault::{Effect, Faults};

/// Connections that may wait to be accepted, as in std's `TcpListener`.
const BACKLOG: u32 = 128;

/// One second in total.
const REBIND_TRIES: usize = 200;
const REBIND_PAUSE: Duration = Duration::from_millis(5);

/// One upstream, or several together, on a port that the server keeps for its lifetime.
pub struct Server {
    address: SocketAddr,
    site: Sites,
    state: Mutex<State>,
}

/// The routers of a server, and its record and faults.
pub(crate) struct Site {
    pub(crate) routers: BTreeMap<Upstream, Router>,
    pub(crate) exchanges: Exchanges,
    pub(crate) faults: Faults,
    /// The simulator's own paths; none on an upstream's own server.
    pub(crate) control: Option<Router>,
}

/// The present site of a server, from which each request takes its own.
type Sites = watch::Sender<Arc<Site>>;

enum State {
    Up(JoinHandle<()>),
    /// The port is bound, so no other process gets it, but doesn't listen: connections are refused.
    Down(TcpSocket),
}

impl Server {
    /// Serves upstreams at a port of the loopback interface (0 for a free port).
    ///
    /// # Errors
    /// If the port can't be bound.
    pub(crate) async fn start(port: u16, site: Site) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let site = watch::Sender::new(Arc::new(site));
        let state = Mutex::new(State::Up(tokio::spawn(accept(listener, site.clone()))));
        Ok(Self { address, site, state })
    }

    /// Sends all requests from now on to another world. A request that has arrived stays with its own.
    pub(crate) fn replace(&self, site: Site) {
        self.site.send_replace(Arc::new(site));
    }

    /// The base URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Breaks all connections and refuses new ones until [`bring_back`](Self::bring_back). A request that had arrived
    /// is still applied.
    ///
    /// # Errors
    /// If another process takes the port in that moment.
    pub async fn take_down(&self) -> io::Result<()> {
        let mut state = self.state.lock().await;
        if let State::Up(accepting) = &mut *state {
            accepting.abort();
            // An aborted task ends at once, with an error that says so.
            let _ = accepting.await;
            *state = State::Down(bind_again(self.address).await?);
        }
        Ok(())
    }

    /// Serves again at the same port.
    ///
    /// # Errors
    /// If the system won't listen at the port.
    pub async fn bring_back(&self) -> io::Result<()> {
        let mut state = self.state.lock().await;
        if let State::Down(socket) = &mut *state {
            let listener = std::mem::replace(socket, TcpSocket::new_v4()?).listen(BACKLOG)?;
            *state = State::Up(tokio::spawn(accept(listener, self.site.clone())));
        }
        Ok(())
    }
}

/// Binds the address of a listener that was just closed. A process that is being started may hold a copy of the
/// listener for a moment, until it closes inherited files.
async fn bind_again(address: SocketAddr) -> io::Result<TcpSocket> {
    for _ in 0..REBIND_TRIES {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        match socket.bind(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => tokio::time::sleep(REBIND_PAUSE).await,
            bound => return bound.map(|()| socket),
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

impl Drop for Server {
    fn drop(&mut self) {
        if let State::Up(accepting) = self.state.get_mut() {
            accepting.abort();
        }
    }
}

async fn accept(listener: TcpListener, site: Sites) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // A connection that failed before it was accepted concerns only its caller.
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(converse(stream, site.clone()));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one connection until it ends or a fault resets it.
async fn converse(stream: TcpStream, site: Sites) {
    let reset = Arc::new(Notify::new());
    let service = service_fn(|request| Box::pin(respond(request, site.borrow().clone(), reset.clone())));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // An error here means that the caller left, or that a fault cut off the body.
        _ = &mut connection => {}
        () = reset.notified() => {
            // Without a linger time, closing the socket sends RST. If the option can't be set, the socket closes
            // normally.
            let _ = connection.into_parts().io.into_inner().set_zero_linger();
        }
    }
}

async fn respond(
    request: Request<Incoming>,
    site: Arc<Site>,
    reset: Arc<Notify>,
) -> Result<Response<Body>, axum::Error> {
    let (head, body) = request.into_parts();
    let body = to_bytes(Body::new(body), usize::MAX).await?;
    // Spawned, so that a request that has arrived is applied even if its caller leaves.
    match tokio::spawn(site.handle(head, body)).await {
        Ok(Outcome::Answer(answer)) => Ok(response(answer)),
        Ok(Outcome::Hang) => pending().await,
        // A panic has printed its own message. To the caller it is a crashed server.
        Ok(Outcome::Reset | Outcome::Late(_)) | Err(_) => {
            reset.notify_one();
            pending().await
        }
    }
}

enum Outcome {
    Answer(Answer),
    Hang,
    Reset,
    /// The request is to be applied after this many further requests.
    Late(usize),
}

impl Site {
    async fn handle(self: Arc<Self>, head: request::Parts, body: Bytes) -> Outcome {
        if let Some(control) = &self.control
            && Control::owns(&head.method, head.uri.path())
        {
            let request = Request::from_parts(head, Body::from(body));
            return Outcome::Answer(answer(control.clone(), request).await);
        }
        self.faults.late.tick().await;
        let upstream = self.upstream(head.uri.path());
        let strike = self.faults.strike(upstream, &head.method, head.uri.path());
        let arrived = self.exchanges.arrived(upstream, &head, body.clone());
        let outcome = match take_effect(strike.before, None).await {
            Some(Outcome::Late(requests)) => {
                let site = self.clone();
                self.faults.late.push(requests, async move {
                    site.apply(upstream, head, body).await;
                    arrived.applied();
                });
                return Outcome::Reset;
            }
            Some(outcome) => outcome,
            None => {
                let mut own = Cause::Exchange(arrived.number)
                    .of(self.apply(upstream, head, body))
                    .await;
                if strike.after.is_empty() {
                    // In one change, so that no reader sees a request that is applied and on which nothing is to come.
                    arrived.answered(&own, true);
                    return Outcome::Answer(own);
                }
                arrived.applied();
                take_effect(strike.after, Some(&mut own))
                    .await
                    .unwrap_or(Outcome::Answer(own))
            }
        };
        if let Outcome::Answer(answer) = &outcome {
            arrived.answered(answer, false);
        }
        outcome
    }

    /// All paths of a server with one upstream belong to this upstream.
    fn upstream(&self, path: &str) -> Upstream {
        match self.routers.first_key_value() {
            Some((only, _)) if self.routers.len() == 1 => *only,
            _ => Upstream::of_path(path),
        }
    }

    async fn apply(&self, upstream: Upstream, head: request::Parts, body: Bytes) -> Answer {
        let router = self.routers[&upstream].clone();
        answer(router, Request::from_parts(head, Body::from(body))).await
    }
}

/// An upstream's own answer.
pub(crate) async fn answer(router: Router, request: Request<Body>) -> Answer {
    let response = match TowerToHyperService::new(router).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX)
        .await
        .expect("the upstreams' answers are in memory");
    Answer {
        status: head.status,
        headers: head.headers,
        body,
        cut_off: false,
    }
}

/// Applies the effects in order; returns the outcome if one of them ends the exchange.
async fn take_effect(effects: Vec<Effect>, mut own: Option<&mut Answer>) -> Option<Outcome> {
    for effect in effects {
        match effect {
            Effect::Run(code) => code(),
            Effect::Delay(time) => tokio::time::sleep(time).await,
            Effect::Wait(gate) => gate.opened().await,
            Effect::Answer(answer) => return Some(Outcome::Answer(answer)),
            Effect::Rewrite(change) => {
                if let Some(answer) = own.as_deref_mut() {
                    *answer = change(answer.clone());
                }
            }
            Effect::Hang => return Some(Outcome::Hang),
            Effect::Reset => return Some(Outcome::Reset),
            Effect::Late(requests) => return Some(Outcome::Late(requests)),
        }
    }
    None
}

fn response(answer: Answer) -> Response<Body> {
    let length = answer.body.len();
    let body = if answer.cut_off {
        Body::new(CutOff {
            half: Some(answer.body.slice(..length / 2)),
            flushed: false,
        })
    } else {
        Body::from(answer.body)
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    // A fault may have changed the body, so hyper computes its length again. A body that is cut off announces its whole
    // length, and at least one byte.
    response.headers_mut().remove(CONTENT_LENGTH);
    if answer.cut_off {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length.max(1)));
    }
    response
}

/// Half of a body, and then a broken connection.
struct CutOff {
    half: Option<Bytes>,
    flushed: bool,
}

impl hyper::body::Body for CutOff {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.flushed {
            // hyper sends the buffered half as soon as no further frame is ready.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}
