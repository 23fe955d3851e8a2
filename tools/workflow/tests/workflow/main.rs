//! The expression language and the workflows, from outside.

mod configurations;
mod evaluation;
mod properties;
mod syntax;
