//! `cargo demo --serve`: the server over HTTP and the page in a real browser.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

#[path = "../../../simulator/tests/file/mod.rs"]
mod file;

mod actions;
mod address;
mod browser;
mod clicks;
mod files;
mod guards;
mod guide;
mod handoff;
mod keyboard;
mod promise;
mod screenshot;
mod server;
mod timeline;
mod workflow;
