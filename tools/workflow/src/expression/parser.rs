//! Parses paths, and expressions without recursion.

use std::str::FromStr;

use serde_json::Value;

use super::error::ParseError;
use super::lexer::{Kind, Lexer, Token};
use super::path::Path;
use super::tree::{Comparison, Expression, Logic, Node, Operand, Operator};

const CONSTANT: &str = "a string, a number, true, false or null";
const OPERAND: &str = "a name, a string, a number, true, false, null or an array";
const OPERAND_OR_GROUP: &str = "a name, a string, a number, true, false, null, an array or `(`";
const COMPARISON: &str = "one of ==, !=, >, >=, <, <=, CONTAINS, HAS, IN and NOT IN";

impl FromStr for Expression {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut lexer = Lexer::new(text);
        let token = lexer.next()?;
        let parser = Parser {
            lexer,
            token,
            nodes: Vec::new(),
            waiting: Vec::new(),
        };
        parser.parse()
    }
}

impl FromStr for Path {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut lexer = Lexer::new(text);
        let first = lexer.next()?;
        let Kind::Path(path) = first.kind else {
            let expected = "a name, such as task.worker_sid";
            return Err(ParseError::new(text, first.start, expected, first.to_string()));
        };
        match lexer.next()? {
            end if end.kind == Kind::End => Ok(path),
            other => Err(ParseError::new(text, other.start, "the end", other.to_string())),
        }
    }
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    /// The next token.
    token: Token<'t>,
    nodes: Vec<Node>,
    /// The open groups and the operators that wait for their right side. The innermost is last.
    waiting: Vec<Waiting>,
}

enum Waiting {
    /// The offset of an open parenthesis.
    Group(usize),
    Not,
    Logic {
        operator: Logic,
        left: usize,
    },
}

impl Parser<'_> {
    fn parse(mut self) -> Result<Expression, ParseError> {
        loop {
            self.openings()?;
            let comparison = self.comparison()?;
            let comparison = self.add(Node::Comparison(comparison));
            let mut last = self.negated(comparison);
            while self.token.kind == Kind::CloseParenthesis {
                let group = self.bind(last, Logic::Or);
                let Some(Waiting::Group(_)) = self.waiting.pop() else {
                    return Err(self.unexpected("AND, OR or the end"));
                };
                last = self.negated(group);
                self.advance()?;
            }
            let operator = match self.token.kind {
                Kind::And => Logic::And,
                Kind::Or => Logic::Or,
                Kind::End => return self.finish(last),
                _ => return Err(self.unexpected("AND, OR, `)` or the end")),
            };
            let left = self.bind(last, operator);
            self.waiting.push(Waiting::Logic { operator, left });
            self.advance()?;
        }
    }

    /// Reads the parentheses and NOTs before a comparison.
    fn openings(&mut self) -> Result<(), ParseError> {
        loop {
            self.waiting.push(match self.token.kind {
                Kind::OpenParenthesis => Waiting::Group(self.token.start),
                Kind::Not => Waiting::Not,
                _ => return Ok(()),
            });
            self.advance()?;
        }
    }

    fn finish(mut self, last: usize) -> Result<Expression, ParseError> {
        self.bind(last, Logic::Or);
        match self.waiting.pop() {
            Some(Waiting::Group(start)) => Err(self.error(start, "a `)` for the `(` that stands here", "none")),
            _ => Ok(Expression { nodes: self.nodes }),
        }
    }

    /// Applies each NOT directly before `last`. NOT binds tighter than AND.
    fn negated(&mut self, mut last: usize) -> usize {
        while let Some(Waiting::Not) = self.waiting.last() {
            self.waiting.pop();
            last = self.add(Node::Not(last));
        }
        last
    }

    /// Completes this group's waiting operators that bind at least as tightly as `operator`. `right` becomes their
    /// right side.
    fn bind(&mut self, mut right: usize, operator: Logic) -> usize {
        while let Some(&Waiting::Logic {
            operator: waiting,
            left,
        }) = self.waiting.last()
        {
            if waiting == Logic::Or && operator == Logic::And {
                break;
            }
            self.waiting.pop();
            right = self.add(Node::Logic {
                operator: waiting,
                left,
                right,
            });
        }
        right
    }

    fn comparison(&mut self) -> Result<Comparison, ParseError> {
        let left = self.operand(OPERAND_OR_GROUP)?;
        let operator = match self.token.kind {
            Kind::Operator(operator) => operator,
            Kind::Not => {
                self.advance()?;
                match self.token.kind {
                    Kind::Operator(Operator::In) => Operator::NotIn,
                    _ => return Err(self.unexpected("IN after NOT")),
                }
            }
            _ => return Err(self.unexpected(COMPARISON)),
        };
        self.advance()?;
        let right = self.operand(OPERAND)?;
        Ok(Comparison { left, operator, right })
    }

    fn operand(&mut self, expected: &str) -> Result<Operand, ParseError> {
        let operand = match &self.token.kind {
            Kind::Constant(constant) => Operand::Constant(constant.clone()),
            Kind::Path(path) => Operand::Path(path.clone()),
            Kind::OpenBracket => return self.array(),
            _ => return Err(self.unexpected(expected)),
        };
        self.advance()?;
        Ok(operand)
    }

    /// An array holds only constants. Twilio documents neither names nor arrays in an array.
    fn array(&mut self) -> Result<Operand, ParseError> {
        let mut elements = Vec::new();
        loop {
            // After the opening bracket or a comma.
            self.advance()?;
            match &self.token.kind {
                Kind::Constant(constant) => elements.push(constant.clone()),
                Kind::CloseBracket if elements.is_empty() => break,
                _ => return Err(self.unexpected(CONSTANT)),
            }
            self.advance()?;
            match self.token.kind {
                Kind::Comma => {}
                Kind::CloseBracket => break,
                _ => return Err(self.unexpected("`,` or `]`")),
            }
        }
        self.advance()?;
        Ok(Operand::Constant(Value::Array(elements)))
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn advance(&mut self) -> Result<(), ParseError> {
        self.token = self.lexer.next()?;
        Ok(())
    }

    fn unexpected(&self, expected: &str) -> ParseError {
        self.error(self.token.start, expected, self.token.to_string())
    }

    fn error(&self, offset: usize, expected: &str, found: impl Into<String>) -> ParseError {
        ParseError::new(self.lexer.text(), offset, expected, found)
    }
}
