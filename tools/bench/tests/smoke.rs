//! `cargo bench-functions --smoke`, which also runs on a busy machine.

use std::process::Command;

#[test]
fn every_program_starts_and_has_its_rows() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flex-handoff-bench"));
    let output = command.args(["start", "--smoke", "--runs", "1"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{complaint}{text}");
    assert!(text.starts_with("Hardly any requests"), "{text}");
    let programs = [
        "hello",
        "bare-webhook",
        "task-events",
        "handoff",
        "resolve",
        "reply",
        "auto-close",
        "deferred",
    ];
    for program in programs {
        for way in ["TLS upstreams", "built-in roots"] {
            let row = format!("| {program}, {way} ");
            assert_eq!(text.lines().filter(|line| line.starts_with(&row)).count(), 1, "{text}");
        }
    }
    assert_eq!(
        text.lines().filter(|line| line.contains(" at most 2.5 times ")).count(),
        12,
        "{text}"
    );
}
