//! `cargo demo` with its output in a file.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

#[path = "../../simulator/tests/file/mod.rs"]
mod file;

use std::process::{Command, Output};

use file::File;

#[test]
fn the_example_plays_to_its_end() {
    let output = demo(&[]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert_eq!(
        text.lines().last(),
        Some("   ✓ Shown: attributes copied, one handoff, Sam's task kept, Ben's closed.")
    );
    assert!(text.contains("✓ the conversation has exactly one note"));
    assert!(text.contains("✓ auto-close leaves a person's task to that person"));
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for routed in [
        r#"The task is in queue "AI" and offered to ai. filter 1 "Handed off to people" doesn't match:"#,
        r#"The task is in queue "People" and offered to Sam. filter 1 "Handed off to people" matches:"#,
        "✓ the task is offered to Sam, and not to the AI again",
    ] {
        assert!(words.contains(routed), "{routed} is not in:\n{text}");
    }
}

#[test]
fn the_readme_shows_what_the_example_prints() {
    let text = stdout(&demo(&[]));
    let readme = include_str!("../../../README.md").lines();
    let mut shown = readme
        .filter(|line| line.starts_with("   ") && line.contains(['✓', '✗']))
        .peekable();
    assert!(shown.peek().is_some());
    for line in shown {
        assert!(text.lines().any(|printed| printed == line), "{line} is not in:\n{text}");
    }
}

#[test]
fn a_file_gets_no_colour_and_no_line_over_80_columns() {
    let output = demo(&[]);
    let text = stdout(&output);
    assert!(!text.contains('\u{1b}'));
    let too_long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(too_long, Vec::<&str>::new());
}

#[test]
fn attributes_of_ones_own_are_played_with() {
    let file = File::with(
        "attributes",
        r#"{"session_id": 12, "huge": 1e400, "steering": "\u001b[31m", "half": "\ud83d", "list": [1.10, "\u00e9"],
            "order": {"id": "A-7"}, "order_id": 8, "handedOff": true, "conversationSid": "CH1"}"#,
    );
    let output = demo(&["--attributes", file.path()]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for shown in [
        "flex_huge 1e400",
        r#"flex_list "[1.10,\"é\"]""#,
        "flex_order_id 8",
        "those of an earlier handoff are left out, and channelType is the demo's, and conversationSid is the demo's.",
    ] {
        assert!(words.contains(shown), "{shown} is not in:\n{text}");
    }
}

#[test]
fn help_names_the_cargo_command() {
    let output = demo(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("Usage: cargo demo [OPTIONS]"));
}

#[test]
fn unknown_sentiment_is_a_warning() {
    let file = File::with(
        "handoff",
        r#"{"reason": "r", "summary": "s", "sentiment": "sad", "language": "en"}"#,
    );
    let output = demo(&["--handoff", file.path()]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains(r#"handoffSentiment  "neutral""#), "{text}");
    let warnings = text.lines().find(|line| line.trim_start().starts_with("warnings"));
    assert!(warnings.unwrap().contains("sentiment"), "{text}");
}

#[test]
fn attributes_over_taskrouter_s_limit_are_refused_by_twilio() {
    let file = File::with("too-long", &format!(r#"{{"text": "{}"}}"#, "x".repeat(4_096)));
    let output = demo(&["--attributes", file.path()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("✗ Twilio refuses this (20001)"));
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_the_place() {
    let absent = demo(&["--attributes", "/nowhere/attributes.json"]);
    assert_complaint(
        &absent,
        "error: cannot read /nowhere/attributes.json: No such file or directory",
    );

    let broken = File::with("broken", "{\n  \"a\": 1,\n  \"b\" 2\n}");
    let place = format!("error: {}, line 3, column 7: expected `:`", broken.path());
    assert_complaint(&demo(&["--attributes", broken.path()]), &place);

    let list = File::with("list", "[1]");
    let kind = format!("error: {}: a JSON object is expected", list.path());
    assert_complaint(&demo(&["--handoff", list.path()]), &kind);
}

fn demo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(arguments)
        // This variable colours the output of a file too.
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn assert_complaint(output: &Output, beginning: &str) {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.starts_with(beginning), "{complaint}");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stdout(output), "");
}
