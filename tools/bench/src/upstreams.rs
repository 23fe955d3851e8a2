//! Upstreams that return recorded answers at once. They keep no record and share the thread that measures. A figure
//! then includes only their time on the loopback interface.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use simulator::exchange::{Answer, Upstream};
use simulator::tls::Tls;
use simulator::world;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinSet, spawn_local};

use crate::programs::HELLO;
use crate::rehearsal::{Key, Script};

/// The protocol between the functions and their upstreams, with the trusted certificate authority.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// TLS with a certificate authority in the file that `SSL_CERT_FILE` names.
    Tls,
    /// Plain HTTP. The functions use their built-in roots, as on Lambda.
    Plain,
}

/// The distance of the upstreams.
#[derive(Clone, Copy, Default)]
pub(crate) struct Distance {
    /// The delay of every request.
    pub(crate) call: Duration,
    /// The delay of every TLS handshake.
    pub(crate) handshake: Duration,
}

/// A server for each upstream. Dropping this value stops the servers.
pub(crate) struct Upstreams {
    addresses: BTreeMap<Upstream, SocketAddr>,
    site: Rc<Site>,
    _servers: JoinSet<()>,
}

struct Site {
    script: Rc<Script>,
    /// The program whose part is played now.
    program: Cell<&'static str>,
    /// The requests of each kind since the part began.
    asked: RefCell<BTreeMap<Key, usize>>,
    tls: Option<Tls>,
    distance: Cell<Distance>,
    /// The time from reading a request to the answer, summed over all requests.
    time: Cell<Duration>,
    /// The requests without a recorded answer.
    unknown: RefCell<Option<Key>>,
}

impl Upstreams {
    pub(crate) async fn start(script: &Rc<Script>, wire: Wire) -> io::Result<Self> {
        let site = Rc::new(Site {
            script: script.clone(),
            program: Cell::new(HELLO),
            asked: RefCell::default(),
            tls: (wire == Wire::Tls).then(|| Tls::new("127.0.0.1")).transpose()?,
            distance: Cell::default(),
            time: Cell::default(),
            unknown: RefCell::default(),
        });
        let (mut addresses, mut servers) = (BTreeMap::new(), JoinSet::new());
        for upstream in Upstream::ALL {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            addresses.insert(upstream, listener.local_addr()?);
            servers.spawn_local(site.clone().accept(listener, upstream));
        }
        Ok(Self {
            addresses,
            site,
            _servers: servers,
        })
    }

    /// The environment variables with the upstreams' addresses for a function.
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        let scheme = if self.site.tls.is_some() { "https" } else { "http" };
        let url = |upstream| format!("{scheme}://{}", self.addresses[&upstream]);
        let mut variables = world::variables(url, true, false);
        let Script {
            task_path,
            session_path,
            ..
        } = &*self.site.script;
        let task = format!("{}{task_path}", url(Upstream::TaskRouter));
        let session = format!("{}{session_path}", url(Upstream::SessionApi));
        variables.extend([("TASK".to_owned(), task), ("SESSION".to_owned(), session)]);
        // `deferred` must not wait for its turn.
        variables.insert("SESSION_RATE".to_owned(), "1000000000".to_owned());
        let authority = self.site.tls.iter().map(|tls| tls.authority().display().to_string());
        variables.extend(authority.map(|file| ("SSL_CERT_FILE".to_owned(), file)));
        variables
    }

    /// Answers as in this program's part from the beginning.
    pub(crate) fn begin(&self, program: &'static str) {
        self.site.program.set(program);
        self.site.asked.borrow_mut().clear();
    }

    pub(crate) fn set_distance(&self, distance: Distance) {
        self.site.distance.set(distance);
    }

    /// The time that the upstreams have worked since the last call.
    pub(crate) fn take_time(&self) -> Duration {
        self.site.time.take()
    }

    /// # Errors
    /// If the upstreams got a request without a recorded answer.
    pub(crate) fn check(&self) -> io::Result<()> {
        match self.site.unknown.take() {
            Some(key) => Err(io::Error::other(format!("nobody has rehearsed {key:?}"))),
            None => Ok(()),
        }
    }
}

impl Site {
    async fn accept(self: Rc<Self>, listener: TcpListener, upstream: Upstream) {
        loop {
            // A connection that fails before it is accepted concerns only the client.
            if let Ok((stream, _)) = listener.accept().await {
                spawn_local(self.clone().converse(stream, upstream));
            }
        }
    }

    async fn converse(self: Rc<Self>, stream: TcpStream, upstream: Upstream) {
        // An answer must not wait until another answer fills a packet.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        match &self.tls {
            None => self.serve(stream, upstream).await,
            Some(tls) => {
                sleep(self.distance.get().handshake).await;
                // A client that doesn't trust the certificate ends the handshake.
                if let Ok(stream) = tls.accept(stream).await {
                    self.serve(stream, upstream).await;
                }
            }
        }
    }

    async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin, upstream: Upstream) {
        let answer = service_fn(|request| self.answer(upstream, request));
        // The connection of a function that has exited ends with an error.
        let _ = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), answer)
            .await;
    }

    async fn answer(&self, upstream: Upstream, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let asked = Instant::now();
        let (head, body) = request.into_parts();
        let read = to_bytes(Body::new(body), usize::MAX).await;
        sleep(self.distance.get().call).await;
        let key = Key {
            upstream,
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
        };
        let mut response = Response::new(Body::empty());
        match self.next_answer(&key).filter(|_| read.is_ok()) {
            Some(answer) => {
                *response.status_mut() = answer.status;
                *response.headers_mut() = answer.headers.clone();
                *response.body_mut() = Body::from(answer.body.clone());
            }
            None => {
                *response.status_mut() = StatusCode::NOT_IMPLEMENTED;
                self.unknown.borrow_mut().get_or_insert(key);
            }
        }
        self.time.set(self.time.get() + asked.elapsed());
        Ok(response)
    }

    /// The next recorded answer to this kind of request. The last answer is repeated.
    fn next_answer(&self, key: &Key) -> Option<&Answer> {
        let recorded = self.script.part(self.program.get()).answers.get(key)?;
        let mut asked = self.asked.borrow_mut();
        let count = asked.entry(key.clone()).or_default();
        let answer = recorded.get(*count).or(recorded.last());
        *count += 1;
        answer
    }
}

/// Sleeps precisely. A timer has a resolution of a millisecond and is late rather than early, so the last part is spent
/// in a busy loop.
async fn sleep(time: Duration) {
    let end = Instant::now() + time;
    if let Some(asleep) = time.checked_sub(Duration::from_millis(3)) {
        tokio::time::sleep(asleep).await;
    }
    while Instant::now() < end {
        tokio::task::yield_now().await;
    }
}
