//! `cargo demo --serve`: its server over HTTP, and its page in a real browser.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

mod actions;
mod browser;
mod clicks;
mod guards;
mod handoff;
mod server;
mod timeline;
mod workflow;
