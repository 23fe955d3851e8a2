//! The lines of the log, made for a terminal of 80 columns.

use std::time::Duration;

use owo_colors::OwoColorize;
use serde::Deserialize;
use simulator::exchange::Exchange;
use simulator::twilio::{Delivery, Event, Outcome, Routed, SinkAttempt, SinkDelivery};
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter, wrap};

const WIDTH: usize = 80;

/// The indent of an entry's second line and later lines.
const INDENT: &str = "       ";

/// The number of lines that are shown of a route. A route may consider thousands of workers.
const MOST_LINES: usize = 30;

/// Twilio's refusal of a request.
#[derive(Deserialize)]
struct Refusal {
    code: u32,
    message: String,
}

/// A request with the status of its answer. A refused request also shows Twilio's code and message.
pub(super) fn request(exchange: &Exchange, workspace_sid: &str) -> String {
    let status = exchange.status().map_or(0, |status| status.as_u16());
    let path = match exchange.path.strip_prefix(&format!("/v1/Workspaces/{workspace_sid}/")) {
        Some(rest) => format!("…/{rest}"),
        None => exchange.path.clone(),
    };
    let duration = milliseconds(exchange.duration.unwrap_or_default());
    let mut lines = fit(&format!("{:<6} {path}  {status}  {duration}", exchange.method.as_str()));
    if status < 400 {
        return lines;
    }
    let body = exchange
        .answer
        .as_ref()
        .map(|answer| &answer.body[..])
        .unwrap_or_default();
    if let Ok(refusal) = serde_json::from_slice::<Refusal>(body) {
        let message = format!("{INDENT}{}: {}", refusal.code, refusal.message);
        lines = format!("{lines}\n{}", fit(&message));
    }
    lines.red().to_string()
}

/// An event as it happens, even if nobody is sent the event.
pub(super) fn event(event: &Event) -> String {
    let line = format!(
        "event  {}  {}  {}",
        event.event_type,
        event.resource_sid,
        short(&event.sid)
    );
    fit(&line).dimmed().to_string()
}

/// A task's new place and the reasons for it.
pub(super) fn route(routed: &Routed) -> String {
    let text = routed.route.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let mut told = vec![format!("route  {}", routed.task_sid).bold().to_string()];
    told.extend(
        lines
            .iter()
            .take(MOST_LINES)
            .map(|line| fit(&format!("{INDENT}{line}"))),
    );
    if let Some(more) = lines.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        told.push(format!("{INDENT}  and {more} more lines, which the inspector shows"));
    }
    told.join("\n")
}

/// A completed delivery to an event callback.
pub(super) fn delivery(delivery: &Delivery) -> String {
    let durations = delivery.attempts.iter().map(|attempt| attempt.duration);
    let outcomes: Vec<String> = delivery.outcomes().iter().map(outcome).collect();
    let line = format!(
        "sent   {}  {}  {}  {}",
        delivery.event_type,
        delivery.event_sid,
        counted(&outcomes),
        milliseconds(durations.sum())
    );
    fit(&line).dimmed().to_string()
}

/// An attempt to reach a sink.
pub(super) fn sink(delivery: &SinkDelivery, attempt: &SinkAttempt) -> String {
    let types = delivery.event_types.iter();
    let types: Vec<&str> = types
        .map(|name| name.trim_start_matches("com.twilio.taskrouter."))
        .collect();
    let (types, outcome) = (types.join(", "), outcome(&attempt.outcome));
    let line = format!("sink   {types}  {outcome}  {}", milliseconds(attempt.duration));
    fit(&line).dimmed().to_string()
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answered { status, .. } => status.to_string(),
        Outcome::NotConnected => "not connected".to_owned(),
        Outcome::HandshakeFailed { reason } => format!("TLS failed: {reason}"),
        Outcome::NotAnswered => "no answer".to_owned(),
    }
}

/// `503 ×2, 204`.
fn counted(outcomes: &[String]) -> String {
    let runs = outcomes.chunk_by(|left, right| left == right);
    let runs = runs.map(|run| match run {
        [one] => one.clone(),
        run => format!("{} ×{}", run[0], run.len()),
    });
    runs.collect::<Vec<_>>().join(", ")
}

/// `EV…3f2a`.
fn short(sid: &str) -> String {
    format!("{}…{}", &sid[..2], &sid[sid.len() - 4..])
}

/// With a no-break space.
fn milliseconds(duration: Duration) -> String {
    format!("{:.1}\u{a0}ms", duration.as_secs_f64() * 1e3)
}

/// Breaks a line at spaces or at the slashes of a path. The rest is indented slightly deeper than the line.
fn fit(line: &str) -> String {
    let blanks = line.len() - line.trim_start().len();
    let indent = " ".repeat(blanks.max(INDENT.len()) + 2);
    let options = Options::new(WIDTH)
        .subsequent_indent(&indent)
        .word_separator(WordSeparator::Custom(pieces))
        .word_splitter(WordSplitter::NoHyphenation);
    wrap(line, options).join("\n")
}

/// The unbreakable pieces of a line. A piece begins after spaces or with a slash.
fn pieces(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut rest = line;
    Box::new(std::iter::from_fn(move || {
        let mut neighbours = rest.char_indices().zip(rest.chars().skip(1));
        let end = neighbours.find(|((_, here), next)| match next {
            '/' => true,
            ' ' => false,
            _ => *here == ' ',
        });
        let end = end.map_or(rest.len(), |((place, here), _)| place + here.len_utf8());
        let (piece, behind) = rest.split_at(end);
        rest = behind;
        (!piece.is_empty()).then(|| Word::from(piece))
    }))
}

#[cfg(test)]
mod tests {
    use super::{counted, fit, short};

    #[test]
    fn long_paths_break_at_a_slash() {
        let (task, reservation) = (format!("WT{:032}", 1), format!("WR{:032}", 2));
        let line = format!("POST   …/Tasks/{task}/Reservations/{reservation}  200  1.1 ms");
        let broken = format!("POST   …/Tasks/{task}/Reservations\n         /{reservation}  200  1.1 ms");
        assert_eq!(fit(&line), broken);
        assert_eq!(fit("GET    …/Tasks  200  0.7 ms"), "GET    …/Tasks  200  0.7 ms");
    }

    #[test]
    fn reasons_break_under_their_own_line() {
        let reason = format!("         filter 1 doesn't match: {}", "a ".repeat(30));
        let lines = fit(&reason);
        let indents: Vec<usize> = lines.lines().map(|line| line.len() - line.trim_start().len()).collect();
        assert_eq!(indents, [9, 11]);
        assert!(lines.lines().all(|line| line.chars().count() <= 80), "{lines}");
    }

    #[test]
    fn equal_outcomes_are_counted() {
        let outcomes = ["503", "503", "no answer", "204"].map(str::to_owned);
        assert_eq!(counted(&outcomes), "503 ×2, no answer, 204");
        assert_eq!(short("EV0123456789abcdef0123456789abcdef"), "EV…cdef");
    }
}
