//! The entry points of a Lambda function.

pub mod actions;
pub mod batch;
pub mod http;
pub mod payload;
pub mod start;
#[cfg(test)]
mod time_budget;
pub mod webhook;
