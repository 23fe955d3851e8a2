//! A caller with the world's credentials.

use http::{HeaderMap, Method};
use serde_json::Value;
use simulator::exchange::Upstream;
use simulator::loopback;
use simulator::options::Options;
use simulator::twilio::sids::{ACCOUNT_SID, WORKSPACE_SID};
use simulator::world::World;

pub(crate) async fn world() -> World {
    World::start(Options::default()).await.unwrap()
}

pub(crate) fn tasks_path() -> String {
    format!("/v1/Workspaces/{WORKSPACE_SID}/Tasks")
}

/// An answer. The JSON is null unless the body is JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn etag(&self) -> &str {
        self.headers["etag"].to_str().unwrap()
    }

    /// The status and Twilio's code of a refusal.
    pub(crate) fn refusal(&self) -> (u16, i64) {
        assert_eq!(self.json["status"], self.status);
        (self.status, self.json["code"].as_i64().unwrap())
    }
}

/// A request that is not yet sent.
pub(crate) struct Call(reqwest::RequestBuilder);

/// A request with valid credentials.
pub(crate) fn call(world: &World, upstream: Upstream, method: Method, path: &str) -> Call {
    let request = loopback::client().request(method, format!("{}{path}", world.server(upstream).url()));
    Call(match upstream {
        Upstream::TaskRouter | Upstream::Conversations | Upstream::EventStreams | Upstream::Flex => {
            request.basic_auth(ACCOUNT_SID, Some(world.twilio.credentials().auth_token))
        }
        Upstream::SessionApi => request.bearer_auth(world.session_api.settings().token),
        Upstream::SecretsManager => request.header("authorization", "AWS4-HMAC-SHA256 Credential=AKIA"),
        Upstream::Sqs => request.header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIA/20261122/eu-west-1/sqs/aws4_request",
        ),
    })
}

impl Call {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Removes the valid `Authorization`.
    pub(crate) fn unauthenticated(self) -> Self {
        let (client, request) = self.0.build_split();
        let mut request = request.unwrap();
        request.headers_mut().remove("authorization");
        Self(reqwest::RequestBuilder::from_parts(client, request))
    }

    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        Self(
            self.0
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body),
        )
    }

    pub(crate) fn json(self, body: &str) -> Self {
        Self(self.0.header("content-type", "application/json").body(body.to_owned()))
    }

    /// The answer, or the reason why there was none.
    pub(crate) async fn try_send(self) -> reqwest::Result<Answer> {
        let response = self.0.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?;
        Ok(Answer {
            status,
            headers,
            json: serde_json::from_slice(&body).unwrap_or(Value::Null),
        })
    }

    pub(crate) async fn send(self) -> Answer {
        self.try_send().await.unwrap()
    }
}
