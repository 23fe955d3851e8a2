//! A page in headless Chromium, which WebDriver drives.

use std::io::Write;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use simulator::loopback;
use thirtyfour::common::capabilities::chrome::ChromeCapabilities;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::prelude::*;
use thirtyfour::{BrowserLogEntry, LoggingPrefsLogLevel};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The time limit of each wait on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The size of the window in CSS pixels.
#[derive(Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

pub(crate) const DESK: Screen = Screen {
    width: 1440,
    height: 1000,
};
pub(crate) const PHONE: Screen = Screen {
    width: 360,
    height: 740,
};

/// A browser with one page. No other test shares it.
pub(crate) struct Browser {
    /// The driver is never dropped. If a test fails before the quit, the drop would stop the runtime and wait for it.
    pub(crate) driver: ManuallyDrop<WebDriver>,
    /// The process ends after the browser.
    _chromedriver: Chromedriver,
}

impl Browser {
    /// Starts a browser. Returns `None` if this machine has none and none is required.
    pub(crate) async fn start(screen: Screen) -> Option<Self> {
        let chromedriver = Chromedriver::start().await?;
        let driver = WebDriver::builder(&chromedriver.url, capabilities(&chromedriver.profile, screen))
            .client(loopback::client())
            .await
            .unwrap();
        driver.set_script_timeout(LIMIT).await.unwrap();
        Some(Self {
            driver: ManuallyDrop::new(driver),
            _chromedriver: chromedriver,
        })
    }

    /// Opens a page that says on its body when it is live, and waits until then.
    pub(crate) async fn open(&self, url: &str) {
        self.driver.goto(url).await.unwrap();
        self.until("document.body.dataset.connection === 'live'").await;
    }

    /// Waits until a JavaScript condition holds. The condition is evaluated once and after every change of the
    /// document.
    pub(crate) async fn until(&self, condition: &str) {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const holds = () => {{ try {{ return {condition}; }} catch {{ return false; }} }};
             if (holds()) return done();
             const observer = new MutationObserver(() => {{ if (holds()) {{ observer.disconnect(); done(); }} }});
             observer.observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }});"
        );
        if let Err(error) = self.driver.execute_async(script, Vec::new()).await {
            let text = self.text("body").await;
            panic!("{condition} does not hold: {error}\n{text}");
        }
    }

    /// The value of a JavaScript expression.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        let given = self.driver.execute(format!("return {expression};"), Vec::new()).await;
        given.unwrap().json().clone()
    }

    /// Waits until an element exists and is visible.
    pub(crate) async fn element(&self, selector: &str) -> WebElement {
        self.until(&format!(
            "document.querySelector({}).checkVisibility()",
            json!(selector)
        ))
        .await;
        self.driver.find(By::Css(selector)).await.unwrap()
    }

    /// Clicks on an element as a person does. The element must be enabled and not covered.
    pub(crate) async fn click(&self, selector: &str) {
        self.until(&format!("!document.querySelector({}).disabled", json!(selector)))
            .await;
        let clicked = self.element(selector).await.click().await;
        clicked.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Replaces the text in a field.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        element.clear().await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    /// The visible text of an element.
    pub(crate) async fn text(&self, selector: &str) -> String {
        self.driver.find(By::Css(selector)).await.unwrap().text().await.unwrap()
    }

    /// Ends the test and asserts that the browser reported nothing.
    pub(crate) async fn close(self) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.quit().await;
    }

    /// The browser's reports since the last call: errors, warnings and violations of the page's content security
    /// policy.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.unwrap();
        let complaints = log
            .into_iter()
            .filter(|entry| entry.level == "SEVERE" || entry.level == "WARNING");
        complaints.map(|BrowserLogEntry { message, .. }| message).collect()
    }

    pub(crate) async fn quit(self) {
        WebDriver::clone(&self.driver).quit().await.unwrap();
    }

    /// Presses a key on the element that has the focus.
    pub(crate) async fn press(&self, key: impl Into<TypingData>) {
        let focused = self.driver.active_element().await.unwrap();
        focused.send_keys(key).await.unwrap();
    }

    /// Loads axe-core from the file that `AXE_CORE` names. False if it names none.
    pub(crate) async fn load_axe(&self) -> bool {
        let Some(file) = std::env::var_os("AXE_CORE") else {
            return false;
        };
        let axe = std::fs::read_to_string(file).unwrap();
        let script = format!("{axe}; window.axe = axe;");
        self.driver.execute(script, Vec::new()).await.unwrap();
        true
    }

    /// The violations that axe-core finds in the page as it is, in one theme.
    pub(crate) async fn violations(&self, theme: &str) -> Value {
        self.value(&format!("document.documentElement.dataset.theme = '{theme}'"))
            .await;
        self.value("document.getAnimations().forEach((animation) => animation.finish())")
            .await;
        let script = "const done = arguments[arguments.length - 1];
            axe.run().then(({ violations }) =>
                done(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)));";
        let found = self.driver.execute_async(script, Vec::new()).await.unwrap();
        found.json().clone()
    }
}

