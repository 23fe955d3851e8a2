//! The entry points of a Lambda function.

pub mod actions;
pub mod batch;
pub mod http;
pub mod payload;
pub mod start;
pub mod webhook;
