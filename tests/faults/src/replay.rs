//! One case again, by what a failure prints: `EXPLORE='handoff: 4.17 7.3' cargo explore`.

/// What is asked for of the exploration with this name: everything, nothing, or one case.
pub(crate) enum Wanted {
    Everything,
    Nothing,
    /// By its numbers.
    One(String),
}

/// Asks the environment.
pub(crate) fn wanted(name: &str) -> Wanted {
    match std::env::var("EXPLORE") {
        Err(_) => Wanted::Everything,
        Ok(asked) => match asked.split_once(": ") {
            Some((exploration, case)) if exploration == name => Wanted::One(case.to_owned()),
            _ => Wanted::Nothing,
        },
    }
}

/// How a case is asked for.
pub(crate) fn how(name: &str, case: &str) -> String {
    format!("EXPLORE='{name}: {case}' cargo explore")
}
