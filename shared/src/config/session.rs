//! The session API of an AI platform: the URL of a session, and the way to write custom data.

use http::{HeaderMap, HeaderName, Method};

use url::Url;

use super::session_url::SessionUrl;
use crate::attributes::Attributes;
use crate::attributes::json::quote;
use crate::twilio::sid::{ConversationSid, TaskSid};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSettings {
    /// `SESSION_URL`.
    pub url: SessionUrl,
    /// `SESSION_METHOD`.
    pub method: Method,
    /// `SESSION_BODY_KEY`.
    pub body_key: BodyKey,
    /// `SESSION_AUTH_HEADER` and `SESSION_AUTH_SCHEME`.
    pub auth: SessionAuth,
    /// `SESSION_HEADERS`.
    pub headers: HeaderMap,
    /// `SESSION_KEYS`.
    pub keys: SessionKeys,
    /// `SESSION_REMOVED`.
    pub removed: RemovedValue,
    /// `SESSION_ID_ATTRIBUTE`: the dotted path of the task attribute that holds the session id.
    pub id_attribute: String,
}

impl SessionSettings {
    /// The URL of a task's session. `None` if the attributes lack a value for the URL.
    pub fn url_for(&self, task: &TaskSid, attributes: &Attributes<'_>) -> Option<Url> {
        self.url.fill(|placeholder| match placeholder {
            "session_id" => attributes.identifier(&self.id_attribute),
            "task_sid" => Some(task.to_string()),
            "conversation_sid" => ConversationSid::of(attributes).map(|sid| sid.to_string()),
            _ => None,
        })
    }
}

/// The header that carries the session API's token, and the scheme before the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionAuth {
    pub header: HeaderName,
    pub scheme: String,
}

/// The value that is written for an attribute that left the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovedValue {
    Blank,
    Null,
}

impl RemovedValue {
    pub fn json(self) -> &'static str {
        match self {
            Self::Blank => "\"\"",
            Self::Null => "null",
        }
    }
}

/// The path of the object that holds the custom data in a session's body. An empty path means the body itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyKey(Vec<String>);

impl BodyKey {
    /// Parses a dotted path, which may be empty.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self(Vec::new()));
        }
        let names: Vec<String> = text.split('.').map(str::to_owned).collect();
        (!names.iter().any(String::is_empty)).then_some(Self(names))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The body of a request that writes the JSON object `custom_data`.
    pub fn wrap(&self, custom_data: String) -> String {
        let wrap = |inner, name: &String| format!("{{{}:{inner}}}", quote(name));
        self.0.iter().rev().fold(custom_data, wrap)
    }
}

/// The keys that may be written: names, optionally with a wildcard at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionKeys(Vec<String>);

impl SessionKeys {
    /// Parses names that are separated by commas.
    pub fn parse(text: &str) -> Option<Self> {
        let patterns: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        let is_valid =
            |pattern: &String| !pattern.is_empty() && !pattern.strip_suffix('*').unwrap_or(pattern).contains('*');
        patterns.iter().all(is_valid).then_some(Self(patterns))
    }

    /// Whether this key may be written.
    pub fn allow(&self, key: &str) -> bool {
        self.0.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => key.starts_with(start),
            None => key == pattern,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_key_is_a_path_of_objects() {
        for (key, body) in [
            ("", r#"{"flex_a":1}"#),
            ("custom_data", r#"{"custom_data":{"flex_a":1}}"#),
            (r#"a.b"c"#, r#"{"a":{"b\"c":{"flex_a":1}}}"#),
        ] {
            assert_eq!(BodyKey::parse(key).unwrap().wrap(r#"{"flex_a":1}"#.to_owned()), body);
        }
        for malformed in [".", "a.", ".a", "a..b"] {
            assert_eq!(BodyKey::parse(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn session_keys_are_names_or_prefixes() {
        let keys = SessionKeys::parse("flex_task_sid, flex_customer_*").unwrap();
        let allowed =
            ["flex_task_sid", "flex_customer_name", "flex_task_sid_2", "flex_order"].map(|key| keys.allow(key));
        assert_eq!(allowed, [true, true, false, false]);
        assert!(SessionKeys::parse("*").unwrap().allow("flex_anything"));
        for malformed in ["", "a,", "a*b", "**"] {
            assert_eq!(SessionKeys::parse(malformed), None, "{malformed}");
        }
    }
}
