//! The demo's page in a browser.

#[path = "../../../simulator/tests/browser/mod.rs"]
mod driven;

use std::ops::Deref;

use driven::Browser;
pub(crate) use driven::{DESK, PHONE, Screen};

use crate::server::Server;

/// A server and its page in a browser. No other test shares them.
pub(crate) struct Page {
    pub(crate) server: Server,
    browser: Browser,
}

impl Deref for Page {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.browser
    }
}

impl Page {
    /// Opens the page and waits until the page is live. Returns `None` if this machine has no browser and none is
    /// required.
    pub(crate) async fn open(screen: Screen) -> Option<Self> {
        Self::open_with(screen, &[]).await
    }

    /// Opens the page of a server with these further arguments.
    pub(crate) async fn open_with(screen: Screen, arguments: &[&str]) -> Option<Self> {
        let browser = Browser::start(screen).await?;
        let server = Server::start_with(arguments).await;
        server.anas_task().await;
        browser.open(&server.url).await;
        Some(Self { server, browser })
    }

    /// Ends the test and asserts that the browser reported nothing.
    pub(crate) async fn close(self) {
        self.browser.close().await;
    }

    pub(crate) async fn quit(self) {
        self.browser.quit().await;
    }
}
