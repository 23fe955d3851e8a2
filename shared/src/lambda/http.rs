//! HTTP requests through `lambda_http`: API Gateway (REST and HTTP APIs), function URLs and load balancers.

use std::convert::Infallible;
use std::future::Future;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use lambda_http::request::{LambdaRequest, RequestContext};
use lambda_http::{Adapter, Body, Context, LambdaEvent, Request, RequestExt, Service, service_fn};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use crate::invocation::log::catch_expected_panic;

/// The payload of an HTTP invocation. `None` if `lambda_http` doesn't know the payload's kind.
pub struct HttpPayload(Option<LambdaRequest>);

impl<'de> Deserialize<'de> for HttpPayload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let payload = Box::<RawValue>::deserialize(deserializer).ok();
        Ok(payload.map_or(Self(None), |payload| Self::parse(payload.get())))
    }
}

impl HttpPayload {
    /// Reads a payload of format 2.0, which HTTP APIs and function URLs send, at once. `lambda_http` would try the
    /// other formats first and read the payload to its end before each fails.
    pub(crate) fn parse(payload: &str) -> Self {
        #[derive(Deserialize)]
        struct Format<'p> {
            version: &'p str,
        }
        let is_format_2 = serde_json::from_str(payload).is_ok_and(|format: Format<'_>| format.version == "2.0");
        let format_2 = is_format_2.then(|| serde_json::from_str(payload).ok()).flatten();
        Self(match format_2 {
            Some(request) => Some(LambdaRequest::ApiGatewayV2(request)),
            None => serde_json::from_str(payload).ok(),
        })
    }
}

/// The reason why there is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRequest {
    /// The payload is not an HTTP request.
    NotHttp,
    /// The query, the `Host` or the body is invalid, and `lambda_http` panics.
    Invalid,
}

/// An answer in the form of the sending service, or in the form that all services accept.
#[derive(Serialize)]
#[serde(untagged)]
enum HttpAnswer<A> {
    Adapted(A),
    Plain(serde_json::Value),
}

/// Handles an HTTP invocation. `reject` answers a payload that can't be turned into a request.
pub async fn respond<'h, F>(
    event: LambdaEvent<HttpPayload>,
    handle: impl Fn(Request) -> F + 'h,
    reject: impl FnOnce(NoRequest, &Context) -> Response<Body>,
) -> impl Serialize
where
    F: Future<Output = Response<Body>> + Send + 'h,
{
    let LambdaEvent { payload, context } = event;
    let Some(payload) = payload.0 else {
        return HttpAnswer::Plain(plain(reject(NoRequest::NotHttp, &context)));
    };
    let handle = |request| {
        let response = handle(request);
        async { Ok::<_, Infallible>(response.await) }
    };
    let mut adapter = Adapter::from(service_fn(handle));
    let event = LambdaEvent::new(payload, context.clone());
    // The conversion takes place in the call. The handler's own work begins when the future is awaited.
    match catch_expected_panic(|| adapter.call(event)) {
        Some(response) => {
            let Ok(answer) = response.await;
            HttpAnswer::Adapted(answer)
        }
        None => HttpAnswer::Plain(plain(reject(NoRequest::Invalid, &context))),
    }
}

/// An answer in the form that API Gateway and load balancers accept.
fn plain(response: Response<Body>) -> serde_json::Value {
    let headers: serde_json::Map<_, _> = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.into())))
        .collect();
    let body = String::from_utf8_lossy(response.body());
    json!({
        "statusCode": response.status().as_u16(),
        "headers": headers,
        "body": body,
        "isBase64Encoded": false,
    })
}

/// A JSON answer, or an answer without a body.
pub fn json_response(status: StatusCode, body: Option<String>) -> Response<Body> {
    let mut response = Response::new(body.map_or(Body::Empty, Body::Text));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// The requested URL without its query. `None` behind a load balancer, which doesn't tell its host.
///
/// The URL comes from the request's context, since `Request::uri` is built from headers that the caller chooses.
pub fn requested_url(request: &Request) -> Option<String> {
    let (domain, path) = match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => (context.domain_name.as_deref()?, request.raw_http_path()),
        // This path has the stage or the base path of a custom domain. The event's own path doesn't.
        RequestContext::ApiGatewayV1(context) => (context.domain_name.as_deref()?, context.path.as_deref()?),
        _ => return None,
    };
    Some(format!("https://{domain}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_is_of_the_format_that_it_names() {
        let format = |payload: &str| match HttpPayload::parse(payload).0 {
            Some(LambdaRequest::ApiGatewayV1(_)) => "REST API",
            Some(LambdaRequest::ApiGatewayV2(_)) => "HTTP API",
            Some(LambdaRequest::Alb(_)) => "load balancer",
            Some(_) => "another",
            None => "none",
        };
        // Without the version, this could be taken for the HTTP API's format.
        let rest = r#""httpMethod":"POST","path":"/x","requestContext":{"httpMethod":"POST","http":{"method":"POST"}}"#;
        for (payload, expected) in [
            (
                r#"{"version":"2.0","rawPath":"/x","requestContext":{"http":{"method":"POST"}}}"#.to_owned(),
                "HTTP API",
            ),
            (format!(r#"{{"version":"1.0",{rest}}}"#), "REST API"),
            (format!("{{{rest}}}"), "REST API"),
            (
                r#"{"httpMethod":"POST","path":"/x","requestContext":{"elb":{"targetGroupArn":"a"}}}"#.to_owned(),
                "load balancer",
            ),
            (r#"{"version":"2.0"}"#.to_owned(), "none"),
            (r#"{"version":2.0,"#.to_owned(), "none"),
        ] {
            assert_eq!(format(&payload), expected, "{payload}");
        }
    }
}
