//! The page that shows the state.

use axum::response::{Html, IntoResponse};
use http::header::CONTENT_TYPE;

pub(super) async fn page() -> Html<&'static str> {
    Html(include_str!("page/inspector.html"))
}

pub(super) async fn style() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("page/inspector.css"),
    )
}

pub(super) async fn script() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/javascript; charset=utf-8")],
        include_str!("page/inspector.js"),
    )
}
