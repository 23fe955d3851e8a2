//! Twilio's own helper libraries against the simulator. Each program in `helper-libraries/` runs if its library is
//! installed.
//!
//! `TWILIO_NODE` names a folder whose `node_modules` has the packages of `helper-libraries/node/package.json`.
//! `TWILIO_PYTHON` names a Python with the package `twilio`.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

#[path = "../../../../tests/end-to-end/tests/openapi/description.rs"]
mod description;
#[path = "../file/mod.rs"]
mod file;
mod signatures;

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use description::Description;
use serde_json::Value;
use simulator::exchange::{Exchange, Upstream};
use simulator::options::Options;
use simulator::twilio::sids::ACCOUNT_SID;
use simulator::world::World;
use tokio::process::Command;

/// The time limit for a program with a few hundred requests.
const LIMIT: Duration = Duration::from_secs(120);

#[tokio::test]
async fn the_node_library_finds_a_twilio() {
    let Some(node) = library_in_node("main.js") else {
        return;
    };
    assert_passes(node).await;
}

#[tokio::test]
async fn the_python_library_finds_a_twilio() {
    let Some(python) = library_in_python("main.py") else {
        return;
    };
    assert_passes(python).await;
}

/// A program for Node, if the library is installed.
fn library_in_node(name: &str) -> Option<Command> {
    let Some(folder) = env::var_os("TWILIO_NODE") else {
        println!("left out: TWILIO_NODE names no folder with node_modules/twilio");
        return None;
    };
    let mut node = Command::new("node");
    node.arg(program(&format!("node/{name}")))
        .env("NODE_PATH", PathBuf::from(folder).join("node_modules"));
    Some(node)
}

/// A program for Python, if the library is installed.
fn library_in_python(name: &str) -> Option<Command> {
    let Some(python) = env::var_os("TWILIO_PYTHON") else {
        println!("left out: TWILIO_PYTHON names no Python that has the package twilio");
        return None;
    };
    let mut python = Command::new(python);
    python.arg("-B").arg(program(&format!("python/{name}")));
    Some(python)
}

fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("helper-libraries")
        .join(name)
}

/// Asserts that the program passes and that Twilio's OpenAPI description allows each of its exchanges.
async fn assert_passes(mut program: Command) {
    let options = Options {
        evaluations_per_second: usize::MAX,
        ..Options::default()
    };
    let world = World::start(options).await.unwrap();
    for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        program.env_remove(proxy);
    }
    program
        .env("TASKROUTER_URL", world.server(Upstream::TaskRouter).url())
        .env("CONVERSATIONS_URL", world.server(Upstream::Conversations).url())
        .env("FLEX_URL", world.server(Upstream::Flex).url())
        .env("TWILIO_ACCOUNT_SID", ACCOUNT_SID)
        .env("TWILIO_AUTH_TOKEN", world.twilio.credentials().auth_token);
    passes(program).await;
    assert_described(&world.exchanges.all());
}

/// Runs the program and asserts that all its checks pass.
async fn passes(mut program: Command) {
    program.kill_on_drop(true);
    let output = tokio::time::timeout(LIMIT, program.output()).await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(text.ends_with(" passed, 0 failed\n"), "{text}");
}

fn assert_described(exchanges: &[Exchange]) {
    let Some(folder) = env::var_os("TWILIO_OPENAPI").map(PathBuf::from) else {
        println!("left out: TWILIO_OPENAPI does not say where Twilio's OpenAPI description is");
        return;
    };
    let taskrouter = Description::read(&folder, "taskrouter");
    let conversations = Description::read(&folder, "conversations");
    let flex = Description::read(&folder, "flex");
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for exchange in exchanges {
        let description = match exchange.upstream {
            Upstream::TaskRouter => &taskrouter,
            Upstream::Flex => &flex,
            _ => &conversations,
        };
        let (operation, found) = description.check(exchange);
        // A refused request may be malformed.
        if exchange.status().is_some_and(|status| status.is_success()) {
            faults.extend(found.into_iter().map(|fault| format!("{operation}: {fault}")));
            used.insert(operation);
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    let unused: Vec<String> = operations(&folder).difference(&used).cloned().collect();
    assert_eq!(unused, Vec::<String>::new());
}

/// Twilio's operations on these resources, without statistics of a period, webhooks and transfers. The simulator has all
/// of them.
fn operations(folder: &Path) -> BTreeSet<String> {
    let of_conversations = ["Conversation", "ConversationMessage", "ConversationParticipant"];
    let conversations = described(folder, "conversations").into_iter();
    let conversations = conversations.filter(|operation| {
        let resource = ["Create", "Delete", "Fetch", "List", "Update"]
            .iter()
            .find_map(|verb| operation.strip_prefix(verb));
        resource.is_some_and(|resource| of_conversations.contains(&resource))
    });
    let taskrouter = described(folder, "taskrouter").into_iter();
    let taskrouter = taskrouter.filter(|operation| {
        !operation.ends_with("Statistics") || (operation.ends_with("RealTimeStatistics") && !operation.contains("Bulk"))
    });
    let flex = described(folder, "flex").into_iter();
    let flex = flex.filter(|operation| operation.contains("Interaction") && !operation.contains("Transfer"));
    conversations.chain(taskrouter).chain(flex).collect()
}

/// The names of all operations of a product.
fn described(folder: &Path, product: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(format!("twilio_{product}_v1.json"))).unwrap();
    let description: Value = serde_json::from_str(&text).unwrap();
    let paths = description["paths"].as_object().unwrap().values();
    let methods = paths.flat_map(|path| path.as_object().unwrap().values());
    let names = methods.filter_map(|method| method["operationId"].as_str());
    names.map(str::to_owned).collect()
}
