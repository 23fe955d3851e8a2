//! Findings and stories as text.

use std::fmt::{self, Write as _};

use serde::Serialize;
use textwrap::{Options as Wrap, WordSplitter};

use crate::findings::{Finding, Severity};
use crate::routing::Story;

const WIDTH: usize = 100;

/// The result of a check.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
    pub(crate) routes: Vec<Story>,
    /// The parts that were not looked at, with the reasons.
    pub(crate) unchecked: Vec<String>,
    /// Whether sample tasks show the fate of each AI worker's tasks.
    #[serde(skip)]
    pub(crate) shows_handoffs: bool,
}

impl Report {
    pub(crate) fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    pub(crate) fn errors(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.severity == Severity::Error)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, severity) = match self.severity {
            Severity::Error => ('✗', "error"),
            Severity::Warning => ('!', "warning"),
        };
        write!(formatter, "{mark} {severity}: {}", self.id.name())?;
        if let Some(place) = &self.place {
            write!(formatter, ", {place}")?;
        }
        writeln!(formatter, "\n{}", wrapped(&self.message, "  ", "  "))?;
        writeln!(formatter, "{}", wrapped(&self.fix, "  → ", "    "))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(formatter, "{finding}")?;
        }
        let mut workflow = "";
        for story in &self.routes {
            if story.workflow != workflow {
                workflow = &story.workflow;
                writeln!(formatter, "Sample tasks in workflow {workflow}:")?;
            }
            let sample = match story.sample {
                "fresh" => "A new task",
                "handed-off" => "The same task, after a handoff,",
                _ => "The same task, after resolve,",
            };
            let line = format!("{sample} goes to {}.", story.leads_to);
            writeln!(formatter, "{}", wrapped(&line, "  ", "    "))?;
            for reason in &story.because {
                writeln!(formatter, "      {}", reason.replace('\n', "\n      "))?;
            }
            if let Some(warning) = &story.warning {
                writeln!(formatter, "{}", wrapped(warning, "    ! ", "      "))?;
            }
        }
        if !self.routes.is_empty() {
            formatter.write_char('\n')?;
        }
        for unchecked in &self.unchecked {
            writeln!(formatter, "{}", wrapped(unchecked, "· not checked: ", "  "))?;
        }
        let count = |severity| {
            self.findings
                .iter()
                .filter(|finding| finding.severity == severity)
                .count()
        };
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let plural = |count: usize, noun: &str| match count {
            0 => format!("no {noun}s"),
            1 => format!("1 {noun}"),
            count => format!("{count} {noun}s"),
        };
        write!(
            formatter,
            "{}, {}",
            plural(errors, "error"),
            plural(warnings, "warning")
        )?;
        if errors == 0 && self.shows_handoffs {
            formatter.write_str(". The account is connected.")
        } else {
            formatter.write_char('.')
        }
    }
}

/// Paragraphs, each wrapped. A caret below a line keeps its place.
fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    // A URL stays in one piece.
    let wrap = Wrap::new(WIDTH)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    let mut wrapped = textwrap::fill(head, wrap.initial_indent(first).subsequent_indent(rest));
    for line in lines {
        wrapped.push('\n');
        wrapped.push_str(rest);
        wrapped.push_str(line);
    }
    wrapped
}
