//! Conversations under their service: `/v1/Services/IS…/Conversations`.
//!
//! The answers are the same as for the paths without the service, so their URLs lack the service too.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::any;
use http::{Request, Uri};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use crate::twilio::sids::CHAT_SERVICE_SID;

/// The paths of `plain`, also under the default service.
pub(super) fn router(plain: Router) -> Router {
    Router::new()
        .route("/v1/Services/{service}/Conversations", any(of_service))
        .route("/v1/Services/{service}/Conversations/{*rest}", any(of_service))
        .with_state(plain.clone())
        .fallback_service(plain)
}

/// Leaves the path of another service unchanged, so `plain` refuses the request.
async fn of_service(
    State(plain): State<Router>,
    Path(parameters): Path<Vec<(String, String)>>,
    mut request: Request<Body>,
) -> Response {
    let is_default = parameters
        .iter()
        .any(|(name, value)| name == "service" && value == CHAT_SERVICE_SID);
    if is_default && let Some(uri) = without_service(request.uri()) {
        *request.uri_mut() = uri;
    }
    // Otherwise `plain` would count this path's parameters among its own.
    request.extensions_mut().clear();
    match TowerToHyperService::new(plain).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn without_service(uri: &Uri) -> Option<Uri> {
    let whole = uri.path_and_query()?.as_str();
    whole
        .replacen(&format!("/Services/{CHAT_SERVICE_SID}"), "", 1)
        .parse()
        .ok()
}
