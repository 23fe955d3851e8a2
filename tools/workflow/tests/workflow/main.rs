//! The expression language, from outside.

mod evaluation;
mod properties;
mod syntax;
