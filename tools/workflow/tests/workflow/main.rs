//! Tests of the expression language and the routing through the public interface.

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
