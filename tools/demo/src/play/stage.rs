//! The output, as wide as the terminal and in colour if the terminal has colours.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use owo_colors::{OwoColorize, Style};
use textwrap::WordSplitter;
use textwrap::core::display_width;

use super::speaker::Speaker;

/// The width of a file or pipe.
const WIDTH: usize = 80;
/// Longer lines are hard to read.
const MAX_WIDTH: usize = 100;
/// Narrower lines would be hard to wrap.
const MIN_WIDTH: usize = 40;

/// The indent of everything but headings.
const MARGIN: &str = "   ";

/// The widest name with its value beside it. The value of a wider name is on the next lines.
const NAMES_WIDTH: usize = 34;

/// A line of a table.
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

/// A group of lines without empty lines in between.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Start,
    Heading,
    Paragraph,
    Dialogue,
    Wires,
    Table,
    Checks,
    Entries,
}

/// Standard output, or another output. Only a terminal gets colours, unless `NO_COLOR` or `CLICOLOR_FORCE` is set.
pub(crate) struct Stage {
    out: Box<dyn Write + Send>,
    width: usize,
    last: Block,
}

impl Stage {
    pub(crate) fn stdout() -> Self {
        let width = match io::stdout().is_terminal() {
            true => textwrap::termwidth(),
            false => WIDTH,
        };
        Self::new(Box::new(anstream::stdout()), width)
    }

    pub(crate) fn new(out: Box<dyn Write + Send>, width: usize) -> Self {
        Self {
            out,
            width: width.clamp(MIN_WIDTH, MAX_WIDTH),
            last: Block::Start,
        }
    }

    pub(crate) fn heading(&mut self, title: &str) -> io::Result<()> {
        self.begin(Block::Heading)?;
        self.hanging("", Style::new(), title, Style::new().bold())
    }

    /// Prints a paragraph of the narrator.
    pub(crate) fn tell(&mut self, text: &str) -> io::Result<()> {
        self.begin(Block::Paragraph)?;
        self.hanging(MARGIN, Style::new(), text, Style::new())
    }

    /// Prints a message in the conversation.
    pub(crate) fn say(&mut self, speaker: Speaker, text: &str) -> io::Result<()> {
        let style = speaker.style();
        let text_style = if speaker == Speaker::Note { style } else { Style::new() };
        self.begin(Block::Dialogue)?;
        self.hanging(&format!("{MARGIN}{:>4}  ", speaker.name()), style, text, text_style)
    }

    /// Prints an effect of a function or TaskRouter in the middle of the conversation. The text begins with the actor's
    /// name.
    pub(crate) fn effect(&mut self, text: &str) -> io::Result<()> {
        self.begin(Block::Dialogue)?;
        let label = format!("{MARGIN}{:>4}  ", "→");
        let (actor, rest) = text.split_once(' ').unwrap_or((text, ""));
        for (place, line) in self.wrapped(&label, text).into_iter().enumerate() {
            if place == 0 {
                let rest = line.strip_prefix(actor).unwrap_or(rest);
                self.line(&format!("{}{}{rest}", label.dimmed(), actor.bold()))?;
            } else {
                self.line(&format!("{}{line}", " ".repeat(display_width(&label))))?;
            }
        }
        Ok(())
    }

    /// Prints a request with its target, parameters and answer. If they don't fit, the answer gets a separate line.
    pub(crate) fn wire(&mut self, left: &str, middle: &str, right: &str) -> io::Result<()> {
        self.begin(Block::Wires)?;
        let request = format!("{MARGIN}  {left:<16}{middle}");
        let room = self.width.saturating_sub(display_width(right));
        let request = if display_width(&request) < room {
            request
        } else {
            self.line(&ellipsis(&request, self.width).dimmed().to_string())?;
            String::new()
        };
        let padding = " ".repeat(room.saturating_sub(display_width(&request)));
        self.line(&format!("{request}{padding}{right}").dimmed().to_string())
    }

    /// Prints an explanation of the requests above.
    pub(crate) fn remark(&mut self, text: &str) -> io::Result<()> {
        self.begin(Block::Wires)?;
        let style = Style::new().italic();
        self.hanging(&format!("{MARGIN}  · "), style, text, style)
    }

    /// Prints a table of names and values. A sign marks changes for readers without colours.
    pub(crate) fn table(&mut self, rows: &[Row]) -> io::Result<()> {
        self.begin(Block::Table)?;
        let widths = rows.iter().map(|row| display_width(&row.name));
        let width = widths.max().unwrap_or_default().min(NAMES_WIDTH).min(self.width / 2);
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
        Ok(())
    }

    /// Prints indented lines.
    pub(crate) fn outline(&mut self, text: &str) -> io::Result<()> {
        self.begin(Block::Table)?;
        for line in text.lines() {
            let text = line.trim_start();
            let indent = &line[..line.len() - text.len()];
            self.hanging(&format!("{MARGIN}  {indent}"), Style::new(), text, Style::new())?;
        }
        Ok(())
    }

