//! The last lines: a summary, or the reason why the play ended early.

use std::io;

use simulator::world::{AUTO_CLOSE, HANDOFF, TASK_EVENTS};

use super::Play;
use super::stopped::Stopped;
use crate::members::spaced;

/// The number of log lines that are shown.
const LOG_LINES: usize = 12;

pub(crate) fn good(play: &mut Play) -> io::Result<()> {
    play.stage.heading("The end")?;
    play.stage
        .passed("Shown: attributes copied, one handoff, Sam's task kept, Ben's closed.")
}

pub(crate) fn early(play: &mut Play, stopped: Stopped) -> io::Result<()> {
    match stopped {
        Stopped::Output(error) => Err(error),
        Stopped::Refused { by, kind, message } => {
            play.stage.gap()?;
            play.stage.failed(&format!("{by} refuses this ({kind})"))?;
            play.stage.entry("because", &message)?;
            play.stage
                .entry("so", "the play ends here: without it, Ana and the AI go on as before.")
        }
        Stopped::Broken { step, expected, came } => {
            play.stage.gap()?;
            play.stage.failed(&format!("This did not hold: {step}"))?;
            play.stage.entry("expected", &expected)?;
            play.stage.entry("came", &came)?;
            show_logs(play)
        }
    }
}

fn show_logs(play: &mut Play) -> io::Result<()> {
    for function in [TASK_EVENTS, HANDOFF, AUTO_CLOSE] {
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
