//! The expression language and the routing, from outside.

mod configuration_errors;
mod configurations;
mod corpus;
mod evaluation;
mod explanations;
mod limits;
mod offers;
mod properties;
mod routing;
mod scene;
mod syntax;
mod walks;
