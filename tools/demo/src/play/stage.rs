//! The output: 80 columns, in colour if the terminal has it.

use std::io::{self, Write};

use anstream::AutoStream;
use owo_colors::{OwoColorize, Style};
use textwrap::WordSplitter;
use textwrap::core::display_width;

const WIDTH: usize = 80;

/// The indent of everything but headings.
const MARGIN: &str = "   ";

/// The widest name that has its value beside it. A wider name has its value on the next lines.
const NAMES_WIDTH: usize = 34;

/// A speaker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    Customer,
    OtherCustomer,
    Ai,
    Rep,
    /// The note, which only the human agent reads.
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

/// The mark of a changed line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Same,
    New,
    Changed,
}

/// Standard output. Only a terminal gets colours, unless `NO_COLOR` or `CLICOLOR_FORCE` is set.
pub(crate) struct Stage {
    out: AutoStream<io::Stdout>,
    /// Whether the last line is empty, so that two blocks are never more than one line apart.
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

    /// A horizontal line with a title.
    pub(crate) fn heading(&mut self, title: &str) -> io::Result<()> {
        self.gap()?;
        let rule = "─".repeat(WIDTH.saturating_sub(display_width(title) + 4));
        self.line(&format!("{} {} {}", "──".dimmed(), title.bold(), rule.dimmed()))?;
        self.gap()
    }

    /// A paragraph of the narrator.
    pub(crate) fn tell(&mut self, text: &str) -> io::Result<()> {
        self.gap()?;
        self.hanging(MARGIN, Style::new(), text, Style::new())?;
        self.gap()
    }

    /// A message in the conversation.
    pub(crate) fn say(&mut self, speaker: Speaker, text: &str) -> io::Result<()> {
        let (name, style) = speaker.label();
        let text_style = if speaker == Speaker::Note { style } else { Style::new() };
        self.gap()?;
        self.hanging(&format!("{MARGIN}{name:>6}  "), style, text, text_style)?;
        self.gap()
    }

    /// A line about a request: its target, its parameters, and its answer.
    pub(crate) fn wire(&mut self, left: &str, middle: &str, right: &str) -> io::Result<()> {
        let left = format!("{MARGIN}  {left:<16}");
        let room = WIDTH.saturating_sub(display_width(&left) + display_width(right) + 1);
        let middle = ellipsis(middle, room);
        let padding = " ".repeat(room - display_width(&middle) + 1);
        self.line(&format!("{left}{middle}{padding}{right}").dimmed().to_string())
    }

    /// A table of names and values. A sign marks changes for readers without colours.
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

    /// Indented lines.
    pub(crate) fn outline(&mut self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            let text = line.trim_start();
            let indent = &line[..line.len() - text.len()];
            self.hanging(&format!("{MARGIN}  {indent}"), Style::new(), text, Style::new())?;
        }
        self.gap()
    }

    /// An address on a line of its own.
    pub(crate) fn address(&mut self, url: &str) -> io::Result<()> {
        self.line(&format!("{MARGIN}{}", url.bold()))?;
        self.gap()
    }

    /// A check that passed.
    pub(crate) fn passed(&mut self, text: &str) -> io::Result<()> {
        self.hanging(
            &format!("{MARGIN}✓ "),
            Style::new().green().bold(),
            text,
            Style::new().green(),
        )
    }

    /// A check that failed.
    pub(crate) fn failed(&mut self, text: &str) -> io::Result<()> {
        self.hanging(
            &format!("{MARGIN}✗ "),
            Style::new().red().bold(),
            text,
            Style::new().red().bold(),
        )
    }

    /// A name and a text, such as the expected and the actual value.
    pub(crate) fn entry(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.hanging(
            &format!("{MARGIN}  {name:<10}"),
            Style::new().bold(),
            text,
            Style::new(),
        )
    }

    /// An empty line, unless the last one is empty.
    pub(crate) fn gap(&mut self) -> io::Result<()> {
        if self.is_at_gap { Ok(()) } else { self.line("") }
    }

    /// Text that hangs from a label: every line but the first is indented by the label's width.
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

/// The text without characters that control a terminal.
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

/// The text, or its beginning and an ellipsis if it is too wide.
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
