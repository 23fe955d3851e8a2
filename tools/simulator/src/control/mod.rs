//! The simulator's own paths, for programs that are not written in Rust, and the inspector. They are on no upstream:
//! requests here are no exchanges, and strike no fault.

mod beginning;
mod clock;
mod details;
mod faults;
mod guard;
mod inspector;
mod reset;
mod state;

use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use http::{Method, StatusCode};

use crate::clock::Clock;
use crate::exchange::Exchanges;
use crate::fault::Faults;
use crate::twilio::Twilio;

pub(crate) use beginning::Beginning;
pub use reset::{Reset, Resets, resets};

/// The parts of a world that can be controlled by HTTP.
#[derive(Clone)]
pub(crate) struct Control {
    pub(crate) clock: Clock,
    pub(crate) twilio: Twilio,
    pub(crate) faults: Faults,
    pub(crate) exchanges: Exchanges,
    pub(crate) beginning: Beginning,
    /// None if the program can't start the world again.
    pub(crate) resets: Option<Resets>,
}

impl Control {
    /// Whether a request is not for an upstream. Secrets Manager has the path `/`, too, but only with POST.
    pub(crate) fn owns(method: &Method, path: &str) -> bool {
        path.starts_with("/simulator/") || (path == "/" && [Method::GET, Method::HEAD].contains(method))
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/", get(inspector::page))
            .route("/simulator/page/{name}", get(inspector::file))
            .route("/simulator/state", get(state::fetch))
            .route("/simulator/requests/{number}", get(details::request))
            .route("/simulator/events/{sid}", get(details::event))
            .route("/simulator/routes/{number}", get(details::route))
            .route(
                "/simulator/callback-deliveries/{number}",
                get(details::callback_delivery),
            )
            .route("/simulator/sink-deliveries/{number}", get(details::sink_delivery))
            .route("/simulator/not-simulated", get(inspector::not_simulated))
            .route("/simulator/clock", get(clock::fetch).post(clock::advance))
            .route("/simulator/faults", post(faults::add).delete(faults::clear))
            .route("/simulator/reset", post(reset::reset))
            .fallback(unknown)
            .layer(middleware::from_fn(guard::guard))
            .with_state(self)
    }
}

async fn unknown() -> (StatusCode, &'static str) {
    let paths = "the simulator has /simulator/clock, /simulator/faults, /simulator/reset and /simulator/state\n";
    (StatusCode::NOT_FOUND, paths)
}

/// A request that can't be carried out, and why: 400 with a text.
struct Refused(String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, format!("{}\n", self.0)).into_response()
    }
}
