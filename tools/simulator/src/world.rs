//! A world: all upstreams and the Lambda host, connected with each other.

use std::collections::BTreeMap;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use http::HeaderValue;
use http::request::Parts;
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, Any, CorsLayer};

use crate::clock::Clock;
use crate::control::{Beginning, Control, Resets};
use crate::exchange::{Exchanges, Upstream};
use crate::fault::Faults;
use crate::lambda::functions::Binaries;
use crate::lambda::{Endpoint, EventSource, Front, Function, LambdaHost, Trigger};
use crate::loopback;
use crate::options::{CLOSE_QUEUE, Options, QUEUE};
use crate::secrets_manager::{SECRET_NAME, SecretsManager};
use crate::server::{Server, Site};
use crate::session_api::SessionApi;
use crate::sqs::{Sqs, queue_url};
use crate::twilio::Twilio;
use crate::twilio::sids::{AI_WORKER_SID, WORKSPACE_SID};
use crate::upstreams::Upstreams;

/// The names of the deployed functions.
pub const TASK_EVENTS: &str = "task-events";
pub const HANDOFF: &str = "handoff";
pub const RESOLVE: &str = "resolve";
pub const REPLY: &str = "reply";
pub const AUTO_CLOSE: &str = "auto-close";
pub const DEFERRED: &str = "deferred";

/// All upstreams at free ports of the loopback interface, and a Lambda host with the functions.
pub struct World {
    pub clock: Clock,
    pub twilio: Twilio,
    pub session_api: SessionApi,
    pub secrets: SecretsManager,
    pub sqs: Sqs,
    pub lambda: LambdaHost,
    pub faults: Faults,
    pub exchanges: Exchanges,
    servers: BTreeMap<Upstream, Server>,
}

impl World {
    /// # Errors
    /// If a port can't be bound.
    pub async fn start(options: Options) -> io::Result<Self> {
        let clock = Clock::default();
        let upstreams = Upstreams::new(clock.clone(), &options);
        let (faults, exchanges) = (Faults::default(), Exchanges::default());
        let mut servers = BTreeMap::new();
        for upstream in Upstream::ALL {
            let site = Site {
                routers: BTreeMap::from([(upstream, upstreams.router(upstream))]),
                exchanges: exchanges.clone(),
                faults: faults.clone(),
                control: None,
            };
            let server = Server::start(0, site).await?;
            servers.insert(upstream, server);
        }
        let lambda = LambdaHost::start().await?;
        let Upstreams {
            twilio,
            session_api,
            secrets,
            sqs,
            ..
        } = upstreams;
        let world = Self {
            clock,
            twilio,
            session_api,
            secrets,
            sqs,
            lambda,
            faults,
            exchanges,
            servers,
        };
        if let Some(binaries) = &options.binaries {
            world.deploy(binaries, &options);
            if options.queue {
                world
                    .lambda
                    .map_event_source(&world.sqs, &deferred_source(options.batching_window));
            }
            if options.close_queue {
                world.lambda.map_event_source(&world.sqs, &auto_close_source());
            }
        }
        Ok(world)
    }

