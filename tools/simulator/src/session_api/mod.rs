//! The session API of the AI platform, as far as a session's custom data.

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

/// How the session API answers.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The bearer token that it wants.
    pub token: String,
    /// How many requests it lets through in any minute.
    pub requests_per_minute: usize,
    /// What it says to wait past that, if it says anything.
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

/// The session API. Clones share it.
#[derive(Clone)]
pub struct SessionApi(Arc<Platform>);

struct Platform {
    clock: Clock,
    settings: Mutex<Settings>,
    /// When each request of the last minute came.
    recent: Mutex<VecDeque<OffsetDateTime>>,
    sessions: Mutex<BTreeMap<String, Session>>,
}

#[derive(Default)]
struct Session {
    custom_data: CustomData,
    /// What was written, write by write.
    patches: Vec<CustomData>,
    /// When each value became what it is.
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

    /// Opens a session without custom data, in place of one that had this id.
    pub fn create_session(&self, id: &str) {
        lock(&self.0.sessions).insert(id.to_owned(), Session::default());
    }

    /// A session's custom data, if there is such a session.
    pub fn custom_data(&self, id: &str) -> Option<CustomData> {
        lock(&self.0.sessions)
            .get(id)
            .map(|session| session.custom_data.clone())
    }

    /// What was written to a session, write by write.
    pub fn patches(&self, id: &str) -> Vec<CustomData> {
        lock(&self.0.sessions)
            .get(id)
            .map(|session| session.patches.clone())
            .unwrap_or_default()
    }

    /// When each name of a session's custom data got the value that it has.
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

    /// The token and the limits as they are now.
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

    /// Counts a request that came in time, and refuses the others.
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

/// A session, with the fields of the platform's reference that matter here.
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

/// Why the session API did not do what it was asked to.
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
