//! An API Gateway REST API with Lambda proxy integrations, without binary media types.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api_gateway::PublicApi;
use super::headers::{Pairs, clf, decoded, forwarded, last, lists, user_agent};
use super::proxy::{Received, Refusal, Service, Target};
use super::response_2_0::Scalar;
use crate::identity::{self, ACCOUNT_ID};

pub(super) struct RestApi(pub(super) PublicApi);

impl RestApi {
    fn request_context(&self, request: &Received, route: &str) -> Value {
        json!({
            "resourceId": "us4z18",
            "resourcePath": route,
            "operationName": null,
            "httpMethod": request.method.as_str(),
            "extendedRequestId": identity::hex(15),
            "requestTime": clf(request.time),
            // The path as the caller asked for it, with the stage or base path.
            "path": request.uri.path(),
            "accountId": ACCOUNT_ID,
            "protocol": format!("{:?}", request.version),
            "stage": self.0.stage,
            "domainPrefix": self.0.domain_prefix(),
            "requestTimeEpoch": request.time_in_milliseconds(),
            "requestId": request.request_id,
            "identity": {
                "cognitoIdentityPoolId": null,
                "accountId": null,
                "cognitoIdentityId": null,
                "caller": null,
                "sourceIp": request.source,
                "principalOrgId": null,
                "accessKey": null,
                "cognitoAuthenticationType": null,
                "cognitoAuthenticationProvider": null,
                "userArn": null,
                "userAgent": user_agent(&request.headers),
                "user": null,
            },
            "domainName": self.0.domain_name,
            "apiId": self.0.api_id,
        })
    }
}

impl Service for RestApi {
    const REQUEST_LIMIT: usize = 10 * 1024 * 1024;
    const TIME_LIMIT: Option<Duration> = Some(Duration::from_secs(29));
    const REQUEST_ID_HEADER: Option<&str> = Some("x-amzn-RequestId");

    fn target<'a>(&'a self, path: &'a str) -> Option<Target<'a>> {
        self.0.route(path).map(Target::Route)
    }

    /// Header names are as the caller wrote them. HTTP libraries and Twilio use title case. Query parameters are
    /// decoded, and the event has no text of the query.
    fn event(&self, request: &Received) -> Value {
        let route = self.0.route(request.uri.path()).unwrap_or_default();
        let headers: Pairs = forwarded(request, Some(&self.0.domain_name));
        let headers: Pairs = headers
            .into_iter()
            .map(|(name, value)| (title_case(&name), value))
            .collect();
        let query = decoded(request.query());
        let or_null = |value: fn(Pairs) -> Value| match query.is_empty() {
            true => Value::Null,
            false => value(query.clone()),
        };
        // A base path stays in the path. A stage doesn't.
        let path = if self.0.has_custom_domain {
            request.uri.path()
        } else {
            route
        };
        let body = (!request.body.is_empty()).then(|| String::from_utf8_lossy(&request.body));
        json!({
            "resource": route,
            "path": path,
            "httpMethod": request.method.as_str(),
            "headers": last(headers.clone()),
            "multiValueHeaders": lists(headers),
            "queryStringParameters": or_null(last),
            "multiValueQueryStringParameters": or_null(lists),
            "pathParameters": null,
            "stageVariables": null,
            "requestContext": self.request_context(request, route),
            "body": body,
            "isBase64Encoded": false,
        })
    }

    fn response(&self, answer: &[u8]) -> Option<Response> {
        serde_json::from_slice::<Answer>(answer).ok()?.into_http()
    }

    fn refusal(&self, refusal: Refusal) -> Response {
        let (status, message) = match refusal {
            Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long"),
            Refusal::NoRoute => (StatusCode::FORBIDDEN, "Missing Authentication Token"),
            Refusal::Throttled => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
            Refusal::FunctionFailed => (StatusCode::BAD_GATEWAY, "Internal server error"),
            Refusal::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out"),
        };
        (status, axum::Json(json!({"message": message}))).into_response()
    }
}

/// `X-Twilio-Signature` for `x-twilio-signature`.
fn title_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}

/// A function's answer. Other members make it malformed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Answer {
    status_code: u16,
    headers: Option<BTreeMap<String, Scalar>>,
    multi_value_headers: Option<BTreeMap<String, Vec<Scalar>>>,
    body: Option<String>,
    /// Without binary media types, an encoded body reaches the caller unchanged.
    #[serde(rename = "isBase64Encoded")]
    _is_base64_encoded: Option<bool>,
}

impl Answer {
    /// The lists win if both kinds of headers have a name.
    fn into_http(self) -> Option<Response> {
        let lists = self.multi_value_headers.unwrap_or_default();
        let single = self.headers.unwrap_or_default().into_iter();
        let is_listed = |name: &String| lists.keys().any(|listed| listed.eq_ignore_ascii_case(name));
        let single: Vec<_> = single.filter(|(name, _)| !is_listed(name)).collect();
        let listed = lists.into_iter().flat_map(|(name, values)| {
            let named = values.into_iter().map(move |value| (name.clone(), value));
            named.collect::<Vec<_>>()
        });
        let mut response = Response::builder().status(StatusCode::from_u16(self.status_code).ok()?);
        for (name, value) in single.into_iter().chain(listed) {
            response = response.header(name, value.into_text());
        }
        let mut response = response.body(Body::from(self.body.unwrap_or_default())).ok()?;
        let default_type = header::HeaderValue::from_static("application/json");
        response
            .headers_mut()
            .entry(header::CONTENT_TYPE)
            .or_insert(default_type);
        Some(response)
    }
}
