//! The Runtime API of an environment, with nothing between the function and the clock.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use http::{Request, Response, StatusCode};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::spawn_local;

/// The limit of an invocation, which is longer than any invocation may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// A message of the function.
pub(crate) enum Report {
    /// The function waits for an event.
    Next(Instant),
    /// The function has answered. `took` is the time since the event.
    Answered { at: Instant, took: Duration, answer: Bytes },
    /// The function could not start or has failed.
    Failed(Bytes),
}

pub(crate) struct RuntimeApi {
    pub(crate) events: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    pub(crate) reports: mpsc::UnboundedSender<Report>,
    /// The time when the last event was given.
    pub(crate) given: Cell<Instant>,
}

impl RuntimeApi {
    pub(crate) async fn serve(self: Rc<Self>, listener: TcpListener) {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                continue;
            };
            if stream.set_nodelay(true).is_err() {
                continue;
            }
            let api = self.clone();
            spawn_local(async move {
                let answer = service_fn(|request| api.answer(request));
                // The connection of a function that has exited ends with an error.
                let _ = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), answer)
                    .await;
            });
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let at = Instant::now();
        let path = request.uri().path().to_owned();
        let body = to_bytes(Body::new(request.into_body()), usize::MAX).await;
        let body = body.unwrap_or_default();
        let report = match path.rsplit('/').next() {
            Some("next") => {
                self.report(Report::Next(at));
                return Ok(self.next().await);
            }
            Some("response") => Report::Answered {
                at,
                took: at - self.given.get(),
                answer: body,
            },
            _ => Report::Failed(body),
        };
        self.report(report);
        let mut accepted = Response::new(Body::from(r#"{"status":"OK"}"#));
        *accepted.status_mut() = StatusCode::ACCEPTED;
        Ok(accepted)
    }

    /// Sends the next event as soon as there is an event.
    async fn next(&self) -> Response<Body> {
        let Some(event) = self.events.lock().await.recv().await else {
            let mut gone = Response::new(Body::empty());
            *gone.status_mut() = StatusCode::GONE;
            return gone;
        };
        let deadline = time::OffsetDateTime::now_utc() + DEADLINE;
        let deadline = deadline.unix_timestamp_nanos() / 1_000_000;
        let response = Response::builder()
            .header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
            .header("Lambda-Runtime-Deadline-Ms", deadline.to_string())
            .header(
                "Lambda-Runtime-Invoked-Function-Arn",
                "arn:aws:lambda:eu-west-1:123456789012:function:bench",
            )
            .header("Content-Type", "application/json")
            .body(Body::from(event));
        self.given.set(Instant::now());
        response.expect("these are headers")
    }

    fn report(&self, report: Report) {
        // Nobody waits for the answer of a function that is about to be killed.
        let _ = self.reports.send(report);
    }
}
