//! The scene of the end-to-end tests: the built functions in a simulated world where the AI was offered a task.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use simulator::exchange::{Answer, Exchange, Upstream};
use simulator::fault::{Effect, Fault, Struck};
use simulator::lambda::functions::{self, Binaries};
use simulator::lambda::{Invocation, LambdaHost};
use simulator::options::Options;
use simulator::twilio::sids::{AI_WORKER_SID, API_KEY_SID, WORKSPACE_SID};
use simulator::twilio::{Conversation, Credentials, Reservation, Task};
use simulator::world::{AUTO_CLOSE, DEFERRED, HANDOFF, REPLY, RESOLVE, TASK_EVENTS, World};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The longest wait for an event on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(30);

/// The functions as built by the first test that calls this.
///
/// # Panics
/// If the build fails. Every test then reports the reason.
pub fn binaries() -> Binaries {
    static BINARIES: OnceLock<Result<Binaries, String>> = OnceLock::new();
    let built = BINARIES.get_or_init(|| functions::build().map_err(|error| error.to_string()));
    built.clone().unwrap_or_else(|error| panic!("{error}"))
}

/// The AI session of the scene's conversation.
pub const SESSION_ID: &str = "session-1";

/// A world in which the AI has been offered a task on a web chat with one customer.
pub struct Scene {
    pub world: World,
    pub task_sid: String,
    pub reservation_sid: String,
    pub conversation_sid: String,
    turn: Arc<Turn>,
    logs: Logs,
}

/// Text that no log line may contain: parts of secrets and text of the customers and the AI.
const PRIVATE: [&str; 6] = ["of-no-real", "hunter2", "private", SESSION_ID, "Ana", "customer wants"];

/// Checks the logs for private text at the end of each scene.
struct Logs {
    lambda: LambdaHost,
    functions: Vec<&'static str>,
}

impl Drop for Logs {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for line in self.functions.iter().flat_map(|function| self.lambda.logs(function)) {
            for private in PRIVATE {
                assert!(!line.contains(private), "{private} is in the log: {line}");
            }
        }
    }
}

/// A permit for a test to hold a scene.
type Turn = SemaphorePermit<'static>;

/// A scene holds about twenty of the 1,024 files that a process may usually have open. Machines with many cores run
/// many tests at once.
static TURNS: Semaphore = Semaphore::const_new(24);

thread_local! {
    /// The permit of the test on this thread.
    static OWN_TURN: RefCell<Weak<Turn>> = const { RefCell::new(Weak::new()) };
}

/// Waits for a permit. A test that holds a permit reuses the permit for its next scene. Otherwise two tests could wait
/// for each other.
async fn turn() -> Arc<Turn> {
    let acquire = async || Arc::new(TURNS.acquire().await.expect("it is never closed"));
    // Each Tokio task of a test has one scene.
    if tokio::task::try_id().is_some() {
        return acquire().await;
    }
    if let Some(own) = OWN_TURN.with_borrow(Weak::upgrade) {
        return own;
    }
    let turn = acquire().await;
    OWN_TURN.set(Arc::downgrade(&turn));
    turn
}