    /// Moves the clock forward and processes everything in TaskRouter and Conversations that is due by then. Timers run in
    /// order, each at its own time.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.twilio.catch_up();
    }

    /// The server of an upstream.
    pub fn server(&self, upstream: Upstream) -> &Server {
        &self.servers[&upstream]
    }

    /// Serves all upstreams except SQS at a single loopback port (0 for a free port), together with the simulator's own
    /// paths and the inspector. SQS is left out because it has the path of Secrets Manager. The upstreams' own servers
    /// keep running.
    ///
    /// # Errors
    /// If the port can't be bound.
    pub async fn serve_together(&self, port: u16) -> io::Result<Server> {
        Server::start(port, self.together(None)).await
    }

    /// As [`serve_together`](Self::serve_together), for a program that starts a new world on request.
    ///
    /// # Errors
    /// If the port can't be bound.
    pub async fn serve_with_resets(&self, port: u16, resets: Resets) -> io::Result<Server> {
        Server::start(port, self.together(Some(resets))).await
    }

    /// Takes over a server of another world.
    pub fn take_over(&self, server: &Server, resets: Resets) {
        server.replace(self.together(Some(resets)));
    }

    fn together(&self, resets: Option<Resets>) -> Site {
        let upstreams = Upstreams {
            twilio: self.twilio.clone(),
            session_api: self.session_api.clone(),
            secrets: self.secrets.clone(),
            sqs: self.sqs.clone(),
            routers: OnceLock::new(),
        };
        let mut routers = BTreeMap::from(Upstream::ALL.map(|upstream| (upstream, upstreams.router(upstream))));
        routers.remove(&Upstream::Sqs);
        let control = Control {
            clock: self.clock.clone(),
            twilio: self.twilio.clone(),
            faults: self.faults.clone(),
            exchanges: self.exchanges.clone(),
            beginning: Beginning::now(&self.clock),
            resets,
        };
        Site {
            routers: routers
                .into_iter()
                .map(|(upstream, router)| (upstream, router.layer(local_origins())))
                .collect(),
            exchanges: self.exchanges.clone(),
            faults: self.faults.clone(),
            control: Some(control.router()),
        }
    }

    /// Opens another front of the functions. Callbacks reach the front at its public URL.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn open(&self, front: Front) -> io::Result<Endpoint> {
        let endpoint = self.lambda.open(front).await?;
        self.twilio.resolve(&endpoint.domain_name, endpoint.address);
        Ok(endpoint)
    }

    /// The URL of a function that takes HTTP requests.
    pub fn webhook_url(&self, name: &str) -> String {
        self.lambda.http_api().url(&format!("/{name}"))
    }

    /// Deploys the functions, replacing earlier deployments.
    pub fn deploy(&self, binaries: &Binaries, options: &Options) {
        let at_path = |name: &str| Trigger::Http {
            path: format!("/{name}"),
        };
        let functions = [
            (
                TASK_EVENTS,
                &binaries.task_events,
                &options.task_events,
                at_path(TASK_EVENTS),
            ),
            (HANDOFF, &binaries.handoff, &options.handoff, at_path(HANDOFF)),
            (RESOLVE, &binaries.resolve, &options.resolve, at_path(RESOLVE)),
            (REPLY, &binaries.reply, &options.reply, at_path(REPLY)),
            (
                AUTO_CLOSE,
                &binaries.auto_close,
                &options.auto_close,
                at_path(AUTO_CLOSE),
            ),
        ];
        let deferred = (DEFERRED, &binaries.deferred, &options.deferred, Trigger::Invoke);
        for (name, binary, function, trigger) in functions.into_iter().chain(options.queue.then_some(deferred)) {
            self.lambda.deploy(Function {
                name: name.to_owned(),
                binary: binary.clone(),
                environment: function.change(variables(
                    |upstream| self.server(upstream).url(),
                    options.queue,
                    options.close_queue,
                )),
                timeout: function.timeout,
                reserved_concurrency: function.reserved_concurrency,
                trigger,
            });
        }
        if options.callbacks {
            let http_api = self.lambda.http_api();
            self.twilio.resolve(&http_api.domain_name, http_api.address);
            let own_callback = (!options.close_queue).then_some(AUTO_CLOSE);
            for name in [TASK_EVENTS].into_iter().chain(own_callback) {
                self.twilio
                    .register_callback(&format!("{}{}", self.webhook_url(name), options.connection_overrides));
            }
        }
    }
}

/// Lets pages on this machine call the upstreams and read the headers of the answers. Pages on the Internet must not,
/// since the credentials are public.
fn local_origins() -> CorsLayer {
    let is_local = |origin: &HeaderValue, _: &Parts| loopback::is_origin(origin);
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_local))
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(Any)
}

/// The environment variables of every function for upstreams at these URLs. A function ignores variables that it
/// doesn't read.
pub fn variables(url: impl Fn(Upstream) -> String, queue: bool, close_queue: bool) -> BTreeMap<String, String> {
    let sessions = format!("{}/chat/sessions/{{session_id}}", url(Upstream::SessionApi));
    let variables = [
        ("SECRET_ID", SECRET_NAME.to_owned()),
        ("WORKSPACE_SID", WORKSPACE_SID.to_owned()),
        ("AI_WORKER_SIDS", AI_WORKER_SID.to_owned()),
        ("TASKROUTER_URL", url(Upstream::TaskRouter)),
        ("CONVERSATIONS_URL", url(Upstream::Conversations)),
        ("FLEX_URL", url(Upstream::Flex)),
        ("SESSION_URL", sessions),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", url(Upstream::SecretsManager)),
        ("AWS_ENDPOINT_URL_SQS", url(Upstream::Sqs)),
    ];
    let queue = queue.then(|| ("QUEUE_URL", queue_url(QUEUE)));
    let close_queue = close_queue.then(|| ("CLOSE_QUEUE_URL", queue_url(CLOSE_QUEUE)));
    let variables = variables.into_iter().chain(queue).chain(close_queue);
    variables.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The event source mapping from the queue of deferred work to `deferred`, as in `template.yaml`.
fn deferred_source(batching_window: Duration) -> EventSource {
    EventSource {
        queue: QUEUE.to_owned(),
        function: DEFERRED.to_owned(),
        batch_size: 500,
        batching_window,
        maximum_concurrency: 2,
        reports_item_failures: true,
    }
}

/// The event source mapping from the queue of `auto-close`, as in `template.yaml`.
fn auto_close_source() -> EventSource {
    EventSource {
        queue: CLOSE_QUEUE.to_owned(),
        function: AUTO_CLOSE.to_owned(),
        batch_size: 10,
        batching_window: Duration::ZERO,
        // Lambda starts with five pollers.
        maximum_concurrency: 5,
        reports_item_failures: true,
    }
}
