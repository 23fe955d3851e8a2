//! Tests the check itself, which must notice any change in an exchange of the story.

use http::{HeaderValue, Method, StatusCode};
use simulator::exchange::{Answer, Exchange};

use super::{Twilio, story};

/// The exchanges of the story by operation name.
struct Known<'t> {
    twilio: &'t Twilio,
    exchanges: Vec<(String, Exchange)>,
}

impl<'t> Known<'t> {
    async fn play(twilio: &'t Twilio) -> Self {
        let mut exchanges = story::play().await;
        exchanges.retain(|exchange| exchange.status().is_some_and(|status| status.is_success()));
        let named = exchanges
            .into_iter()
            .map(|exchange| (twilio.check(&exchange).0, exchange));
        Self {
            exchanges: named.collect(),
            twilio,
        }
    }

    /// Asserts that the check finds this fault in an operation's exchange after a change.
    fn assert_noticed(&self, operation: &str, expected: &str, change: impl FnOnce(&mut Exchange)) {
        let known = self.exchanges.iter().find(|(name, _)| name == operation);
        let (_, mut exchange) = known.expect("the story has it").clone();
        change(&mut exchange);
        let faults = self.twilio.check(&exchange).1;
        let is_noticed = faults.iter().any(|fault| fault.starts_with(expected));
        assert!(is_noticed, "{operation} without {expected:?}: {faults:?}");
    }
}

fn answer(exchange: &mut Exchange) -> &mut Answer {
    exchange.answer.as_mut().expect("an answer")
}

#[tokio::test]
async fn corrupted_exchange_is_noticed() {
    let Some(twilio) = Twilio::at_hand() else { return };
    let known = Known::play(&twilio).await;

    for (operation, field, expected) in [
        ("ListTask", "PageSize=0", "PageSize"),
        ("ListTask", "Page=first", "Page"),
        ("ListTask", "Colour=red", "an unknown Colour in the query"),
        ("ListTaskReservation", "ReservationStatus=tired", "ReservationStatus"),
        ("ListConversationMessage", "Order=random", "Order"),
        ("ListConversationMessage", "PageSize=101", "PageSize"),
    ] {
        known.assert_noticed(operation, expected, |exchange| {
            exchange.query = format!("{}&{field}", exchange.query);
        });
    }
    for (operation, field, expected) in [
        ("UpdateTask", "Colour=red", "an unknown Colour in the form"),
        ("UpdateTask", "Priority=high", "Priority"),
        ("UpdateTaskReservation", "ReservationStatus=tired", "ReservationStatus"),
        ("CreateConversationMessage", "Text=a", "an unknown Text in the form"),
        ("FetchTask", "Attributes=a", "a body"),
    ] {
        known.assert_noticed(operation, expected, |exchange| {
            exchange.body = format!("{}&{field}", exchange.text()).into();
        });
    }
    for (operation, part, replacement, expected) in [
        ("FetchTask", "{", "", "the answer is not JSON"),
        ("FetchTask", "{", r#"{"colour":"red","#, "answer: "),
        ("FetchTask", r#""sid":"WT"#, r#""sid":"WX"#, "answer/sid"),
        ("FetchTask", r#""age":"#, r#""age":0.5e"#, "answer/age"),
        (
            "FetchTask",
            r#""assignment_status":""#,
            r#""assignment_status":"un"#,
            "answer/assignment_status",
        ),
        (
            "FetchTask",
            r#""date_created":"2"#,
            r#""date_created":"on 2"#,
            "answer/date_created",
        ),
        (
            "ListTaskReservation",
            r#""worker_sid":"WK"#,
            r#""worker_sid":"WR"#,
            "answer/reservations/0/worker_sid",
        ),
        (
            "ListTaskReservation",
            r#""page":0"#,
            r#""page":null"#,
            "answer/meta/page",
        ),
    ] {
        known.assert_noticed(operation, expected, |exchange| {
            let answer = answer(exchange);
            assert!(answer.text().contains(part), "{}", answer.text());
            answer.body = answer.text().replacen(part, replacement, 1).into();
        });
    }

    known.assert_noticed("FetchTask", "there is no GET /v1/Jobs", |exchange| {
        exchange.path = "/v1/Jobs".to_owned()
    });
    known.assert_noticed("FetchTask", "there is no PUT", |exchange| exchange.method = Method::PUT);
    known.assert_noticed("FetchTask", "Sid", |exchange| {
        exchange.path = exchange.path.replace("/WT", "/WR")
    });
    known.assert_noticed("FetchTask", "an unknown if-match in the header", |exchange| {
        exchange.headers.insert("if-match", HeaderValue::from_static("1"));
    });
    known.assert_noticed("FetchTask", "an undescribed status 202", |exchange| {
        answer(exchange).status = StatusCode::ACCEPTED
    });
    known.assert_noticed("FetchTask", "answer: ", |exchange| {
        exchange.answer = Some(Answer::status(404).body("{}"));
    });
    known.assert_noticed("DeleteTask", "a body with status 204", |exchange| {
        answer(exchange).body = "{}".into()
    });
}
