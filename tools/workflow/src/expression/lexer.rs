//! The tokens of an expression.

use std::fmt;

use serde_json::{Number, Value};

use super::error::ParseError;
use super::path::{Path, Segment};
use super::tree::Operator;
use crate::position::quoted;

pub(crate) struct Lexer<'t> {
    text: &'t str,
    offset: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token<'t> {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    text: &'t str,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    Comma,
    /// Every comparison except the two words `NOT IN`.
    Operator(Operator),
    And,
    Or,
    Not,
    Constant(Value),
    Path(Path),
    End,
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::End => formatter.write_str("the end"),
            _ => formatter.write_str(&quoted(self.text)),
        }
    }
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, offset: 0 }
    }

    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    pub(crate) fn next(&mut self) -> Result<Token<'t>, ParseError> {
        self.take_while(char::is_whitespace);
        let start = self.offset;
        let kind = match self.peek() {
            None => Kind::End,
            Some(quote @ ('\'' | '"')) => self.string(quote)?,
            Some('0'..='9' | '-') => self.number()?,
            Some(first) if begins_name(first) => self.word()?,
            Some(_) => self.sign()?,
        };
        Ok(Token {
            kind,
            start,
            text: &self.text[start..self.offset],
        })
    }

    /// The text up to the same quote. Twilio documents no escapes. Each kind of quote may stand within the other.
    fn string(&mut self, quote: char) -> Result<Kind, ParseError> {
        let start = self.offset;
        self.offset += 1;
        let content = self.take_while(|character| character != quote);
        if self.take_if(quote) {
            Ok(Kind::Constant(Value::from(content)))
        } else {
            let expected = format!("a closing {quote} for the string that begins here");
            Err(self.error(start, expected, "none"))
        }
    }

    fn number(&mut self) -> Result<Kind, ParseError> {
        let start = self.offset;
        self.take_if('-');
        self.digits()?;
        if self.take_if('.') {
            self.digits()?;
        }
        let text = &self.text[start..self.offset];
        let number = integer(text).or_else(|| Number::from_f64(text.parse().ok()?));
        let number = number.ok_or_else(|| self.error(start, "a number of the size of a double", quoted(text)))?;
        Ok(Kind::Constant(Value::Number(number)))
    }

    fn digits(&mut self) -> Result<&'t str, ParseError> {
        match self.take_while(|character| character.is_ascii_digit()) {
            "" => Err(self.unexpected("a digit")),
            digits => Ok(digits),
        }
    }

    /// A name with all its segments or a keyword. A keyword followed by a dot is a name.
    fn word(&mut self) -> Result<Kind, ParseError> {
        let name = self.take_while(continues_name);
        if let (Some(keyword), false) = (keyword(name), self.peek() == Some('.')) {
            return Ok(keyword);
        }
        let mut segments = vec![Segment::Name(name.to_owned())];
        loop {
            if self.take_if('.') {
                segments.push(Segment::Name(self.name()?));
            } else if self.take_if('[') {
                segments.push(Segment::Index(self.index()?));
            } else if self.peek() == Some('-') {
                return Err(self.unexpected("a name without a hyphen, which TaskRouter doesn't support"));
            } else {
                return Ok(Kind::Path(Path::new(segments)));
            }
        }
    }

    fn name(&mut self) -> Result<String, ParseError> {
        match self.peek() {
            Some(first) if begins_name(first) => Ok(self.take_while(continues_name).to_owned()),
            _ => Err(self.unexpected("a name after the dot")),
        }
    }

    fn index(&mut self) -> Result<usize, ParseError> {
        let start = self.offset;
        let digits = self.digits()?;
        let index = digits.parse();
        let index = index.map_err(|_| self.error(start, "an index", quoted(digits)))?;
        if self.take_if(']') {
            Ok(index)
        } else {
            Err(self.unexpected("`]` behind the index"))
        }
    }

    fn sign(&mut self) -> Result<Kind, ParseError> {
        const SIGNS: [(&str, Kind); 12] = [
            ("==", Kind::Operator(Operator::Equal)),
            ("!=", Kind::Operator(Operator::NotEqual)),
            (">=", Kind::Operator(Operator::GreaterOrEqual)),
            ("<=", Kind::Operator(Operator::LessOrEqual)),
            (">", Kind::Operator(Operator::Greater)),
            ("<", Kind::Operator(Operator::Less)),
            // Missing from Twilio's list of operators, but used in the workflows of "Ordering Workers" and
            // "Multitasking".
            ("=", Kind::Operator(Operator::Equal)),
            ("(", Kind::OpenParenthesis),
            (")", Kind::CloseParenthesis),
            ("[", Kind::OpenBracket),
            ("]", Kind::CloseBracket),
            (",", Kind::Comma),
        ];
        for (sign, kind) in SIGNS {
            if self.text[self.offset..].starts_with(sign) {
                self.offset += sign.len();
                return Ok(kind);
            }
        }
        Err(self.unexpected("a name, a constant, an operator, a parenthesis or a bracket"))
    }

    fn peek(&self) -> Option<char> {
        self.text[self.offset..].chars().next()
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.offset += wanted.len_utf8();
        }
        there
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = &self.text[self.offset..];
        let length = rest.find(|character| !belongs(character)).unwrap_or(rest.len());
        self.offset += length;
        &rest[..length]
    }

    fn unexpected(&self, expected: &str) -> ParseError {
        let found = self
            .peek()
            .map_or("the end".to_owned(), |character| format!("`{character}`"));
        self.error(self.offset, expected, found)
    }

    fn error(&self, offset: usize, expected: impl Into<String>, found: impl Into<String>) -> ParseError {
        ParseError::new(self.text, offset, expected, found)
    }
}

/// Twilio's rule for a task channel's name: letters, digits, `_` and `$`, but no digit first. Applied here to every
/// name.
fn begins_name(character: char) -> bool {
    character.is_alphabetic() || matches!(character, '_' | '$')
}

fn continues_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

/// Operators may be in upper or lower case: Twilio's pages have `IN` and `in`, public workflows `HAS` and `has`.
/// Constants are read only as documented. `True` is an ordinary and most likely missing name.
fn keyword(word: &str) -> Option<Kind> {
    let kind = match word {
        "true" => Kind::Constant(Value::Bool(true)),
        "false" => Kind::Constant(Value::Bool(false)),
        "null" => Kind::Constant(Value::Null),
        _ => match word.to_ascii_uppercase().as_str() {
            "AND" => Kind::And,
            "OR" => Kind::Or,
            "NOT" => Kind::Not,
            "IN" => Kind::Operator(Operator::In),
            "HAS" => Kind::Operator(Operator::Has),
            "CONTAINS" => Kind::Operator(Operator::Contains),
            _ => return None,
        },
    };
    Some(kind)
}

/// An integer keeps all its digits. Other numbers are doubles, as in JSON.
fn integer(text: &str) -> Option<Number> {
    let signed = text.parse::<i64>().ok().map(Number::from);
    signed.or_else(|| text.parse::<u64>().ok().map(Number::from))
}
