//! The texts of a handoff in the form that they have on a task.

use crate::members::compact;

/// Other names of sentiments and their names on the task.
const SYNONYMS: [(&str, &str); 4] = [
    ("happy", "positive"),
    ("angry", "negative"),
    ("frustrated", "negative"),
    ("mixed", "neutral"),
];

/// The JSON text to expect for a field of the handoff. This is the text that came if a warning names the field or if
/// only permitted changes were made:
///
/// - white space trimmed
/// - control characters removed
/// - the text cut to fit TaskRouter's limit
/// - a language tag put in canonical form
/// - a sentiment given its other name
pub(super) fn wording(name: &str, given: &str, came: &str, warnings: &str) -> String {
    if warnings.contains(name) {
        return came.to_owned();
    }
    let text = |json: &str| serde_json::from_str::<String>(json).unwrap_or_default();
    let is_removed = |sign: char| sign.is_control() && !matches!(sign, '\n' | '\t');
    let (given_text, came_text) = (text(given).replace(is_removed, ""), text(came));
    let trimmed = given_text.trim();
    let is_same = match name {
        "sentiment" => is_sentiment(trimmed, &came_text),
        "language" => trimmed.replace('_', "-").eq_ignore_ascii_case(&came_text),
        _ => trimmed == came_text || is_shortened(trimmed, &came_text),
    };
    if is_same { came.to_owned() } else { compact(given) }
}

fn is_sentiment(given: &str, came: &str) -> bool {
    let given = given.to_lowercase();
    given == came || SYNONYMS.contains(&(&*given, came))
}

fn is_shortened(given: &str, came: &str) -> bool {
    let start = came.strip_suffix('…');
    start.is_some_and(|start| given.starts_with(start.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_may_differ_only_as_the_reference_says() {
        for (name, given, came, is_expected) in [
            ("reason", r#"" a\u0007b ""#, r#""ab""#, true),
            ("reason", r#""Refund""#, r#""refund""#, false),
            ("summary", r#""one two three""#, r#""one two…""#, true),
            ("summary", r#""one two three""#, r#""one 2…""#, false),
            ("sentiment", r#""Frustrated""#, r#""negative""#, true),
            ("sentiment", r#""mixed""#, r#""neutral""#, true),
            ("sentiment", r#""happy""#, r#""negative""#, false),
            ("language", r#""PT_br""#, r#""pt-BR""#, true),
            ("language", r#""en""#, r#""de""#, false),
        ] {
            let expected = if is_expected { came } else { given };
            assert_eq!(wording(name, given, came, "[]"), expected, "{name}: {given}");
        }
        let warned = r#"["sentiment: \"sad\" is unknown"]"#;
        assert_eq!(wording("sentiment", r#""sad""#, r#""neutral""#, warned), r#""neutral""#);
    }
}
