//! A request to the simulated Twilio as a command that a visitor can run.

use http::Method;
use simulator::exchange::{Exchange, Upstream};
use simulator::twilio::sids::ACCOUNT_SID;

use crate::page::record::desk::Desk;

/// The headers that decide about the answer. `If-Match` is the version that a write was based on.
const HEADERS: [&str; 2] = ["content-type", "if-match"];

/// `None` for upstreams that aren't Twilio's.
pub(crate) fn command(desk: &Desk, exchange: &Exchange) -> Option<String> {
    match exchange.upstream {
        Upstream::TaskRouter | Upstream::Conversations | Upstream::Flex | Upstream::EventStreams => {}
        Upstream::SessionApi | Upstream::SecretsManager | Upstream::Sqs => return None,
    }
    let token = desk.world.twilio.credentials().auth_token;
    let mut words = vec!["curl".to_owned()];
    words.push(format!("--user {}", quoted(&format!("{ACCOUNT_SID}:{token}"))));
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
    words.push(quoted(&format!("{}{}{query}", desk.together.url(), exchange.path)));
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
