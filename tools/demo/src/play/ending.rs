//! The last lines, with the next commands or the reason why the play ended early.

use std::io;

use simulator::world::{AUTO_CLOSE, HANDOFF, REPLY, RESOLVE, TASK_EVENTS};

use super::Play;
use super::stopped::Stopped;
use crate::members::spaced;

/// The number of log lines that are shown.
const LOG_LINES: usize = 4;

/// The number of checks at the end. Each checks a promise.
const PROMISES: usize = 4;

/// Twilio's code for attributes that are too long. Other invalid parameters have this code too, but the play has none.
const TOO_LONG: &str = "20001";

/// The commands to try next.
const NEXT: [(&str, &str); 4] = [
    ("cargo demo --serve", "play all three roles yourself, in the browser"),
    ("cargo demo --wires", "see every event, request and check"),
    ("cargo demo --attributes FILE", "play with a task of your own"),
    ("README.md, Deploy", "deploy it to AWS, and connect your Flex"),
];

pub(crate) fn good(play: &mut Play) -> io::Result<()> {
    let (others, seconds) = (play.passed - PROMISES, play.began.elapsed().as_secs_f64());
    let summary = format!("All four, and {others} checks along the way, passed in {seconds:.1} s.");
    play.stage.tell(&summary)?;
    play.stage.heading("Next")?;
    for (command, purpose) in NEXT {
        play.stage.command(command, purpose)?;
    }
    Ok(())
}

pub(crate) fn early(play: &mut Play, stopped: Stopped) -> io::Result<()> {
    match stopped {
        Stopped::Output(error) => Err(error),
        Stopped::Refused { by, kind, message } => {
            play.stage.failed(&format!("{by} refuses this ({kind})"))?;
            play.stage.entry("because", &message)?;
            if kind == TOO_LONG {
                let counted = "your file's attributes, and those that the demo and Flex add";
                play.stage.entry("counted", counted)?;
            }
            play.stage.entry("so", "nothing was written, and the demo ends here.")
        }
        Stopped::Broken { step, expected, came } => {
            play.stage.failed(&format!("This did not hold: {step}"))?;
            play.stage.entry("expected", &expected)?;
            play.stage.entry("came", &came)?;
            show_logs(play)
        }
    }
}

fn show_logs(play: &mut Play) -> io::Result<()> {
    for function in [TASK_EVENTS, HANDOFF, RESOLVE, REPLY, AUTO_CLOSE] {
        let lines = play.world.lambda.logs(function);
        let last = lines.len().saturating_sub(LOG_LINES);
        if !lines.is_empty() {
            play.stage.heading(&format!("The log of {function}, at its end"))?;
        }
        for line in &lines[last..] {
            play.stage.tell(&spaced(line))?;
        }
    }
    Ok(())
}
