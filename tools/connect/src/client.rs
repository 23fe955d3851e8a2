//! Twilio's REST API over HTTP.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;
use url::Url;

use crate::credentials::TwilioCredentials;
use crate::options::BaseUrls;

const TIMEOUT: Duration = Duration::from_secs(15);

/// The number of times that a repeatable request is sent, with a pause in between.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The most items that Twilio gives on a page.
const PAGE_SIZE: &str = "1000";

/// The most pages of a list. A longer list is not believed.
const MAX_PAGES: u32 = 1000;

/// The Twilio products through which an account is read and changed.
pub(crate) struct Client {
    http: reqwest::Client,
    credentials: TwilioCredentials,
    /// The place of the password that Twilio accepted last.
    accepted: AtomicUsize,
    urls: BaseUrls,
}

#[derive(Clone, Copy)]
pub(crate) struct Product<'c> {
    client: &'c Client,
    base: &'c Url,
}

/// The reason why there is no readable answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum ReadError {
    /// The status was 401.
    #[error("Twilio doesn't accept the credentials")]
    Unauthenticated,
    /// The status was 403, or the answer had the code for a lacking permission.
    #[error("the API key lacks a permission")]
    Forbidden,
    /// The status was 404.
    #[error("there is no such resource at Twilio")]
    NotFound,
    /// The status was another 4xx.
    #[error("Twilio refused {path} with status {status}: {message}")]
    Refused { path: String, status: u16, message: String },
    /// There was no answer, 5xx, 429 to the end or an unreadable answer.
    #[error("{path}: {cause}")]
    Unavailable { path: String, cause: String },
}

/// Twilio's code for a permission that a restricted key lacks.
const LACKS_PERMISSION: i64 = 70051;

#[derive(Deserialize)]
struct TwilioError {
    code: Option<i64>,
    message: Option<String>,
}

impl Client {
    pub(crate) fn new(http: reqwest::Client, credentials: TwilioCredentials, urls: BaseUrls) -> Self {
        Self {
            http,
            credentials,
            accepted: AtomicUsize::new(0),
            urls,
        }
    }

    pub(crate) fn taskrouter(&self) -> Product<'_> {
        Product {
            client: self,
            base: &self.urls.taskrouter,
        }
    }

    pub(crate) fn events(&self) -> Product<'_> {
        Product {
            client: self,
            base: &self.urls.events,
        }
    }
}

