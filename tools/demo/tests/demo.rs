//! `cargo demo` with its output in a file.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

#[path = "../../simulator/tests/file/mod.rs"]
mod file;

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use file::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::time::timeout;

const DEMO: &str = env!("CARGO_BIN_EXE_demo");
const SERVE: [&str; 3] = ["--serve", "--port", "0"];

/// The time limit for the page's end on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The time limit for the page's start. The demo may have to build the functions first.
const BUILD_LIMIT: Duration = Duration::from_secs(600);

#[test]
fn example_is_played_in_brief() {
    let output = demo(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(without_time(&stdout(&output)), include_str!("brief.txt"));
}

/// Replaces the time of the play with `N.N s`, since the time differs from run to run.
fn without_time(text: &str) -> String {
    let end = " passed in ";
    let line = |line: &str| match line.split_once(end) {
        Some((start, time)) => {
            let seconds = time.strip_suffix(" s.").and_then(|seconds| seconds.parse::<f64>().ok());
            assert!(seconds.is_some(), "{line}");
            format!("{start}{end}N.N s.\n")
        }
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn readme_shows_what_the_example_prints() {
    let printed = stdout(&demo(&[]));
    let readme = include_str!("../../../README.md");
    let shown = readme.split("\n```\n").find(|block| block.contains("✓"));
    let parts: Vec<&str> = shown.expect("the README has an excerpt").split("\n…\n").collect();
    assert_eq!(parts.len(), 2);
    for part in parts {
        assert!(
            printed.contains(&format!("\n{part}\n")),
            "{part}\nis not in:\n{printed}"
        );
    }
}

#[test]
fn wires_are_explained_and_show_every_check() {
    let output = demo(&["--wires"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for shown in [
        r#"The task is in queue "AI" and offered to ai. filter 1 "Handed off to people" doesn't match:"#,
        r#"The task is in queue "People" and offered to Sam. filter 1 "Handed off to people" matches:"#,
        "· Sam: not in the queue",
        "event task.created task-events 204",
        "· HEAD, 401: a cold start opens its connections with a request that needs no credentials.",
        "· 412: somebody else changed the task first, so the function read it again, and decided anew.",
    ] {
        assert!(words.contains(shown), "{shown} is not in:\n{text}");
    }
    assert!(!text.contains('✗'), "{text}");
    let passed = text.lines().filter(|line| line.starts_with("   ✓ ")).count();
    let counted = format!("All four, and {} checks along the way, passed", passed - 4);
    assert!(words.contains(&counted), "{counted} is not in:\n{text}");
}

#[test]
fn file_gets_no_colour_and_no_line_over_80_columns() {
    let text = stdout(&demo(&["--wires"]));
    assert!(!text.contains('\u{1b}'));
    let is_long = |line: &&str| textwrap::core::display_width(line) > 80;
    let too_long: Vec<&str> = text.lines().filter(is_long).collect();
    assert_eq!(too_long, Vec::<&str>::new());
}

#[test]
fn own_attributes_are_played_with() {
    let file = File::with(
        "attributes",
        r#"{"session_id": 12, "huge": 1e400, "steering": "\u001b[31m", "half": "\ud83d", "list": [1.10, "\u00e9"],
            "order": {"id": "A-7"}, "order_id": 8, "handedOff": true, "conversationSid": "CH1"}"#,
    );
    let output = demo(&["--wires", "--attributes", file.path()]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for shown in [
        "flex_huge 1e400",
        r#"flex_list "[1.10,\"é\"]""#,
        "flex_order_id 8",
        "Your attributes: the attributes of an earlier handoff are left out; conversationSid is set by Flex; channelType is \
         \"web\"; session_id is a number, so it names the session \"12\"; conversations 2 and 3 have sessions of their own.",
        "Ana I'd like to speak to a human, please.",
        "who sees why: “asks for a human agent” (neutral, en)",
    ] {
        assert!(words.contains(shown), "{shown} is not in:\n{text}");
    }
}

#[test]
fn help_names_the_cargo_command() {
    let output = demo(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let help = stdout(&output);
    assert!(help.contains("Usage: cargo demo [OPTIONS]"), "{help}");
    assert!(!help.contains("--built"), "{help}");
    let too_long: Vec<&str> = help.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(too_long, Vec::<&str>::new());
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
    assert!(text.contains("who sees why: “r” (neutral, en)"), "{text}");
    assert!(text.contains("→  handoff warns: sentiment"), "{text}");
}

#[test]
fn attributes_over_the_limit_are_refused_by_twilio() {
    let file = File::with("too-long", &format!(r#"{{"text": "{}"}}"#, "x".repeat(4_096)));
    let output = demo(&["--attributes", file.path()]);
    assert_eq!(output.status.code(), Some(1));
    let refusal = "
   ✗ Twilio refuses this (20001)
     because   Attributes has 4468 characters, more than 4096
     counted   your file's attributes, and those that the demo and Flex add
     so        nothing was written, and the demo ends here.
";
    assert!(stdout(&output).ends_with(refusal), "{}", stdout(&output));
}

#[test]
fn attributes_without_room_for_a_handoff_are_refused_by_handoff() {
    let file = File::with("too-full", &format!(r#"{{"text": "{}"}}"#, "x".repeat(3_600)));
    let output = demo(&["--attributes", file.path()]);
    assert_eq!(output.status.code(), Some(1));
    let refusal = "
   ✗ handoff refuses this (AttributesTooLarge)
     because   the task's other attributes leave no room within 4,096 characters
     so        nothing was written, and the demo ends here.
";
    assert!(stdout(&output).ends_with(refusal), "{}", stdout(&output));
}

#[test]
fn unusable_file_is_named_with_the_place() {
    assert_complaint(
        "/nowhere/attributes.json",
        "cannot read /nowhere/attributes.json: No such file or directory (os error 2)\n",
    );
    for (name, text, complaint) in [
        (
            "broken",
            "{\n  \"a\": 1,\n  \"b\" 2\n}",
            "line 3, column 7: expected `:`\n    \"b\" 2\n        ^\n",
        ),
        (
            "cut",
            "{\"a\": 1,",
            "line 1, column 9: EOF while parsing a value\n  {\"a\": 1,\n          ^\n",
        ),
        (
            "list",
            "\n[1]",
            "line 2, column 1: expected a JSON object, which begins with `{`\n  [1]\n  ^\n",
        ),
        (
            "empty",
            "",
            "line 1, column 1: expected a JSON object, found an empty file\n  \n  ^\n",
        ),
    ] {
        let file = File::with(name, text);
        assert_complaint(file.path(), &format!("{}, {complaint}", file.path()));
    }
}

#[test]
fn taken_port_is_named_with_advice() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = demo(&["--serve", "--port", &port.to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    let advice =
        format!("error: port {port} is taken: give another one with --port, or leave --port out for a free one\n");
    assert!(complaint.ends_with(&advice), "{complaint}");
}

#[tokio::test]
async fn ctrl_c_ends_the_page_with_a_goodbye() {
    assert_goodbye(command(&SERVE)).await;
}

/// A shell script starts background jobs with SIGINT ignored, and their child processes inherit that.
#[tokio::test]
async fn sigint_ends_the_page_of_a_background_job() {
    let mut job = uncoloured("sh");
    let script = r#"trap "" INT; exec "$0" "$@""#;
    job.args(["-c", script, DEMO]).args(SERVE);
    assert_goodbye(job).await;
}

/// Starts the page, interrupts it as soon as it has an address, and expects a good end.
async fn assert_goodbye(page: Command) {
    let mut serving = tokio::process::Command::from(page)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(serving.stdout.take().unwrap());
    let address = async {
        let mut line = String::new();
        while !line.contains("http://") {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).await.unwrap(), 0, "the page has no address");
        }
    };
    timeout(BUILD_LIMIT, address).await.expect("the page has an address");
    let pid = serving.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let mut rest = String::new();
    let end = async {
        stdout.read_to_string(&mut rest).await.unwrap();
        serving.wait().await.unwrap()
    };
    let status = timeout(LIMIT, end).await.expect("the page ends after SIGINT");
    let goodbye = "\n   Goodbye. The simulated Twilio and all that was in it are gone.\n";
    assert_eq!((&*rest, status.code()), (goodbye, Some(0)));
}

fn command(arguments: &[&str]) -> Command {
    let mut command = uncoloured(DEMO);
    command.args(arguments);
    command
}

fn uncoloured(program: &str) -> Command {
    let mut command = Command::new(program);
    // This variable colours the output of a file too.
    command.env_remove("CLICOLOR_FORCE");
    command
}

fn demo(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn assert_complaint(path: &str, complaint: &str) {
    let output = demo(&["--attributes", path]);
    assert_eq!(String::from_utf8_lossy(&output.stderr), format!("error: {complaint}"));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stdout(&output), "");
}
