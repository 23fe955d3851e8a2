//! The session API of the AI platform, including a session's custom data.

mod custom_data;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::{AUTHORIZATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::OffsetDateTime;

use crate::clock::Clock;
use crate::lock::lock;

pub use custom_data::CustomData;

/// The token and limits of the session API.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The bearer token that requests must carry.
    pub token: String,
    /// The number of requests allowed in a minute.
    pub requests_per_minute: usize,
    /// The `Retry-After` of an answer past the limit, if any.
    pub retry_after: Option<Duration>,
}

impl Default for Settings {
    /// The platform's published limit: 100 requests a minute.
    fn default() -> Self {
        Self {
            token: "a-token-of-no-real-platform".to_owned(),
            requests_per_minute: 100,
            retry_after: None,
        }
    }
}

/// Clones share their sessions.
#[derive(Clone)]
pub struct SessionApi(Arc<Platform>);

struct Platform {
    clock: Clock,
    settings: Mutex<Settings>,
    /// The times of the last minute's requests.
    recent: Mutex<VecDeque<OffsetDateTime>>,
    sessions: Mutex<BTreeMap<String, Session>>,
}

#[derive(Default)]
struct Session {
    custom_data: CustomData,
    /// Every write, in order.
    patches: Vec<CustomData>,
    /// The time of each value's last change.
    changed: BTreeMap<String, OffsetDateTime>,
}

impl SessionApi {
    pub(crate) fn new(clock: Clock, settings: Settings) -> Self {
        Self(Arc::new(Platform {
            clock,
            settings: Mutex::new(settings),
            recent: Mutex::default(),
            sessions: Mutex::default(),
        }))
    }

    /// Creates a session without custom data. An existing session with the same id is replaced.
    pub fn create_session(&self, id: &str) {
        lock(&self.0.sessions).insert(id.to_owned(), Session::default());
    }

    /// The custom data of a session. None if the session is unknown.
    pub fn custom_data(&self, id: &str) -> Option<CustomData> {
        lock(&self.0.sessions)
            .get(id)
            .map(|session| session.custom_data.clone())
    }

    /// Every write to a session, in order.
    pub fn patches(&self, id: &str) -> Vec<CustomData> {
        lock(&self.0.sessions)
            .get(id)
            .map(|session| session.patches.clone())
            .unwrap_or_default()
    }

    /// The time of each value's last change, by name.
    pub fn changed(&self, id: &str) -> BTreeMap<String, OffsetDateTime> {
        lock(&self.0.sessions)
            .get(id)
            .map(|session| session.changed.clone())
            .unwrap_or_default()
    }

    /// Replaces the token and the limits.
    pub fn set(&self, settings: Settings) {
        *lock(&self.0.settings) = settings;
    }

    pub fn settings(&self) -> Settings {
        lock(&self.0.settings).clone()
    }

    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/chat/sessions/{id}", get(fetch).patch(update))
            .fallback(|| async { Refusal::NotFound })
            .layer(middleware::from_fn_with_state(self.clone(), admit))
            .with_state(self.clone())
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let expected = format!("Bearer {}", lock(&self.0.settings).token);
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if sent == Some(&expected) {
            Ok(())
        } else {
            Err(Refusal::Unauthorized)
        }
    }

    /// Counts a request within the limit. Refuses any other.
    fn check_rate(&self) -> Result<(), Refusal> {
        let (now, settings) = (self.0.clock.now(), self.settings());
        let mut recent = lock(&self.0.recent);
        while recent.front().is_some_and(|time| now - *time >= time::Duration::MINUTE) {
            recent.pop_front();
        }
        if recent.len() >= settings.requests_per_minute {
            return Err(Refusal::TooManyRequests(settings.retry_after));
        }
        recent.push_back(now);
        Ok(())
    }
}

async fn admit(State(api): State<SessionApi>, request: Request, next: Next) -> Response {
    match api.check_token(request.headers()).and_then(|()| api.check_rate()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn fetch(State(api): State<SessionApi>, Path(id): Path<String>) -> Result<Json<Resource>, Refusal> {
    let custom_data = api.custom_data(&id).ok_or(Refusal::NotFound)?;
    Ok(Json(Resource::new(id, custom_data)))
}

#[derive(Deserialize)]
struct Patch {
    custom_data: CustomData,
}

async fn update(State(api): State<SessionApi>, Path(id): Path<String>, body: Bytes) -> Result<Json<Resource>, Refusal> {
    let patch: Patch = serde_json::from_slice(&body).map_err(|error| Refusal::BadRequest(error.to_string()))?;
    let mut sessions = lock(&api.0.sessions);
    let session = sessions.get_mut(&id).ok_or(Refusal::NotFound)?;
    let now = api.0.clock.now();
    for (name, value) in patch.custom_data.iter() {
        if session.custom_data.get(name) != Some(value) {
            session.changed.insert(name.to_owned(), now);
        }
    }
    session.custom_data.merge(patch.custom_data.clone());
    session.patches.push(patch.custom_data);
    Ok(Json(Resource::new(id, session.custom_data.clone())))
}

/// A session. The fields are those of the platform's reference that the functions may read.
#[derive(Serialize)]
struct Resource {
    id: String,
    status: &'static str,
    ai_closure_type: Option<String>,
    sentiment: Option<String>,
    language: Option<String>,
    custom_data: CustomData,
    handoff: Option<String>,
}

impl Resource {
    fn new(id: String, custom_data: CustomData) -> Self {
        Self {
            id,
            custom_data,
            status: "open",
            ai_closure_type: None,
            sentiment: None,
            language: None,
            handoff: None,
        }
    }
}

/// An error answer of the session API.
enum Refusal {
    BadRequest(String),
    Unauthorized,
    NotFound,
    TooManyRequests(Option<Duration>),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, message) = match &self {
            Self::BadRequest(message) => (StatusCode::BAD_REQUEST, message.as_str()),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Invalid token"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Session not found"),
            Self::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
        };
        let body = json!({
            "statusCode": status.as_u16(),
            "message": message,
            "error": status.canonical_reason(),
        });
        let mut response = (status, Json(body)).into_response();
        if let Self::TooManyRequests(Some(retry_after)) = self {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs()));
        }
        response
    }
}