fn capabilities(profile: &Path, screen: Screen) -> ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    let arguments = [
        "--headless=new",
        // Chromium's sandbox doesn't run as root, and tests in a container run as root.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        &format!("--user-data-dir={}", profile.display()),
        &format!("--window-size={},{}", screen.width, screen.height),
    ];
    for argument in arguments {
        capabilities.add_arg(argument).unwrap();
    }
    // A window is at least 500 pixels wide, but a phone is narrower.
    let metrics = json!({ "width": screen.width, "height": screen.height, "pixelRatio": 1, "touch": false });
    let emulation = json!({ "deviceMetrics": metrics });
    capabilities
        .add_experimental_option("mobileEmulation", emulation)
        .unwrap();
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
    capabilities
}

/// A separate process with the browsers that it starts.
struct Chromedriver {
    url: String,
    profile: PathBuf,
    process: Child,
}

/// The number of tries to start chromedriver. The program looks for a port that is free on IPv4 and IPv6. It ends if
/// another process takes the port meanwhile.
const STARTS: usize = 10;

impl Chromedriver {
    async fn start() -> Option<Self> {
        let program = find()?;
        for _ in 0..STARTS {
            if let Some(started) = Self::try_start(&program).await {
                return Some(started);
            }
        }
        panic!("chromedriver ended early, {STARTS} times");
    }

    /// Starts chromedriver. Returns `None` if the process ends before it names its port.
    async fn try_start(program: &Path) -> Option<Self> {
        let mut process = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // The browsers end with the process, however a test ends.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = tokio::time::timeout(LIMIT, async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some((_, port)) = line.split_once("started successfully on port ") {
                    return Some(port.trim_end_matches('.').to_owned());
                }
            }
            None
        });
        let port = port.await.expect("chromedriver names its port")?;
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let profile = format!("chromium-{}-{port}", std::process::id());
        Some(Self {
            url: format!("http://127.0.0.1:{port}"),
            profile: PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(profile),
            process,
        })
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        if let Some(id) = self.process.id() {
            let group = format!("-{id}");
            let _ = std::process::Command::new("kill")
                .args(["-KILL", "--", &group])
                .status();
        }
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// The program that `CHROMEDRIVER` names or the program on the path. If there is none, the test is left out with a
/// message unless `REQUIRE_BROWSER` is 1.
fn find() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let on_path = || {
        let mut candidates = std::env::split_paths(&paths).map(|folder| folder.join("chromedriver"));
        candidates.find(|candidate| candidate.is_file())
    };
    let found = std::env::var_os("CHROMEDRIVER").map(PathBuf::from).or_else(on_path);
    if found.is_none() {
        assert!(
            std::env::var("REQUIRE_BROWSER").as_deref() != Ok("1"),
            "there is no chromedriver, neither as CHROMEDRIVER nor on the path"
        );
        let current = std::thread::current();
        let test = current.name().unwrap_or("a test");
        // This bypasses the test harness, which captures a test's output.
        let _ = writeln!(std::io::stderr(), "LEFT OUT: {test}: there is no chromedriver");
    }
    found
}
