//! What the audience sees: 80 columns, in colour where the terminal has it.

use std::io::{self, Write};

use anstream::AutoStream;
use owo_colors::{OwoColorize, Style};
use textwrap::WordSplitter;
use textwrap::core::display_width;

const WIDTH: usize = 80;

/// How far everything but headings is moved in.
const MARGIN: &str = "   ";

/// The widest name that a table has a value beside; under a wider one, the value has lines of its own.
const NAMES_WIDTH: usize = 34;

/// Whoever says something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    Customer,
    OtherCustomer,
    Ai,
    Rep,
    /// What is written in the conversation for the rep alone.
    Note,
}

impl Speaker {
    fn label(self) -> (&'static str, Style) {
        match self {
            Self::Customer => ("Ana", Style::new().cyan().bold()),
            Self::OtherCustomer => ("Ben", Style::new().cyan().bold()),
            Self::Ai => ("AI", Style::new().magenta().bold()),
            Self::Rep => ("Sam", Style::new().green().bold()),
            Self::Note => ("note", Style::new().yellow()),
        }
    }
}

/// One line of a table.
pub(crate) struct Row {
    pub(crate) mark: Mark,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// What is new about a line of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Same,
    New,
    Changed,
}

/// Standard output. Colours go to a terminal only, unless `NO_COLOR` or `CLICOLOR_FORCE` say otherwise.
pub(crate) struct Stage {
    out: AutoStream<io::Stdout>,
    /// Whether the last line is empty, so that there is never more than one between two blocks.
    is_at_gap: bool,
}

impl Stage {
    pub(crate) fn stdout() -> Self {
        Self {
            out: anstream::stdout(),
            is_at_gap: false,
        }
    }

    pub(crate) fn title(&mut self, text: &str) -> io::Result<()> {
        self.hanging(MARGIN, Style::new(), text, Style::new().bold())?;
        self.gap()
    }

    pub(crate) fn act(&mut self, number: usize, title: &str) -> io::Result<()> {
        self.heading(&format!("{number}  {title}"))
    }

    /// A line across, with a title in it.
    pub(crate) fn heading(&mut self, title: &str) -> io::Result<()> {
        self.gap()?;
        let rule = "─".repeat(WIDTH.saturating_sub(display_width(title) + 4));
        self.line(&format!("{} {} {}", "──".dimmed(), title.bold(), rule.dimmed()))?;
        self.gap()
    }

    /// A paragraph that tells what happens.
    pub(crate) fn tell(&mut self, text: &str) -> io::Result<()> {
        self.gap()?;
        self.hanging(MARGIN, Style::new(), text, Style::new())?;
        self.gap()
    }

    /// What somebody says, in the conversation.
    pub(crate) fn say(&mut self, speaker: Speaker, text: &str) -> io::Result<()> {
        let (name, style) = speaker.label();
        let text_style = if speaker == Speaker::Note { style } else { Style::new() };
        self.gap()?;
        self.hanging(&format!("{MARGIN}{name:>6}  "), style, text, text_style)?;
        self.gap()
    }

    /// A line about the machinery: who was called, with what, and what came of it.
    pub(crate) fn wire(&mut self, left: &str, middle: &str, right: &str) -> io::Result<()> {
        let left = format!("{MARGIN}  {left:<16}");
        let room = WIDTH.saturating_sub(display_width(&left) + display_width(right) + 1);
        let middle = ellipsis(middle, room);
        let padding = " ".repeat(room - display_width(&middle) + 1);
        self.line(&format!("{left}{middle}{padding}{right}").dimmed().to_string())
    }

    /// A table of names and values. A sign says what is new, for those who see no colour.
    pub(crate) fn table(&mut self, rows: &[Row]) -> io::Result<()> {
        let widths = rows.iter().map(|row| display_width(&row.name));
        let width = widths.max().unwrap_or_default().min(NAMES_WIDTH);
        for Row { mark, name, value } in rows {
            let (sign, style) = match mark {
                Mark::Same => (' ', Style::new()),
                Mark::New => ('+', Style::new().green()),
                Mark::Changed => ('~', Style::new().yellow()),
            };
            let margin = format!("{MARGIN}{sign} ");
            if display_width(name) <= width {
                self.hanging(&format!("{margin}{name:<width$}  "), style, value, style)?;
            } else {
                self.hanging(&margin, style, name, style)?;
                self.hanging(&format!("{MARGIN}{:width$}    ", ""), style, value, style)?;
            }
        }
        self.gap()
    }

    /// Lines that are moved in to show what belongs to what.
    pub(crate) fn outline(&mut self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            let text = line.trim_start();
            let indent = &line[..line.len() - text.len()];
            self.hanging(&format!("{MARGIN}  {indent}"), Style::new(), text, Style::new())?;
        }
        self.gap()
    }

    /// An address, on a line of its own.
    pub(crate) fn address(&mut self, url: &str) -> io::Result<()> {
        self.line(&format!("{MARGIN}{}", url.bold()))?;
        self.gap()
    }

    /// A check that held.
    pub(crate) fn passed(&mut self, text: &str) -> io::Result<()> {
        self.hanging(
            &format!("{MARGIN}✓ "),
            Style::new().green().bold(),
            text,
            Style::new().green(),
        )
    }

    /// A check that did not hold.
    pub(crate) fn failed(&mut self, text: &str) -> io::Result<()> {
        self.hanging(
            &format!("{MARGIN}✗ "),
            Style::new().red().bold(),
            text,
            Style::new().red().bold(),
        )
    }

    /// A name and a text, as of an expectation and what came instead.
    pub(crate) fn entry(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.hanging(
            &format!("{MARGIN}  {name:<10}"),
            Style::new().bold(),
            text,
            Style::new(),
        )
    }

    /// An empty line, if the last one isn't.
    pub(crate) fn gap(&mut self) -> io::Result<()> {
        if self.is_at_gap { Ok(()) } else { self.line("") }
    }

    /// Text that hangs from a label: wrapped, with every line but the first moved in by the label's width.
    fn hanging(&mut self, label: &str, label_style: Style, text: &str, text_style: Style) -> io::Result<()> {
        let label = &printable(label);
        let indent = " ".repeat(display_width(label));
        let options = textwrap::Options::new(WIDTH - indent.len()).word_splitter(WordSplitter::NoHyphenation);
        for (place, line) in textwrap::wrap(&printable(text), options).iter().enumerate() {
            let label = if place == 0 { label } else { &indent };
            if line.is_empty() {
                self.line(&label.trim_end().style(label_style).to_string())?;
            } else {
                self.line(&format!("{}{}", label.style(label_style), line.style(text_style)))?;
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> io::Result<()> {
        self.is_at_gap = line.is_empty();
        writeln!(self.out, "{line}")
    }
}

/// The text without what would steer a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|sign| {
            if sign.is_control() && sign != '\n' {
                '\u{fffd}'
            } else {
                sign
            }
        })
        .collect()
}

/// The text, or its beginning and an ellipsis where it is wider.
fn ellipsis(text: &str, width: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for sign in text.chars() {
        if display_width(&kept) + 2 > width {
            break;
        }
        kept.push(sign);
    }
    kept + "…"
}
