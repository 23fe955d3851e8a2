//! Protects the page's server against other pages in the visitor's browser.
//!
//! The server listens on the loopback address, to which every open page can send requests. A host name that resolves to
//! that address would even let it read the answers. So a request must name this address, and a request that changes
//! something must come from the page itself.

use std::net::SocketAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::problem::Problem;

/// The browser sets this header. A script can't.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Only the page's own files and requests.
const CONTENT_POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

pub(crate) async fn guard(State(address): State<SocketAddr>, request: Request, next: Next) -> Response {
    let mut response = match check(address, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let headers = [
        (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (RESOURCE_POLICY, "same-origin"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn check(address: SocketAddr, request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let host = text(headers, &HOST).filter(|host| is_own(host, address.port()));
    // A target such as `http://example.com/` names the host a second time.
    let target = request.uri().authority();
    if host.is_none() || target.is_some_and(|target| !is_own(target.as_str(), address.port())) {
        return Err(forbidden("This server answers by its loopback address only."));
    }
    match *request.method() {
        Method::GET | Method::HEAD => Ok(()),
        _ if !is_from_page(headers) => Err(forbidden("Only this server's own page may change something.")),
        // No form of another page can send this media type.
        Method::POST | Method::PUT if !is_json(headers) => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "A JSON body is expected (Content-Type: application/json).",
        )),
        _ => Ok(()),
    }
}

/// Whether the text is a name of the loopback address, with the port.
fn is_own(host: &str, port: u16) -> bool {
    ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .any(|name| host.eq_ignore_ascii_case(&format!("{name}:{port}")) || (port == 80 && host == *name))
}

/// `Origin` decides if it is there. Without it, `Sec-Fetch-Site` does.
fn is_from_page(headers: &HeaderMap) -> bool {
    match (text(headers, &ORIGIN), text(headers, &HOST)) {
        (Some(origin), Some(host)) => origin.eq_ignore_ascii_case(&format!("http://{host}")),
        _ => !headers.contains_key(ORIGIN) && text(headers, &SEC_FETCH_SITE) == Some("same-origin"),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = text(headers, &CONTENT_TYPE).and_then(|value| value.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}

/// A header's value, if the header occurs once and is text.
fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn forbidden(message: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, message)
}
