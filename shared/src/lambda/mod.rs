pub mod payload;
pub mod start;
pub mod webhook;
