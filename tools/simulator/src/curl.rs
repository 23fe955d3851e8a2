//! A request to the simulated Twilio as a `curl` command.

use http::Method;

use crate::exchange::{Exchange, Upstream};
use crate::twilio::sids::ACCOUNT_SID;

/// The headers that decide about the answer. `If-Match` is the version that a write was based on.
const HEADERS: [&str; 2] = ["content-type", "if-match"];

/// The command that repeats the request at a base URL. None for upstreams that aren't Twilio's.
pub fn command(exchange: &Exchange, base_url: &str, auth_token: &str) -> Option<String> {
    match exchange.upstream {
        Upstream::TaskRouter | Upstream::Conversations | Upstream::Flex | Upstream::EventStreams => {}
        Upstream::SessionApi | Upstream::SecretsManager | Upstream::Sqs => return None,
    }
    let mut words = vec!["curl".to_owned()];
    words.push(format!("--user {}", quoted(&format!("{ACCOUNT_SID}:{auth_token}"))));
    match exchange.method {
        Method::GET => {}
        Method::HEAD => words.push("--head".to_owned()),
        ref method => words.push(format!("--request {method}")),
    }
    for name in HEADERS {
        if let Some(value) = exchange.header(name) {
            words.push(format!("--header {}", quoted(&format!("{name}: {value}"))));
        }
    }
    if !exchange.body.is_empty() {
        words.push(format!("--data-raw {}", quoted(&exchange.text())));
    }
    let query = match exchange.query.as_str() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    words.push(quoted(&format!("{base_url}{}{query}", exchange.path)));
    Some(words.join(" \\\n  "))
}

/// A word of a POSIX shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_in_a_word_stay_in_the_word() {
        assert_eq!(quoted("Zoë O'Neil"), r"'Zoë O'\''Neil'");
    }
}
