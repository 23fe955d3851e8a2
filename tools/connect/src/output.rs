//! Standard output. Its reader may leave before the end, as `head` does.

use std::fmt::Display;
use std::io::{self, Write};

/// Prints a text and ends the line.
pub(crate) fn say(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}
