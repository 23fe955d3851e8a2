//! A target's `order_by`: `worker.routing.levels.billing DESC, worker.english_level`.
//!
//! <https://www.twilio.com/docs/taskrouter/order-workers>

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::expression::{Kind, Lexer, ParseError, Path, Token};
use crate::scope::Scope;

/// The order of the workers to whom a target could offer a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBy {
    clauses: Vec<(Path, Direction)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

/// A worker's sort key: an integer for each clause. None if the worker lacks the attribute.
pub(crate) type Key = Vec<Option<i64>>;

impl OrderBy {
    /// The worker's key; none if an attribute is not an integer.
    pub(crate) fn key(&self, scope: &Scope<'_>) -> Option<Key> {
        let integer = |(path, _): &(Path, Direction)| match scope.resolve(path) {
            Some(value) => value.as_i64().map(Some),
            None => Some(None),
        };
        self.clauses.iter().map(integer).collect()
    }

    /// Orders two workers by their keys. Workers without an attribute come last in either direction.
    pub(crate) fn compare(&self, left: &Key, right: &Key) -> Ordering {
        let clauses = self.clauses.iter().zip(left.iter().zip(right));
        let orders = clauses.map(|((_, direction), sides)| match (sides, direction) {
            ((Some(left), Some(right)), Direction::Ascending) => left.cmp(right),
            ((Some(left), Some(right)), Direction::Descending) => right.cmp(left),
            ((left, right), _) => right.is_some().cmp(&left.is_some()),
        });
        orders.fold(Ordering::Equal, Ordering::then)
    }
}

impl FromStr for OrderBy {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut lexer = Lexer::new(text);
        let unexpected = |token: &Token<'_>, expected| ParseError::new(text, token.start, expected, token.to_string());
        let mut clauses = Vec::new();
        loop {
            let token = lexer.next()?;
            let Kind::Path(path) = token.kind else {
                return Err(unexpected(&token, "a name, such as worker.level"));
            };
            let mut token = lexer.next()?;
            let direction = Direction::of(&token);
            if direction.is_some() {
                token = lexer.next()?;
            }
            // Twilio documents no default direction; ascending, as in SQL.
            clauses.push((path, direction.unwrap_or(Direction::Ascending)));
            match token.kind {
                Kind::Comma => {}
                Kind::End => return Ok(Self { clauses }),
                _ if direction.is_some() => return Err(unexpected(&token, "`,` or the end")),
                _ => return Err(unexpected(&token, "ASC, DESC, `,` or the end")),
            }
        }
    }
}

impl Direction {
    fn of(token: &Token<'_>) -> Option<Self> {
        match &token.kind {
            Kind::Path(word) => match word.to_string().to_ascii_uppercase().as_str() {
                "ASC" => Some(Self::Ascending),
                "DESC" => Some(Self::Descending),
                _ => None,
            },
            _ => None,
        }
    }
}

impl fmt::Display for OrderBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (path, direction)) in self.clauses.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            let direction = match direction {
                Direction::Ascending => "ASC",
                Direction::Descending => "DESC",
            };
            write!(formatter, "{separator}{path} {direction}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_read_in_any_case_and_printed_in_one_form() {
        let forms = [
            ("worker.english_level ASC", "worker.english_level ASC"),
            (
                "worker.finance asc,worker.support desc",
                "worker.finance ASC, worker.support DESC",
            ),
            ("worker.levels[0]", "worker.levels[0] ASC"),
            ("worker.desc DESC\n, worker.asc", "worker.desc DESC, worker.asc ASC"),
        ];
        for (text, printed) in forms {
            assert_eq!(
                text.parse::<OrderBy>().map(|order| order.to_string()),
                Ok(printed.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn error_names_the_expected_token_and_its_position() {
        let errors = [
            (
                "",
                "line 1, column 1: expected a name, such as worker.level, found the end",
            ),
            (
                "worker.a ASC,",
                "line 1, column 14: expected a name, such as worker.level, found the end",
            ),
            (
                "worker.a DOWN",
                "line 1, column 10: expected ASC, DESC, `,` or the end, found `DOWN`",
            ),
            (
                "worker.a ASC DESC",
                "line 1, column 14: expected `,` or the end, found `DESC`",
            ),
            (
                "worker.a-b",
                "line 1, column 9: expected a name without a hyphen, which TaskRouter doesn't support, found `-`",
            ),
        ];
        for (text, first_line) in errors {
            let error = text.parse::<OrderBy>().unwrap_err().to_string();
            assert_eq!(error.lines().next(), Some(first_line), "{text}");
        }
    }

    #[test]
    fn workers_without_the_attribute_come_last_either_way() {
        let keys = |text: &str| {
            let order: OrderBy = text.parse().unwrap();
            let mut keys = vec![
                vec![None, Some(1)],
                vec![Some(2), None],
                vec![Some(2), Some(9)],
                vec![Some(1), Some(1)],
            ];
            keys.sort_by(|left, right| order.compare(left, right));
            keys
        };
        let (none, one, two) = (vec![None, Some(1)], vec![Some(1), Some(1)], vec![Some(2), None]);
        let nine = vec![Some(2), Some(9)];
        assert_eq!(
            keys("worker.a ASC, worker.b ASC"),
            [one.clone(), nine.clone(), two.clone(), none.clone()]
        );
        assert_eq!(keys("worker.a DESC, worker.b DESC"), [nine, two, one, none]);
    }
}
