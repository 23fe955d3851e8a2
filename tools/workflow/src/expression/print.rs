//! Prints an expression without recursion.

use std::fmt;

use serde_json::Value;

use super::tree::{Comparison, Expression, Logic, Node, Operand, Operator};

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut todo = vec![Piece::Node(self.nodes.len() - 1)];
        while let Some(piece) = todo.pop() {
            let node = match piece {
                Piece::Text(text) => {
                    formatter.write_str(text)?;
                    continue;
                }
                Piece::Node(node) => node,
            };
            match &self.nodes[node] {
                Node::Comparison(comparison) => comparison.fmt(formatter)?,
                &Node::Not(negated) => {
                    self.push_side(&mut todo, negated, |_| true);
                    todo.push(Piece::Text("NOT "));
                }
                &Node::Logic { operator, left, right } => {
                    // `todo` is a stack: the piece to be written first is pushed last.
                    self.push_side(&mut todo, right, |inner| inner == Logic::Or || operator == Logic::And);
                    todo.push(Piece::Text(operator.text()));
                    self.push_side(&mut todo, left, |inner| inner == Logic::Or && operator == Logic::And);
                }
            }
        }
        Ok(())
    }
}

enum Piece {
    Node(usize),
    Text(&'static str),
}

impl Expression {
    /// Puts a side into parentheses if the meaning would change without them. AND binds tighter than OR, and operators
    /// of the same kind group to the left.
    fn push_side(&self, todo: &mut Vec<Piece>, side: usize, read_otherwise: impl Fn(Logic) -> bool) {
        match self.nodes[side] {
            Node::Logic { operator, .. } if read_otherwise(operator) => {
                todo.extend([Piece::Text(")"), Piece::Node(side), Piece::Text("(")]);
            }
            _ => todo.push(Piece::Node(side)),
        }
    }
}

impl Logic {
    fn text(self) -> &'static str {
        match self {
            Logic::And => " AND ",
            Logic::Or => " OR ",
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {}", self.left, self.operator, self.right)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Contains => "CONTAINS",
            Operator::Has => "HAS",
            Operator::In => "IN",
            Operator::NotIn => "NOT IN",
        })
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Path(path) => path.fmt(formatter),
            Operand::Constant(Value::Array(elements)) => {
                formatter.write_str("[")?;
                for (place, element) in elements.iter().enumerate() {
                    formatter.write_str(if place == 0 { "" } else { ", " })?;
                    write_scalar(formatter, element)?;
                }
                formatter.write_str("]")
            }
            Operand::Constant(scalar) => write_scalar(formatter, scalar),
        }
    }
}

fn write_scalar(formatter: &mut fmt::Formatter<'_>, scalar: &Value) -> fmt::Result {
    match scalar {
        Value::String(text) if text.contains('\'') => write!(formatter, "\"{text}\""),
        Value::String(text) => write!(formatter, "'{text}'"),
        Value::Number(number) => match number.as_f64() {
            // Expressions have no exponents. The decimal point makes a whole number a double again.
            Some(double) if number.is_f64() && double.fract() == 0.0 => write!(formatter, "{double}.0"),
            Some(double) if number.is_f64() => write!(formatter, "{double}"),
            _ => write!(formatter, "{number}"),
        },
        other => write!(formatter, "{other}"),
    }
}
