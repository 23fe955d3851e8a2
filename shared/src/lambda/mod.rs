//! The entry points of a Lambda function.

pub mod actions;
pub mod http;
pub mod start;
pub mod webhook;
