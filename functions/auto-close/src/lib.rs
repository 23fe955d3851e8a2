//! `auto-close`: completes a task that the AI resolved, when it reaches wrap-up, or a while after.

use std::time::Duration;

use flex_handoff::aws::job::Message;
use flex_handoff::aws::queue::Queue;
use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config::{self, AutoCloseScope};
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::closing::Closing;
use flex_handoff::jobs::deferral;
use flex_handoff::jobs::outcome::Outcome;
use flex_handoff::lambda::payload::Payload;
use flex_handoff::lambda::start::Connections;
use flex_handoff::lambda::webhook::{self, HttpAnswer, HttpRequest, Webhook};
use flex_handoff::twilio::event::Event;
use flex_handoff::twilio::sid::{ReservationSid, TaskSid, WorkerSid};
use tokio::time::timeout;

/// The function.
pub struct AutoClose {
    webhook: Webhook,
    closing: Closing,
    ai_worker: WorkerSid,
    scope: AutoCloseScope,
    delay: Duration,
    queue: Option<Queue>,
}

impl AutoClose {
    /// Reads the configuration and the secret, and connects to the upstream.
    ///
    /// # Errors
    /// Everything that is at fault.
    pub async fn start() -> Result<Self, Vec<String>> {
        let config = config::AutoClose::from_env()?;
        let urls = [&config.upstreams.taskrouter_url];
        let connections =
            Connections::open(env!("CARGO_PKG_NAME"), &config.upstreams, Required::NothingElse, &urls).await?;
        Ok(Self::new(config, connections))
    }

    /// The function with this configuration and these connections.
    pub fn new(config: config::AutoClose, connections: Connections) -> Self {
        let ai_worker = config.ai_worker.clone();
        Self {
            closing: Closing::new(
                TaskRouter::new(connections.twilio(), &config.upstreams),
                ai_worker,
                config.scope,
            ),
            delay: config.delay,
            queue: config.queue_url.map(|url| connections.queue(url)),
            webhook: Webhook {
                machine: connections.machine,
                cold_start: connections.cold_start,
                secrets: connections.secrets,
                workspace: config.upstreams.workspace,
                public_url: config.public_url,
            },
            ai_worker: config.ai_worker,
            scope: config.scope,
        }
    }

    /// Answers one request; never fails.
    pub async fn handle(&self, request: Payload<HttpRequest>, request_id: &str, deadline_ms: u64) -> HttpAnswer {
        let (machine, cold_start) = (self.webhook.machine, self.webhook.cold_start.take());
        let work = async |invocation: &Invocation| {
            let event = self.webhook.receive(invocation, request).await?;
            let task = self.concerned(&event)?;
            invocation.set("taskSid", task.as_str());
            match &self.queue {
                None => self.closing.run(invocation, task, None).await,
                Some(queue) if self.delay.is_zero() => self.close(invocation, &event, task, queue).await,
                Some(queue) => self.put_off(invocation, &event, task, queue).await,
            }
        };
        webhook::answer(machine, request_id, deadline_ms, cold_start, work).await
    }

    /// The task of an event that may be the end of its conversation with the AI.
    fn concerned<'e>(&self, event: &'e Event) -> Result<&'e TaskSid, Outcome> {
        if !matches!(event.event_type.as_str(), "task.wrapup" | "reservation.wrapup") {
            return Err(Outcome::NotForUs("no wrap-up"));
        }
        let is_other_workers = event.is_about_reservation() && event.worker_sid.as_ref() != Some(&self.ai_worker);
        if self.scope == AutoCloseScope::Ai && is_other_workers {
            return Err(Outcome::NotForUs("another worker's wrap-up"));
        }
        let no_task = Outcome::NotForUs("an event without a task");
        event.task_sid.as_ref().ok_or(no_task)
    }

    /// Looks at the task now, or leaves that on the queue. Where the event names no reservation it can't be left: whose
    /// wrap-up it was takes TaskRouter to tell, which is what is away.
    async fn close(
        &self,
        invocation: &Invocation,
        event: &Event,
        task: &TaskSid,
        queue: &Queue,
    ) -> Result<Outcome, Outcome> {
        let closing = self.closing.run(invocation, task, None);
        match &event.reservation_sid {
            None => closing.await,
            Some(reservation_sid) => {
                let message = close_message(task, reservation_sid);
                deferral::do_or_leave(queue, invocation, closing, &message).await
            }
        }
    }

    /// Leaves it on the queue to look at the task when the delay is over.
    async fn put_off(
        &self,
        invocation: &Invocation,
        event: &Event,
        task: &TaskSid,
        queue: &Queue,
    ) -> Result<Outcome, Outcome> {
        let reservation_sid = match &event.reservation_sid {
            Some(sid) => sid.clone(),
            // Events of tasks needn't name one.
            None => {
                let time = invocation.remaining();
                let asked = self.closing.wrapped_up(invocation, task);
                let asked = timeout(time - deferral::set_aside(time), asked).await;
                asked.unwrap_or(Err(Outcome::Unavailable))?
            }
        };
        invocation.set("reservationSid", reservation_sid.as_str());
        let message = close_message(task, &reservation_sid);
        let left = queue.leave(invocation, &message, self.delay).await;
        left.map(|()| Outcome::Delayed).map_err(|_| Outcome::Unavailable)
    }
}

fn close_message(task: &TaskSid, reservation: &ReservationSid) -> Message {
    Message::Close {
        task_sid: task.clone(),
        reservation_sid: reservation.clone(),
    }
}
