//! The URL of a session, filled in from the task.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Position, Url};

/// The URL of a session with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionUrl {
    /// Text and placeholders in turn: text at even places, a placeholder's name at odd places.
    parts: Vec<String>,
    /// The part before the path, which is the same for every session.
    root: Url,
}

impl SessionUrl {
    const PLACEHOLDERS: [&str; 3] = ["session_id", "task_sid", "conversation_sid"];

    /// Reads the URL. `None` for another scheme than http or https, a fragment, an unknown placeholder, or a
    /// placeholder in the part that names the host.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (placeholder, behind) = after.split_once('}')?;
            if before.contains('}') || !Self::PLACEHOLDERS.contains(&placeholder) {
                return None;
            }
            parts.extend([before.to_owned(), placeholder.to_owned()]);
            rest = behind;
        }
        parts.push(rest.to_owned());
        // A placeholder must not choose the host that gets the bearer token, however oddly the URL is written.
        let root = |value: &str| {
            let filled = web_url(&fill(&parts, |_| Some(value.to_owned()))?)?;
            Url::parse(&filled[..Position::BeforePath]).ok()
        };
        let root = root("a").filter(|it| root("b").as_ref() == Some(it))?;
        (!rest.contains('}')).then_some(Self { parts, root })
    }

    /// The URL with its placeholders filled in and percent-encoded. `None` if a placeholder has no value, or a value
    /// with a meaning in paths (`.` or `..`).
    pub fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Option<Url> {
        Url::parse(&fill(&self.parts, value)?).ok()
    }

    /// The part before the path, which is the same for every session.
    pub fn root(&self) -> &Url {
        &self.root
    }
}

fn fill(parts: &[String], value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut url = String::new();
    for (place, part) in parts.iter().enumerate() {
        if place % 2 == 0 {
            url.push_str(part);
            continue;
        }
        let value = value(part).filter(|value| !matches!(value.as_str(), "" | "." | ".."))?;
        url.extend(utf8_percent_encode(&value, UNRESERVED));
    }
    Some(url)
}

/// All but RFC 3986's unreserved characters.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An absolute http or https URL without a fragment.
pub(crate) fn web_url(text: &str) -> Option<Url> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none();
    Url::parse(text).ok().filter(is_web)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_url_is_filled_in_and_percent_encoded() {
        let url = SessionUrl::parse("https://a.example/{session_id}/x?t={task_sid}&c={conversation_sid}").unwrap();
        let value = |name: &str| Some(format!("{name} ä/?"));
        let expected =
            "https://a.example/session_id%20%C3%A4%2F%3F/x?t=task_sid%20%C3%A4%2F%3F&c=conversation_sid%20%C3%A4%2F%3F";
        assert_eq!(url.fill(value).as_ref().map(Url::as_str), Some(expected));
        assert_eq!(url.root().as_str(), "https://a.example/");
        for unusable in ["", ".", ".."] {
            assert_eq!(url.fill(|_| Some(unusable.to_owned())), None, "{unusable}");
        }
        assert_eq!(url.fill(|_| None), None);
    }

    #[test]
    fn a_session_url_with_another_placeholder_or_one_in_its_host_is_malformed() {
        for text in [
            "https://a.example/{session}",
            "https://a.example/{session_id",
            "https://a.example/session_id}",
            "https://a.example/{}/x",
            "https://{session_id}.example/",
            "https://{session_id}",
            "https:///{session_id}/x",
            "https://\\/{session_id}/x",
            "https:{session_id}/x://a.example/y",
            "https://user@{session_id}/",
            "https://a.example:{session_id}/",
            "https://{session_id}@a.example/",
            "https://a.example/#{session_id}",
            "file:///{session_id}",
            "a.example/{session_id}",
            "",
        ] {
            assert_eq!(SessionUrl::parse(text), None, "{text}");
        }
        assert!(SessionUrl::parse("https://a.example/all").is_some());
    }

    /// `.ci/patterns.py` holds the pattern of the template's parameter to the same table.
    #[test]
    fn session_urls_are_read_as_the_table_says() {
        #[derive(serde::Deserialize)]
        struct Row {
            url: String,
            function: bool,
        }
        let table: Vec<Row> = serde_json::from_str(include_str!("../../../tests/session-urls.json")).unwrap();
        let read = |row: &Row| SessionUrl::parse(&row.url).is_some();
        let wrong: Vec<_> = table.iter().filter(|row| read(row) != row.function).collect();
        assert!(
            wrong.is_empty(),
            "{:?}",
            wrong.iter().map(|row| &row.url).collect::<Vec<_>>()
        );
    }
}