impl Scene {
    /// A scene with the default options.
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// A scene with changed options. By default, TaskRouter sends no events.
    pub async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options {
            binaries: Some(binaries()),
            callbacks: false,
            ..Options::default()
        };
        change(&mut options);
        let mut functions = vec![TASK_EVENTS, HANDOFF, RESOLVE, REPLY, AUTO_CLOSE];
        functions.extend(options.queue.then_some(DEFERRED));
        let turn = turn().await;
        let world = World::start(options).await.expect("a world starts");
        let lambda = world.lambda.clone();
        Self::in_world(world, turn, Logs { lambda, functions })
    }

    /// The next scene in the same world, with another task and another conversation.
    pub fn next(self) -> Self {
        Self::in_world(self.world, self.turn, self.logs)
    }

    fn in_world(world: World, turn: Arc<Turn>, logs: Logs) -> Self {
        let conversation_sid = world.twilio.create_conversation().sid;
        world
            .twilio
            .add_chat_participant(&conversation_sid, "ana")
            .expect("the conversation is open");
        world.session_api.create_session(SESSION_ID);
        let attributes = json!({ "session_id": SESSION_ID, "conversationSid": conversation_sid });
        let task_sid = world
            .twilio
            .create_task(&attributes.to_string())
            .expect("the attributes are a short object")
            .sid;
        let reservation_sid = world
            .twilio
            .reserve(&task_sid, AI_WORKER_SID)
            .expect("the task is pending")
            .sid;
        Self {
            world,
            task_sid,
            reservation_sid,
            conversation_sid,
            turn,
            logs,
        }
    }

    /// The task's current state.
    pub fn task(&self) -> Task {
        self.world.twilio.task(&self.task_sid).expect("the task is there")
    }

    /// The current state of the AI's reservation.
    pub fn reservation(&self) -> Reservation {
        self.world
            .twilio
            .reservation(&self.reservation_sid)
            .expect("the task is there")
    }

    /// The conversation's current state.
    pub fn conversation(&self) -> Conversation {
        self.world
            .twilio
            .conversation(&self.conversation_sid)
            .expect("the conversation is there")
    }

    /// Replaces the task's attributes, as another program would.
    pub fn set_attributes(&self, attributes: &str) {
        self.world
            .twilio
            .set_attributes(&self.task_sid, attributes)
            .expect("the task is there, and the attributes are an object that fits");
    }

    /// Changes the secret of Twilio's API key. The functions keep the old secret.
    pub fn replace_api_key(&self, secret: &str) {
        self.world.twilio.set_credentials(Credentials {
            api_keys: [(API_KEY_SID.to_owned(), secret.to_owned())].into(),
            ..self.world.twilio.credentials()
        });
    }

    /// Stores a new version of the functions' secret.
    pub fn rotate_secret(&self, change: impl FnOnce(&mut Map<String, Value>)) {
        let secret = self.world.secrets.secret_string();
        let mut secret = serde_json::from_str(&secret).expect("the secret is an object");
        change(&mut secret);
        self.world.secrets.rotate(Value::from(secret).to_string());
    }

    /// The number of reads of the secret.
    pub fn secret_reads(&self) -> usize {
        self.world.exchanges.of(Upstream::SecretsManager).len()
    }

    /// The requests to Twilio and the session API by arrival. The warm-up requests of a function's start are left out.
    pub fn exchanges(&self) -> Vec<Exchange> {
        let mut exchanges = self.world.exchanges.all();
        exchanges.retain(|exchange| exchange.upstream != Upstream::SecretsManager && exchange.path != "/");
        exchanges
    }

    /// The requests in short form, such as `POST Tasks/WT/Reservations/WR`. Two letters stand for a SID of the scene.
    pub fn requests(&self) -> Vec<String> {
        self.exchanges()
            .iter()
            .map(|exchange| self.in_short(exchange))
            .collect()
    }

    /// Waits for a request in the form of [`requests`](Self::requests).
    ///
    /// # Panics
    /// If the request does not arrive in time.
    pub async fn arrival(&self, request: &str) -> Exchange {
        let is_it = |exchange: &Exchange| self.in_short(exchange) == request;
        let arrived = self.world.exchanges.wait_for(is_it, LIMIT).await;
        arrived.unwrap_or_else(|| panic!("no {request} has arrived"))
    }

    /// The requests that change something.
    pub fn writes(&self) -> Vec<String> {
        let mut requests = self.requests();
        requests.retain(|request| !request.starts_with("GET "));
        requests
    }

    /// Adds a fault. The returned counter tells how often the fault has happened.
    pub fn strike(&self, fault: Fault) -> Struck {
        self.world.faults.add(fault)
    }

    /// A fault at a request in the form of [`requests`](Self::requests).
    ///
    /// # Panics
    /// If the name has no method.
    pub fn at(&self, request: &str) -> Fault {
        let (method, path) = request.split_once(' ').expect("a method and a path");
        let upstream = match path.starts_with("Conversations") {
            true => Upstream::Conversations,
            false => Upstream::TaskRouter,
        };
        let segments = path.split('/').map(|segment| match segment {
            "WT" => &self.task_sid,
            "WR" => &self.reservation_sid,
            "CH" => &self.conversation_sid,
            name => name,
        });
        let path: Vec<&str> = segments.collect();
        Fault::at(upstream)
            .method(method.parse().expect("a method"))
            .path_ends_with(path.join("/"))
    }

    fn in_short(&self, exchange: &Exchange) -> String {
        let prefix = format!("/v1/Workspaces/{WORKSPACE_SID}/");
        let path = exchange.path.strip_prefix(&prefix).unwrap_or(&exchange.path);
        let path = path.strip_prefix("/v1/").unwrap_or(path);
        let path = [&self.task_sid, &self.reservation_sid, &self.conversation_sid]
            .iter()
            .fold(path.to_owned(), |path, sid| path.replace(sid.as_str(), &sid[..2]));
        format!("{} {path}", exchange.method)
    }

    /// A function's log lines as JSON objects.
    ///
    /// # Panics
    /// If a line is not a JSON object.
    pub fn log(&self, function: &str) -> Vec<Value> {
        let lines = self.world.lambda.logs(function);
        lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in the log line {line}")))
            .collect()
    }
}

/// An error answer in Twilio's format.
pub fn refusal(status: u16, code: u32) -> Effect {
    let body = json!({ "code": code, "message": "a message", "more_info": "", "status": status });
    Effect::Answer(Answer::status(status).body(body.to_string()))
}

/// A Lambda function error, as the invoker receives it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct FunctionError {
    pub error_type: String,
    pub error_message: String,
}

/// The answer or the function error of an invocation.
///
/// # Panics
/// If the answer is not JSON or the error has no type and message.
pub fn outcome(invocation: &Invocation) -> Result<Value, FunctionError> {
    let payload = &invocation.payload;
    match invocation.function_error {
        None => Ok(serde_json::from_slice(payload).expect("an answer is JSON")),
        Some(_) => Err(serde_json::from_slice(payload).expect("an error has a type and a message")),
    }
}
