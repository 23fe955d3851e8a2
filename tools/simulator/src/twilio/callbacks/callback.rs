//! A callback URL and the requests to it.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::{Position, Url};

use super::delivery::Outcome;
use super::overrides::Overrides;
use super::signature::signature;
use crate::loopback;
use crate::twilio::taskrouter::model::Event;

/// A callback URL with its filter.
pub(crate) struct Callback {
    /// The URL as registered, with its fragment. This text is signed.
    pub(crate) registered: String,
    /// The workspace of the callback; none for a callback for every workspace.
    pub(crate) workspace: Option<String>,
    pub(crate) overrides: Overrides,
    url: Url,
    filter: EventsFilter,
    client: reqwest::Client,
}

impl Callback {
    /// # Errors
    /// If `url` is not an absolute HTTP URL.
    pub(crate) fn new(url: &str, filter: EventsFilter, workspace: Option<&str>) -> Result<Self, String> {
        let overrides = Overrides::of(url);
        let parsed = Url::parse(url).map_err(|error| format!("{url} is not a URL: {error}"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(format!("{url} is not an HTTP URL"));
        }
        let client = loopback::builder()
            .connect_timeout(overrides.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client without certificates can be built");
        Ok(Self {
            registered: url.to_owned(),
            workspace: workspace.map(str::to_owned),
            overrides,
            url: parsed,
            filter,
            client,
        })
    }

    /// Whether the callback is sent an event.
    pub(crate) fn wants(&self, event: &Event) -> bool {
        let is_of = |workspace: &String| {
            let mut fields = event.fields.iter();
            fields.any(|(name, value)| name == "WorkspaceSid" && value == workspace)
        };
        self.workspace.as_ref().is_none_or(is_of) && self.filter.admits(&event.event_type)
    }

    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Posts a form to the URL, or to `address` in plain HTTP if given. The URL's host then only appears in the `Host`
    /// header.
    pub(crate) async fn post(&self, form: &SignedForm, address: Option<SocketAddr>) -> Outcome {
        let host = &self.url[Position::BeforeHost..Position::AfterPort];
        let path_and_query = &self.url[Position::BeforePath..Position::AfterQuery];
        let origin = match address {
            Some(address) => format!("http://{address}"),
            None => format!("{}://{host}", self.url.scheme()),
        };
        let request = self
            .client
            .post(format!("{origin}{path_and_query}"))
            .headers(form.headers.clone())
            .header(HOST, host)
            .timeout(self.overrides.read_timeout)
            .body(form.body.clone());
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => return Outcome::NotConnected,
            Err(_) => return Outcome::NotAnswered,
        };
        let status = response.status().as_u16();
        match response.text().await {
            Ok(body) => Outcome::Answered { status, body },
            Err(_) => Outcome::NotAnswered,
        }
    }
}

/// A workspace's `EventsFilter`: event types, separated by commas. An empty filter admits every type.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct EventsFilter(BTreeSet<String>);

impl EventsFilter {
    pub(crate) fn of(text: &str) -> Self {
        let types = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        Self(types.map(str::to_owned).collect())
    }

    fn admits(&self, event_type: &str) -> bool {
        self.0.is_empty() || self.0.contains(event_type)
    }
}

/// A signed request, ready to be posted.
#[derive(Clone)]
pub(crate) struct SignedForm {
    headers: HeaderMap,
    body: String,
}

impl SignedForm {
    /// A form with Twilio's headers, for a callback's URL as registered.
    pub(crate) fn of(fields: &[(String, String)], idempotency_token: &str, auth_token: &str, url: &str) -> Self {
        let value =
            |text: &str| HeaderValue::from_str(text).expect("base64 and hexadecimal digits can stand in a header");
        let signature = signature(auth_token, url, fields);
        let headers = HeaderMap::from_iter([
            (
                CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded; charset=UTF-8"),
            ),
            (USER_AGENT, HeaderValue::from_static("TwilioProxy/1.1")),
            (
                HeaderName::from_static("i-twilio-idempotency-token"),
                value(idempotency_token),
            ),
            (HeaderName::from_static("x-twilio-signature"), value(&signature)),
        ]);
        Self {
            headers,
            body: form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish(),
        }
    }
}
