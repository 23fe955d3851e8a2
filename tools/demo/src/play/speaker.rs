//! The authors of messages.

use owo_colors::Style;

/// The author of a message as named in the play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    Ana,
    Ben,
    Eva,
    Ai,
    Sam,
    /// The note for the human agent.
    Note,
}

impl Speaker {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ana => "Ana",
            Self::Ben => "Ben",
            Self::Eva => "Eva",
            Self::Ai => "AI",
            Self::Sam => "Sam",
            Self::Note => "note",
        }
    }

    pub(super) fn style(self) -> Style {
        match self {
            Self::Ana | Self::Ben | Self::Eva => Style::new().cyan().bold(),
            Self::Ai => Style::new().magenta().bold(),
            Self::Sam => Style::new().green().bold(),
            Self::Note => Style::new().yellow(),
        }
    }
}
