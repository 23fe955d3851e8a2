//! The functions are built, and somebody sees that something happens.

use std::io;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use simulator::lambda::functions::{self, Binaries};

use crate::stage::Stage;

/// Builds the three functions, with a spinner on a terminal and in one line elsewhere.
pub(crate) fn build(stage: &mut Stage) -> io::Result<Binaries> {
    let started = Instant::now();
    // Not drawn where standard error is no terminal.
    let spinner = ProgressBar::new_spinner().with_message("building the functions");
    if spinner.is_hidden() {
        stage.tell("Building the functions: a minute or two for the first time, no time at all after that.")?;
    }
    spinner.enable_steady_tick(Duration::from_millis(100));
    let built = functions::build_reporting(|name| spinner.set_message(format!("building the functions: {name}")));
    spinner.finish_and_clear();
    let binaries = built?;
    let seconds = started.elapsed().as_secs_f64();
    stage.passed(&format!(
        "task-events, handoff and auto-close are built ({seconds:.1} s)"
    ))?;
    Ok(binaries)
}
