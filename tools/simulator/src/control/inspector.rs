//! The inspector: a page that shows the state.

use axum::Json;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::{HeaderName, HeaderValue, StatusCode};

use crate::page::{self, File};
use crate::page_files;
use crate::twilio::names_of_not_simulated;

/// Only the page's own files and requests.
const CONTENT_POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/// The files besides the page itself and those that it shares with the demo's page.
static FILES: &[File] = page_files! {
    "page":
    "account.css"
    "account.js"
    "actions.js"
    "address.js"
    "api.js"
    "clock.js"
    "connection.js"
    "detail.css"
    "detail.js"
    "details.js"
    "entry-detail.js"
    "faults.js"
    "filter.js"
    "layout.css"
    "limits.js"
    "lists.css"
    "live.js"
    "log-tree.js"
    "log.css"
    "log.js"
    "main.js"
    "new-task.js"
    "parts.js"
    "reset.js"
    "search.js"
    "store.js"
    "task-detail.js"
    "tasks.js"
    "views.js"
    "worker-detail.js"
    "workspace.js"
};

pub(super) async fn page() -> Response {
    protected(Html(include_str!("page/index.html")).into_response())
}

pub(super) async fn file(Path(name): Path<String>) -> Result<Response, StatusCode> {
    page::file(FILES, &name).map(protected).ok_or(StatusCode::NOT_FOUND)
}

/// The resources of Twilio that the simulator lacks, by name.
pub(super) async fn not_simulated() -> Json<Vec<String>> {
    Json(names_of_not_simulated())
}

fn protected(mut response: Response) -> Response {
    let headers: [(HeaderName, &str); 2] = [(CONTENT_SECURITY_POLICY, CONTENT_POLICY), (CACHE_CONTROL, "no-cache")];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_in_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/control/page");
        assert_eq!(page::difference(folder, FILES, &["index.html"]), [""; 0]);
    }
}
