//! A callback URL and the requests to it.

use std::collections::BTreeSet;

use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::client::client;
use super::delivery::Outcome;
use super::destination::{Destination, Hosts, WebhookRequest};
use super::overrides::Overrides;
use super::signature::{SigningKey, with_query};
use crate::twilio::taskrouter::model::Event;

/// A callback URL and its filter.
pub(crate) struct Callback {
    /// The URL as registered, including the fragment. This text is signed.
    pub(crate) registered: String,
    /// The workspace of the callback. None for a callback for every workspace.
    pub(crate) workspace: Option<String>,
    pub(crate) overrides: Overrides,
    destination: Destination,
    filter: EventsFilter,
    client: reqwest::Client,
}

impl Callback {
    /// # Errors
    /// If `url` is not an absolute HTTP URL.
    pub(crate) fn new(url: &str, filter: EventsFilter, workspace: Option<&str>) -> Result<Self, String> {
        Self::with(url, filter, workspace, Overrides::of(url))
    }

    /// A webhook of Conversations. Connection overrides don't count.
    ///
    /// # Errors
    /// If `url` is not an absolute HTTP URL.
    pub(crate) fn of_conversations(url: &str) -> Result<Self, String> {
        Self::with(url, EventsFilter::default(), None, Overrides::of_conversations())
    }

    fn with(url: &str, filter: EventsFilter, workspace: Option<&str>, overrides: Overrides) -> Result<Self, String> {
        let destination = Destination::parse(url)?;
        let client = client(|builder| builder.connect_timeout(overrides.connect_timeout));
        Ok(Self {
            registered: url.to_owned(),
            workspace: workspace.map(str::to_owned),
            overrides,
            destination,
            filter,
            client,
        })
    }

    /// Whether the callback gets an event.
    pub(crate) fn wants(&self, event: &Event) -> bool {
        let is_of = |workspace: &String| {
            let mut fields = event.fields.iter();
            fields.any(|(name, value)| name == "WorkspaceSid" && value == workspace)
        };
        self.workspace.as_ref().is_none_or(is_of) && self.filter.admits(&event.event_type)
    }

    pub(crate) async fn send(&self, form: &SignedForm, hosts: &Hosts) -> Outcome {
        let request = WebhookRequest {
            method: form.method.clone(),
            query: form.query.clone(),
            headers: form.headers.clone(),
            body: form.body.clone(),
            time_limit: self.overrides.read_timeout,
        };
        self.destination.send(&self.client, request, hosts).await
    }
}

/// A workspace's `EventsFilter`: a comma-separated list of event types. An empty filter admits every type.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct EventsFilter(BTreeSet<String>);

impl EventsFilter {
    pub(crate) fn of(text: &str) -> Self {
        let types = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        Self(types.map(str::to_owned).collect())
    }

    pub(crate) fn admits(&self, event_type: &str) -> bool {
        self.0.is_empty() || self.0.contains(event_type)
    }
}

/// A signed request that is ready to be sent.
#[derive(Clone)]
pub(crate) struct SignedForm {
    method: Method,
    /// The form of a GET request.
    query: Option<String>,
    headers: HeaderMap,
    body: String,
}

impl SignedForm {
    /// A form with Twilio's headers, for a callback URL as registered.
    pub(crate) fn of(fields: &[(String, String)], idempotency_token: &str, key: &SigningKey, url: &str) -> Self {
        let mut headers = key.headers(url, fields);
        headers.extend(common_headers(idempotency_token));
        let form_type = "application/x-www-form-urlencoded; charset=UTF-8";
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(form_type));
        Self {
            method: Method::POST,
            query: None,
            headers,
            body: encoded(fields),
        }
    }

    /// A GET request with the form in the query. Only the URL with the query is signed.
    pub(crate) fn in_query(fields: &[(String, String)], idempotency_token: &str, key: &SigningKey, url: &str) -> Self {
        let query = encoded(fields);
        let mut headers = key.headers(&with_query(url, &query), &[]);
        headers.extend(common_headers(idempotency_token));
        Self {
            method: Method::GET,
            query: Some(query),
            headers,
            body: String::new(),
        }
    }
}

fn encoded(fields: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

fn common_headers(idempotency_token: &str) -> [(HeaderName, HeaderValue); 2] {
    let token = HeaderValue::from_str(idempotency_token);
    [
        (USER_AGENT, HeaderValue::from_static("TwilioProxy/1.1")),
        (
            HeaderName::from_static("i-twilio-idempotency-token"),
            token.expect("hexadecimal digits can stand in a header"),
        ),
    ]
}
