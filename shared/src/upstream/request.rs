//! A request to an upstream.

use http::header::{CONTENT_TYPE, IF_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

/// The id of the invocation that sends a request, as in its log line. The upstream's operators can ask about this id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request without credentials.
pub struct Request {
    /// The name of the step in the log.
    pub step: &'static str,
    pub method: Method,
    pub url: Url,
    pub if_match: Option<HeaderValue>,
    pub body: Body,
    pub try_limit: TryLimit,
}

pub enum Body {
    None,
    Form(Vec<(&'static str, String)>),
    Json(String),
}

/// How long a try may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryLimit {
    /// A share of the time left, so that another try fits in.
    Share,
    /// All the time left. An abandoned write may still be carried out after a later write.
    Whole,
}

impl Request {
    pub fn get(step: &'static str, url: Url) -> Self {
        Self {
            step,
            method: Method::GET,
            url,
            if_match: None,
            body: Body::None,
            try_limit: TryLimit::Share,
        }
    }

    pub fn delete(step: &'static str, url: Url) -> Self {
        Self {
            method: Method::DELETE,
            ..Self::get(step, url)
        }
    }

    /// A request that writes a form. With `if_match`, only if the resource still has that version.
    pub fn post(
        step: &'static str,
        url: Url,
        if_match: Option<HeaderValue>,
        form: Vec<(&'static str, String)>,
    ) -> Self {
        Self {
            method: Method::POST,
            if_match,
            body: Body::Form(form),
            ..Self::get(step, url)
        }
    }

    /// The request as it is sent, with further headers.
    pub(super) fn to_send(&self, request_id: &str, headers: HeaderMap) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        let (body, content_type) = match &self.body {
            Body::None => (None, None),
            Body::Json(json) => (Some(json.clone()), Some("application/json")),
            Body::Form(pairs) => {
                let form = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(pairs)
                    .finish();
                (Some(form), Some("application/x-www-form-urlencoded"))
            }
        };
        *request.body_mut() = body.map(reqwest::Body::from);
        *request.headers_mut() = headers;
        let own = [
            (REQUEST_ID, HeaderValue::from_str(request_id).ok()),
            (IF_MATCH, self.if_match.clone()),
            (CONTENT_TYPE, content_type.map(HeaderValue::from_static)),
        ];
        for (name, value) in own {
            request.headers_mut().extend(value.map(|value| (name, value)));
        }
        request
    }
}

/// The URL of a resource below an http or https URL.
pub(crate) fn below<'s>(url: &Url, segments: impl IntoIterator<Item = &'s str>) -> Url {
    let mut below = url.clone();
    if let Ok(mut path) = below.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_url_keeps_the_base_path() {
        for (url, expected) in [
            ("https://a.example", "https://a.example/v1/Tasks"),
            ("https://a.example/", "https://a.example/v1/Tasks"),
            ("https://u:p@a.example:8443/x", "https://u:p@a.example:8443/x/v1/Tasks"),
        ] {
            assert_eq!(below(&Url::parse(url).unwrap(), ["v1", "Tasks"]).as_str(), expected);
        }
    }
}
