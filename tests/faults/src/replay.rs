//! Replay of a single case by the command that a failure prints: `EXPLORE='handoff: 4.17 7.3' cargo explore`.

/// The part of a named exploration to run.
pub(crate) enum Wanted {
    Everything,
    Nothing,
    /// A case by its numbers.
    One(String),
}

/// Reads the environment.
pub(crate) fn wanted(name: &str) -> Wanted {
    match std::env::var("EXPLORE") {
        Err(_) => Wanted::Everything,
        Ok(asked) => match asked.split_once(": ") {
            Some((exploration, case)) if exploration == name => Wanted::One(case.to_owned()),
            _ => Wanted::Nothing,
        },
    }
}

/// The command that replays a case.
pub(crate) fn how(name: &str, case: &str) -> String {
    format!("EXPLORE='{name}: {case}' cargo explore")
}
