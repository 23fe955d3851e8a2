//! Request parameters. Unknown parameters are ignored. Malformed parameters are refused.

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, OffsetDateTime, UtcOffset};

use super::refusal::Refusal;

pub(crate) struct Form<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Refusal;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Refusal> {
        // A client that sends no body may also leave out the content type.
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().entry(CONTENT_TYPE).or_insert(form);
        match axum::Form::from_request(request, state).await {
            Ok(axum::Form(form)) => Ok(Self(form)),
            Err(rejection) => Err(Refusal::invalid(rejection.body_text())),
        }
    }
}

pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Refusal::invalid(rejection.body_text())),
        }
    }
}

/// A time in ISO 8601, converted to UTC. A date stands for its first moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(pub(crate) OffsetDateTime);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let date = || Date::parse(&text, &Iso8601::DATE).map(|date| date.midnight().assume_utc());
        let moment = OffsetDateTime::parse(&text, &Rfc3339).or_else(|_| date());
        // With an offset, the last hours of 9999 fall into a year that RFC 3339 can't express.
        let moment = moment.ok().and_then(|moment| moment.checked_to_offset(UtcOffset::UTC));
        moment.map(Self).ok_or_else(|| D::Error::custom("not an ISO 8601 date"))
    }
}

/// A boolean. "A value of `true`, `1`, or `yes`" is true; "all other values" are false.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flag(pub(crate) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?.to_lowercase();
        Ok(Self(matches!(text.as_str(), "true" | "1" | "yes")))
    }
}

/// Refuses a request without a required parameter.
pub(crate) fn required<T>(name: &str, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::invalid(format!("Missing required parameter {name} in the post body")))
}

/// Refuses a text that is not an HTTP URL. An empty text removes a URL.
pub(crate) fn check_url(name: &str, url: Option<&str>) -> Result<(), Refusal> {
    let is_url = |url: &str| url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    match url {
        Some(url) if !url.is_empty() && !is_url(url) => Err(Refusal::invalid(format!("{name} is not a URL"))),
        _ => Ok(()),
    }
}
