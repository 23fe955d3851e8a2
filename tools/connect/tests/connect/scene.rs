//! A simulated account and `connect` with its credentials.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use http::Method;
use serde_json::Value;
use simulator::exchange::Upstream;
use simulator::loopback;
use simulator::options::Options;
use simulator::twilio::sids::{
    ACCOUNT_SID, AI_QUEUE_SID, AI_WORKER_SID, AVAILABLE_ACTIVITY_SID, PEOPLE_QUEUE_SID, WORKFLOW_SID, WORKSPACE_SID,
};
use simulator::world::World;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

pub(crate) const URL: &str = "https://api.example/task-events";
pub(crate) const SESSION_ID: &str = "s1";

/// The filter of a workspace as `apply` sets it up.
pub(crate) const EVENTS: &str = "task.created,task.updated,task.canceled,task.wrapup,task.completed,task.deleted,\
                                 task.system-deleted,reservation.created,reservation.wrapup";

pub(crate) struct Scene {
    pub(crate) world: World,
    /// The folder of `connect` and its backups.
    folder: PathBuf,
    /// Options that every run gets.
    pub(crate) options: Vec<String>,
    /// Variables that replace the good ones.
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// A run of `connect` that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Scene {
    /// An account without findings.
    pub(crate) async fn good() -> Self {
        let world = World::start(Options::default()).await.unwrap();
        world.session_api.create_session(SESSION_ID);
        let name =
            format!("{:032x}", std::process::id()) + &format!("{:p}", &raw const *Box::new(world.exchanges.clone()));
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let url = |upstream| world.server(upstream).url();
        let options = [
            ("--taskrouter-url", url(Upstream::TaskRouter)),
            ("--conversations-url", url(Upstream::Conversations)),
            ("--events-url", url(Upstream::EventStreams)),
            (
                "--session-url",
                format!("{}/chat/sessions/{{session_id}}", url(Upstream::SessionApi)),
            ),
            ("--workspace", WORKSPACE_SID.to_owned()),
            ("--ai-worker", AI_WORKER_SID.to_owned()),
            ("--url", URL.to_owned()),
            ("--handoff-note", "never".to_owned()),
        ];
        let options = options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]);
        let scene = Self {
            options: options.collect(),
            variables: Vec::new(),
            world,
            folder,
        };
        scene
            .set(
                "",
                &[
                    ("EventCallbackUrl", &format!("{URL}#rc=5&rp=4xx,5xx,ct,rt")),
                    ("EventsFilter", EVENTS),
                    ("TimeoutActivitySid", AVAILABLE_ACTIVITY_SID),
                ],
            )
            .await;
        scene
            .set(
                &format!("/Workflows/{WORKFLOW_SID}"),
                &[("TaskReservationTimeout", "600")],
            )
            .await;
        for channel in scene.get(&format!("/Workers/{AI_WORKER_SID}/Channels")).await["channels"]
            .as_array()
            .unwrap()
        {
            let path = format!("/Workers/{AI_WORKER_SID}/Channels/{}", channel["sid"].as_str().unwrap());
            scene.set(&path, &[("Capacity", "50")]).await;
        }
        scene
    }

    /// Replaces an option of every run.
    pub(crate) fn option(&mut self, name: &str, value: &str) {
        let place = self.options.iter().position(|option| option == name);
        match place {
            Some(place) => value.clone_into(&mut self.options[place + 1]),
            None => self.options.extend([name.to_owned(), value.to_owned()]),
        }
    }

    /// Leaves out an option.
    pub(crate) fn without(&mut self, name: &str) {
        let place = self.options.iter().position(|option| option == name).unwrap();
        self.options.drain(place..place + 2);
    }

    /// Changes a resource below the workspace by Twilio's REST API.
    pub(crate) async fn set(&self, path: &str, form: &[(&str, &str)]) -> Value {
        self.call(Upstream::TaskRouter, Method::POST, &in_workspace(path), form)
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.call(Upstream::TaskRouter, Method::GET, &in_workspace(path), &[])
            .await
    }

    pub(crate) async fn call(&self, upstream: Upstream, method: Method, path: &str, form: &[(&str, &str)]) -> Value {
        let url = format!("{}{path}", self.world.server(upstream).url());
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let token = self.world.twilio.credentials().auth_token;
        let request = loopback::client()
            .request(method, url)
            .basic_auth(ACCOUNT_SID, Some(token));
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Replaces the workflow's filters. The default filter is also replaced unless `default` is null.
    pub(crate) async fn filters(&self, filters: Value, default: Value) {
        let mut configuration = serde_json::json!({"task_routing": {"filters": filters}});
        if !default.is_null() {
            configuration["task_routing"]["default_filter"] = default;
        }
        let configuration = configuration.to_string();
        self.set(
            &format!("/Workflows/{WORKFLOW_SID}"),
            &[("Configuration", &configuration)],
        )
        .await;
    }

    /// Everything that `apply` might change, in its current state.
    pub(crate) async fn state(&self) -> Value {
        let mut workspace = self.get("").await;
        workspace["date_updated"].take();
        let workflows = self.get("/Workflows").await;
        let configurations = workflows["workflows"].as_array().unwrap().iter();
        let configurations: Vec<&Value> = configurations.map(|workflow| &workflow["configuration"]).collect();
        let types = self
            .world
            .twilio
            .subscriptions()
            .into_iter()
            .map(|subscription| subscription.types);
        serde_json::json!({
            "workspace": workspace,
            "configurations": configurations,
            "sinks": self.world.twilio.sinks().into_iter().map(|sink| sink.sid).collect::<Vec<_>>(),
            "types": types.collect::<Vec<_>>(),
        })
    }

    pub(crate) async fn connect(&self, arguments: &[&str]) -> Run {
        self.connect_with(arguments, "").await
    }

    /// Runs `connect` without a reader of its standard output.
    pub(crate) async fn connect_unread(&self, arguments: &[&str]) -> Run {
        let mut process = self.command(arguments).spawn().unwrap();
        drop(process.stdout.take());
        self.end(process).await
    }

    /// Runs `connect` with this standard input.
    pub(crate) async fn connect_with(&self, arguments: &[&str], input: &str) -> Run {
        let mut process = self.command(arguments).spawn().unwrap();
        let mut stdin = process.stdin.take().unwrap();
        // A run that asks nothing may have ended by now.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        self.end(process).await
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let credentials = self.world.twilio.credentials();
        let token = self.world.session_api.settings().token;
        let mut command = Command::new(env!("CARGO_BIN_EXE_connect"));
        command
            .args(arguments)
            .args(&self.options)
            .current_dir(&self.folder)
            .env_clear()
            .env("TWILIO_ACCOUNT_SID", ACCOUNT_SID)
            .env("TWILIO_AUTH_TOKEN", &credentials.auth_token)
            .env("SESSION_API_TOKEN", &token)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The end of a run. The output must not hold a secret.
    async fn end(&self, process: Child) -> Run {
        let credentials = self.world.twilio.credentials();
        let token = self.world.session_api.settings().token;
        let output = process.wait_with_output().await.unwrap();
        let run = Run {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        let secrets = credentials.api_keys.values().chain([&credentials.auth_token, &token]);
        for secret in secrets {
            assert!(!run.out.contains(secret) && !run.err.contains(secret), "{run:?}");
        }
        run
    }

    /// The exit code and findings' ids of a check. The check must not write at Twilio.
    pub(crate) async fn check(&self, arguments: &[&str]) -> (i32, Vec<String>) {
        let before = self.world.exchanges.all().len();
        let run = self.connect(&[&["check", "--json"], arguments].concat()).await;
        assert_eq!(self.writes_since(before), 0);
        let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"));
        let findings = report["findings"].as_array().unwrap().iter();
        let ids = findings.map(|finding| finding["id"].as_str().unwrap().to_owned());
        (run.code, ids.collect())
    }

    /// The number of requests at Twilio that change something.
    pub(crate) fn writes_since(&self, number: usize) -> usize {
        let exchanges = self.world.exchanges.from(number);
        let twilios = [Upstream::TaskRouter, Upstream::Conversations, Upstream::EventStreams];
        let writes = exchanges.iter().filter(|exchange| exchange.method != Method::GET);
        writes.filter(|exchange| twilios.contains(&exchange.upstream)).count()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The only backup.
    pub(crate) fn backup(&self) -> String {
        let mut files = std::fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let file = files.next().unwrap();
        assert!(files.next().is_none());
        file.into_string().unwrap()
    }

    /// Whether there is no backup.
    pub(crate) fn is_without_backup(&self) -> bool {
        std::fs::read_dir(&self.folder).unwrap().next().is_none()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // A folder that stays does no harm, since its parent is a folder of the build.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn in_workspace(path: &str) -> String {
    format!("/v1/Workspaces/{WORKSPACE_SID}{path}")
}

/// The filters of the good account, by name.
pub(crate) fn to_people(expression: &str) -> Value {
    serde_json::json!({
        "filter_friendly_name": "People",
        "expression": expression,
        "targets": [{"queue": PEOPLE_QUEUE_SID}],
    })
}

pub(crate) fn to_ai(expression: &str) -> Value {
    serde_json::json!({
        "filter_friendly_name": "AI",
        "expression": expression,
        "targets": [{"queue": AI_QUEUE_SID}],
    })
}

pub(crate) fn people() -> Value {
    serde_json::json!({"queue": PEOPLE_QUEUE_SID})
}