    /// Prints an address on a separate line.
    pub(crate) fn address(&mut self, url: &str) -> io::Result<()> {
        self.begin(Block::Paragraph)?;
        self.line(&format!("{MARGIN}{}", url.bold()))
    }

    /// Prints a check that passed.
    pub(crate) fn passed(&mut self, text: &str) -> io::Result<()> {
        self.begin(Block::Checks)?;
        let green = Style::new().green();
        self.hanging(&format!("{MARGIN}✓ "), green.bold(), text, Style::new())
    }

    /// Prints a check that failed.
    pub(crate) fn failed(&mut self, text: &str) -> io::Result<()> {
        self.begin(Block::Checks)?;
        let red = Style::new().red().bold();
        self.hanging(&format!("{MARGIN}✗ "), red, text, red)
    }

    /// Prints a name and a text, such as the expected and actual value.
    pub(crate) fn entry(&mut self, name: &str, text: &str) -> io::Result<()> {
        if self.last != Block::Checks {
            self.begin(Block::Entries)?;
        }
        let bold = Style::new().bold();
        self.hanging(&format!("{MARGIN}  {name:<10}"), bold, text, Style::new())
    }

    /// Prints a command and the purpose.
    pub(crate) fn command(&mut self, command: &str, purpose: &str) -> io::Result<()> {
        self.begin(Block::Entries)?;
        let cyan = Style::new().cyan();
        self.hanging(&format!("{MARGIN}{command:<28}  "), cyan, purpose, Style::new())
    }

    /// Sets a new block apart from the previous block. A heading has its text directly below.
    fn begin(&mut self, block: Block) -> io::Result<()> {
        let is_apart = match (self.last, block) {
            (Block::Start | Block::Heading, _) => false,
            (_, Block::Paragraph | Block::Heading) => true,
            (last, block) => last != block,
        };
        self.last = block;
        if is_apart { self.line("") } else { Ok(()) }
    }

    /// Prints text that hangs from a label. Every line but the first is indented by the label's width. If that leaves
    /// too little room, the text gets separate lines.
    fn hanging(&mut self, label: &str, label_style: Style, text: &str, text_style: Style) -> io::Result<()> {
        let mut label = printable(label);
        let mut indent = " ".repeat(display_width(&label));
        if self.width.saturating_sub(indent.len()) < MIN_WIDTH / 2 {
            self.line(&label.trim_end().style(label_style).to_string())?;
            indent = format!("{MARGIN}    ");
            label.clone_from(&indent);
        }
        for (place, line) in self.wrapped(&indent, text).iter().enumerate() {
            let label = if place == 0 { &label } else { &indent };
            if line.is_empty() {
                self.line(&label.trim_end().style(label_style).to_string())?;
            } else {
                self.line(&format!("{}{}", label.style(label_style), line.style(text_style)))?;
            }
        }
        Ok(())
    }

    /// The text's lines, each with room for a label.
    fn wrapped(&self, label: &str, text: &str) -> Vec<String> {
        let room = self.width - display_width(label);
        let options = textwrap::Options::new(room).word_splitter(WordSplitter::NoHyphenation);
        let text = printable(text);
        let lines = textwrap::wrap(&text, options);
        lines.into_iter().map(Cow::into_owned).collect()
    }

    fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "{line}")
    }
}

/// The text without characters that control a terminal.
fn printable(text: &str) -> String {
    let replace = |sign: char| {
        if sign.is_control() && sign != '\n' {
            '\u{fffd}'
        } else {
            sign
        }
    };
    text.chars().map(replace).collect()
}

/// The text, with an ellipsis if there is too little room.
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn shown(width: usize) -> String {
        let screen = Screen::default();
        let out: Box<dyn Write + Send> = Box::new(screen.clone());
        let mut stage = Stage::new(Box::new(anstream::StripStream::new(out)), width);
        stage.heading("1  A heading").unwrap();
        stage.say(Speaker::Ana, "My espresso machine leaks.").unwrap();
        stage.effect("handoff writes six attributes, and no others").unwrap();
        stage.wire("TaskRouter", "GET   …/Tasks/WT…1", "200").unwrap();
        stage.passed("the task has all six").unwrap();
        stage
            .command("cargo demo --serve", "play all three roles yourself")
            .unwrap();
        String::from_utf8(screen.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn lines_are_broken_between_words_at_the_terminals_width() {
        let narrow = "\
1  A heading
    Ana  My espresso machine leaks.
      →  handoff writes six attributes,
         and no others

     TaskRouter      GET   …/Tasks/WT…1
                                     200

   ✓ the task has all six

   cargo demo --serve
       play all three roles yourself
";
        assert_eq!(shown(40), narrow);
        let wide = "\
1  A heading
    Ana  My espresso machine leaks.
      →  handoff writes six attributes, and no others

     TaskRouter      GET   …/Tasks/WT…1                                                          200

   ✓ the task has all six

   cargo demo --serve            play all three roles yourself
";
        assert_eq!(shown(120), wide);
    }
}
