//! A request to a webhook by Twilio or a forger.

use std::collections::BTreeMap;

use end_to_end::Scene;
use http::Method;
use serde_json::json;
use simulator::loopback;
use simulator::twilio::sids::{ACCOUNT_SID, AI_WORKER_SID, WORKSPACE_SID};

use super::{Answer, invoke};

/// The content type of Twilio's callbacks.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";

/// A form's names and values.
pub(crate) type Fields = Vec<(String, String)>;

/// A callback about the scene's task. By default, the callback is as TaskRouter sends it.
#[derive(Clone)]
pub(crate) struct Callback<'s> {
    scene: &'s Scene,
    function: &'static str,
    method: Method,
    query: String,
    content_type: Option<&'static str>,
    body: Vec<u8>,
    /// The signed URL and fields, which can differ from those that are sent.
    signed_url: String,
    signed_fields: Fields,
    auth_token: String,
    /// Replaces the right signature.
    signature: Option<Option<String>>,
    /// The header that names a shared key.
    settings: Option<&'static str>,
}

impl<'s> Callback<'s> {
    /// An event of a worker, the scene's task or the AI's reservation.
    pub(crate) fn event(scene: &'s Scene, function: &'static str, event_type: &str) -> Self {
        let mut fields = vec![
            ("AccountSid", ACCOUNT_SID.to_owned()),
            ("EventType", event_type.to_owned()),
            ("WorkspaceSid", WORKSPACE_SID.to_owned()),
        ];
        if !event_type.starts_with("worker.") {
            let task = scene.world.twilio.task(&scene.task_sid);
            fields.push(("TaskAttributes", task.map(|task| task.attributes).unwrap_or_default()));
            fields.push(("TaskSid", scene.task_sid.clone()));
        }
        if event_type.starts_with("reservation.") {
            fields.push(("ReservationSid", scene.reservation_sid.clone()));
            fields.push(("WorkerSid", AI_WORKER_SID.to_owned()));
        }
        let fields = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Self::of(scene, function, fields)
    }

    /// A form with these fields.
    pub(crate) fn of(scene: &'s Scene, function: &'static str, fields: Fields) -> Self {
        let callback = Self {
            scene,
            function,
            method: Method::POST,
            query: String::new(),
            content_type: Some(FORM),
            body: Vec::new(),
            signed_url: scene.world.webhook_url(function),
            signed_fields: Vec::new(),
            auth_token: scene.world.twilio.credentials().auth_token,
            signature: None,
            settings: None,
        };
        callback.fields(fields)
    }

    /// Signs and sends these fields.
    pub(crate) fn fields(self, fields: Fields) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&fields)
            .finish();
        Self {
            body: body.into_bytes(),
            signed_fields: fields,
            ..self
        }
    }

    /// Adds or replaces a field.
    pub(crate) fn with(self, name: &str, value: impl Into<String>) -> Self {
        let mut fields = self.without(name);
        let mut signed = std::mem::take(&mut fields.signed_fields);
        signed.push((name.to_owned(), value.into()));
        fields.fields(signed)
    }

    /// Removes a field.
    pub(crate) fn without(self, name: &str) -> Self {
        let mut fields = self.signed_fields.clone();
        fields.retain(|(field, _)| field != name);
        self.fields(fields)
    }

    /// Pads the body to this many bytes with an unused field.
    pub(crate) fn padded_to(self, length: usize) -> Self {
        let padded = self.with("Padding", "");
        let missing = length - padded.body.len();
        padded.with("Padding", "x".repeat(missing))
    }

    pub(crate) fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    pub(crate) fn content_type(self, content_type: Option<&'static str>) -> Self {
        Self { content_type, ..self }
    }

    /// Signs and sends a query.
    pub(crate) fn query(self, query: &str) -> Self {
        Self {
            query: query.to_owned(),
            signed_url: format!("{}?{query}", self.signed_url),
            ..self
        }
    }

    /// Replaces the body but not the signed fields.
    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..self
        }
    }

    /// Signs a URL other than the called URL.
    pub(crate) fn signed_for(self, url: impl Into<String>) -> Self {
        Self {
            signed_url: url.into(),
            ..self
        }
    }

    /// Signs these fields instead of the sent fields.
    pub(crate) fn signed_with_fields(self, fields: Fields) -> Self {
        Self {
            signed_fields: fields,
            ..self
        }
    }

    /// Signs with another token.
    pub(crate) fn signed_by(self, auth_token: &str) -> Self {
        Self {
            auth_token: auth_token.to_owned(),
            ..self
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.signed_url
    }

    pub(crate) fn signed_fields(&self) -> &Fields {
        &self.signed_fields
    }

    /// Names the shared key and algorithm of the signature.
    pub(crate) fn settings(self, settings: &'static str) -> Self {
        Self {
            settings: Some(settings),
            ..self
        }
    }

    /// Replaces or removes the signature's header.
    pub(crate) fn signature(self, signature: Option<&str>) -> Self {
        Self {
            signature: Some(signature.map(str::to_owned)),
            ..self
        }
    }

    /// Sends the request through API Gateway. The gateway encodes a form's body in base64.
    pub(crate) async fn send(self) -> Answer {
        let address = self.scene.world.lambda.http_api().address;
        let mut request = loopback::client().request(
            self.method.clone(),
            format!("http://{address}/{}?{}", self.function, self.query),
        );
        for (name, value) in self.headers() {
            request = request.header(name, value);
        }
        let response = request.body(self.body).send().await.expect("API Gateway answers");
        let content_type = response.headers().get("content-type");
        Answer {
            status: response.status().as_u16(),
            content_type: content_type.map(|value| value.to_str().expect("a content type").to_owned()),
            body: response.text().await.expect("the whole body arrives"),
        }
    }

    /// Invokes the function with the request's body as plain text.
    pub(crate) async fn send_plain(self) -> Answer {
        let event = json!({
            "version": "2.0",
            "rawPath": format!("/{}", self.function),
            "rawQueryString": self.query,
            "headers": self.headers(),
            "requestContext": {
                "domainName": self.scene.world.lambda.http_api().domain_name,
                "http": { "method": self.method.as_str() },
            },
            "body": String::from_utf8(self.body).expect("a body of text"),
            "isBase64Encoded": false,
        });
        invoke(self.scene, self.function, event.to_string().into_bytes()).await
    }

    /// The right signature for the signed URL and fields.
    pub(crate) fn right_signature(&self) -> String {
        simulator::twilio::signature(&self.auth_token, &self.signed_url, &self.signed_fields)
    }

    fn headers(&self) -> BTreeMap<&'static str, String> {
        let signature = self.signature.clone().unwrap_or_else(|| Some(self.right_signature()));
        [
            ("content-type", self.content_type.map(str::to_owned)),
            ("x-twilio-signature", signature),
            ("x-twilio-webhooks-signature-settings", self.settings.map(str::to_owned)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}