impl Product<'_> {
    /// Reads a resource.
    pub(crate) async fn get<T: DeserializeOwned>(self, path: &str) -> Result<T, ReadError> {
        self.exchange(Method::GET, path, &[]).await
    }

    /// Reads all pages of a list. The items are under `key`.
    pub(crate) async fn list<T: DeserializeOwned>(
        self,
        path: &str,
        key: &str,
        filters: &[(&str, &str)],
    ) -> Result<Vec<T>, ReadError> {
        let mut items = Vec::new();
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(filters)
            .append_pair("PageSize", PAGE_SIZE)
            .finish();
        let mut next = Some(query);
        for _ in 0..MAX_PAGES {
            let Some(query) = next.take() else {
                return Ok(items);
            };
            let mut page: Value = self.exchange(Method::GET, &format!("{path}?{query}"), &[]).await?;
            let unreadable = |cause: String| ReadError::Unavailable {
                path: path.to_owned(),
                cause,
            };
            let list = serde_json::from_value::<Vec<T>>(page[key].take());
            items.extend(list.map_err(|error| unreadable(format!("the list can't be read: {error}")))?);
            // The next page is read from our own host whatever the answer names, since credentials go to no other host.
            next = match page["meta"]["next_page_url"].as_str() {
                None => None,
                Some(url) => {
                    let url = Url::parse(url).map_err(|_| unreadable("the next page has no URL".to_owned()))?;
                    url.query().map(str::to_owned)
                }
            };
        }
        Err(ReadError::Unavailable {
            path: path.to_owned(),
            cause: "the list doesn't end".to_owned(),
        })
    }

    /// Creates or changes a resource. The request is sent only once, since a lost answer doesn't tell whether the
    /// request was carried out.
    pub(crate) async fn post<T: DeserializeOwned>(self, path: &str, form: &[(&str, &str)]) -> Result<T, ReadError> {
        read(path, self.send(Method::POST, path, form).await?).await
    }

    /// Deletes a resource. A missing resource counts as deleted.
    pub(crate) async fn delete(self, path: &str) -> Result<(), ReadError> {
        let answer = self.send(Method::DELETE, path, &[]).await?;
        match answer.status() {
            StatusCode::NO_CONTENT | StatusCode::NOT_FOUND => Ok(()),
            _ => Err(refusal(path, answer).await),
        }
    }

    async fn exchange<T: DeserializeOwned>(
        self,
        method: Method,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<T, ReadError> {
        let mut tries = 1;
        loop {
            let result = match self.send(method.clone(), path, form).await {
                Err(error) => (Err(error), None),
                Ok(answer) if answer.status() == StatusCode::TOO_MANY_REQUESTS || answer.status().is_server_error() => {
                    let retry_after = retry_after(&answer);
                    (Err(refusal(path, answer).await), retry_after)
                }
                Ok(answer) => (read(path, answer).await, None),
            };
            match result {
                (Err(ReadError::Unavailable { .. }), retry_after) if tries < TRIES => {
                    let pause = retry_after.unwrap_or(PAUSE * tries).min(LONGEST_PAUSE);
                    tokio::time::sleep(pause).await;
                    tries += 1;
                }
                (result, _) => return result,
            }
        }
    }

    /// Sends a request. After a 401, the request is sent with the other password, since Twilio carried nothing out.
    async fn send(self, method: Method, path: &str, form: &[(&str, &str)]) -> Result<Response, ReadError> {
        let passwords = &self.client.credentials.passwords;
        let first = self.client.accepted.load(Ordering::Relaxed);
        let mut place = first;
        loop {
            let request = self.request(method.clone(), path, form, &passwords[place]);
            let answer = request.send().await.map_err(|error| ReadError::Unavailable {
                path: path.to_owned(),
                cause: cause(&error),
            })?;
            if answer.status() != StatusCode::UNAUTHORIZED {
                self.client.accepted.store(place, Ordering::Relaxed);
                return Ok(answer);
            }
            place = (place + 1) % passwords.len();
            if place == first {
                return Ok(answer);
            }
        }
    }

    fn request(self, method: Method, path: &str, form: &[(&str, &str)], password: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let request = self.client.http.request(method, url).timeout(TIMEOUT);
        let request = request.basic_auth(&self.client.credentials.user, Some(password));
        match form {
            [] => request,
            form => {
                let body = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(form)
                    .finish();
                request
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .body(body)
            }
        }
    }
}

/// The error in words. Only the host of the URL is named, since the rest may hold a secret.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    let host = error.url().map_or_else(|| "the server".to_owned(), host);
    if error.is_timeout() {
        format!("no answer from {host} in time")
    } else if error.is_connect() {
        format!("no connection to {host}")
    } else {
        format!("the connection to {host} broke")
    }
}

/// The host with the URL's port, if any.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn retry_after(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get("Retry-After")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn read<T: DeserializeOwned>(path: &str, answer: Response) -> Result<T, ReadError> {
    if !answer.status().is_success() {
        return Err(refusal(path, answer).await);
    }
    let unreadable = |cause: String| ReadError::Unavailable {
        path: path.to_owned(),
        cause,
    };
    let body = answer.bytes().await.map_err(|error| unreadable(cause(&error)))?;
    serde_json::from_slice(&body).map_err(|error| unreadable(format!("the answer can't be read: {error}")))
}

async fn refusal(path: &str, answer: Response) -> ReadError {
    let status = answer.status();
    let body = answer.bytes().await.unwrap_or_default();
    let error: Option<TwilioError> = serde_json::from_slice(&body).ok();
    let code = error.as_ref().and_then(|error| error.code);
    match status {
        StatusCode::UNAUTHORIZED if code == Some(LACKS_PERMISSION) => ReadError::Forbidden,
        StatusCode::UNAUTHORIZED => ReadError::Unauthenticated,
        StatusCode::FORBIDDEN => ReadError::Forbidden,
        StatusCode::NOT_FOUND => ReadError::NotFound,
        status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => ReadError::Unavailable {
            path: path.to_owned(),
            cause: format!("Twilio answered with status {}", status.as_u16()),
        },
        status => ReadError::Refused {
            path: path.to_owned(),
            status: status.as_u16(),
            message: error.and_then(|error| error.message).unwrap_or_default(),
        },
    }
}
