//! The page of `cargo demo --serve`: one world that a visitor watches and plays in.

mod actions;
mod guard;
mod input;
mod live;
mod naive;
mod present;
mod problem;
mod record;
mod site;
mod view;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post, put};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};
use simulator::lambda::functions::Binaries;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::play::script::Part;
use crate::play::stage::Stage;
use actions::customers::{self, Arrival};
use actions::{ai, editor, faults, handoff, rep};
use present::Page;
use problem::Problem;
use record::desk::Desk;
use view::details;

/// The default port, unless it is taken.
const PORT: u16 = 4747;

/// Longer than any body that the page sends. The longest is a workflow.
const MAX_BODY: usize = 256 * 1024;

/// Serves the page until Ctrl-C, or until it is asked to end. The first customer has the task in the visitor's files, if
/// there are any.
pub(crate) async fn serve(
    binaries: Binaries,
    port: Option<u16>,
    files: Option<Part>,
    stage: &mut Stage,
) -> io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    let listener = listen(port).await?;
    let address = listener.local_addr()?;
    let desk = first_desk(&binaries, files.as_ref())
        .await
        .map_err(|problem| io::Error::other(problem.message().to_owned()))?;
    let page = Page::new(binaries, files, desk);
    tokio::spawn(live::tell(page.clone()));
    let router = router(page.clone(), address);
    // A reader of the address may end the page at once.
    let mut interrupted = signal(SignalKind::interrupt())?;
    stage.tell("Open this page in a browser; Ctrl-C ends it.")?;
    stage.address(&format!("http://{address}/"))?;
    let served = tokio::select! {
        served = axum::serve(listener, router) => served,
        _ = interrupted.recv() => Ok(()),
        _ = terminated.recv() => Ok(()),
    };
    page.desk().stop().await;
    served
}

/// Binds the requested port. Without one, it binds the default port, or any free one.
async fn listen(port: Option<u16>) -> io::Result<TcpListener> {
    if let Some(port) = port {
        return TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|error| io::Error::new(error.kind(), format!("port {port}: {error}")));
    }
    match TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
        bound => bound,
    }
}

fn router(page: Page, address: SocketAddr) -> Router {
    Router::new()
        .route("/", get(site::index))
        .route("/site/{name}", get(site::file))
        .route("/live", get(live::live))
        .route("/timeline/{id}", get(details::details))
        .route("/conversations", post(customers::new_customer))
        .route("/tasks/{sid}/messages", post(customers::write))
        .route("/tasks/{sid}/attributes", put(customers::set_attribute))
        .route("/tasks/{sid}/handoff", post(handoff::hand_over))
        .route("/tasks/{sid}/handoff/again", post(handoff::ask_again))
        .route("/tasks/{sid}/resolve", post(ai::resolve))
        .route("/tasks/{sid}/wrap-up", post(rep::wrap_up))
        .route("/tasks/{sid}/complete", post(rep::complete))
        .route("/reservations/{sid}/accept", post(rep::accept))
        .route("/reservations/{sid}/reject", post(rep::reject))
        .route("/workers/{sid}/activity", put(rep::set_activity))
        .route("/workflow", put(editor::save))
        .route("/workflow/try", post(editor::try_out))
        .route("/workflow/swap", post(editor::swap))
        .route("/faults", post(faults::add).delete(faults::lift))
        .route("/session-api", put(faults::set_session_api))
        .route("/clock", post(faults::move_clock))
        .route("/reset", post(reset))
        .fallback(async || site::not_found())
        .method_not_allowed_fallback(async || not_allowed())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(address, guard::guard))
        .with_state(page)
}

async fn reset(State(page): State<Page>) -> Result<Json<Value>, Problem> {
    page.replace_desk(first_desk(&page.binaries, page.files.as_ref()))
        .await?;
    Ok(Json(json!({})))
}

/// A new world in which one customer has just written.
async fn first_desk(binaries: &Binaries, files: Option<&Part>) -> Result<Arc<Desk>, Problem> {
    let desk = Arc::new(Desk::start(binaries.clone()).await?);
    let arrival = match files {
        Some(part) => Arrival::of_files(part)?,
        None => Arrival::of_example(&desk, "Ana")?,
    };
    customers::arrive(&desk, arrival).await?;
    Ok(desk)
}

fn not_allowed() -> Problem {
    Problem::new(
        http::StatusCode::METHOD_NOT_ALLOWED,
        "That can't be done at this address.",
    )
}
