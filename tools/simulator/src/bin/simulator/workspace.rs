//! The workspace as the command line wants it.

use std::path::Path;

use serde_json::{Value, json};
use simulator::twilio::sids::AVAILABLE_ACTIVITY_SID;
use simulator::twilio::{NewTaskQueue, NewWorker, Refusal, Twilio};
use workflow::{Filter, Scope, Workflow};

use crate::arguments::Serve;
use crate::complaint::Complaint;

/// As many as the first one has.
const CHATS: u32 = 3;

/// The workers of a queue for handed-off tasks.
const PEOPLE: &str = "roles HAS 'agent'";

pub(crate) fn set_up(twilio: &Twilio, arguments: &Serve) -> Result<(), Complaint> {
    // One of them is there already.
    for number in 2..=arguments.workers {
        add_worker(twilio, number).map_err(refused)?;
    }
    if let Some(path) = &arguments.workflow {
        set_workflow(twilio, path)?;
    }
    for url in &arguments.sinks {
        let sink = twilio.create_sink(url, arguments.sink_batches, &arguments.sink_types);
        sink.map_err(refused)?;
    }
    twilio
        .set_event_callback(&arguments.callback, &arguments.events_filter)
        .map_err(refused)
}

fn add_worker(twilio: &Twilio, number: u16) -> Result<(), Refusal> {
    let worker = twilio.create_worker(NewWorker {
        friendly_name: format!("Rep {number}"),
        attributes: Some(r#"{"roles":["agent"]}"#.to_owned()),
        activity_sid: Some(AVAILABLE_ACTIVITY_SID.to_owned()),
    })?;
    twilio.set_capacity(&worker.sid, "chat", CHATS).map(drop)
}

fn set_workflow(twilio: &Twilio, path: &Path) -> Result<(), Complaint> {
    let file = path.display();
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| Complaint::usage(format!("cannot read {file}: {error}")))?;
    let parsed: Workflow = text
        .parse()
        .map_err(|error| Complaint::usage(format!("{file}, {error}")))?;
    for sid in parsed.queues() {
        if twilio.queues().iter().any(|queue| queue.sid == sid) {
            continue;
        }
        let is_for_people = parsed.filters.iter().any(|filter| is_for_handoffs(filter, sid));
        let queue = NewTaskQueue {
            friendly_name: format!("Queue {}", twilio.queues().len() + 1),
            target_workers: is_for_people.then(|| PEOPLE.to_owned()),
            ..NewTaskQueue::default()
        };
        twilio.create_queue(sid, queue).map_err(refused)?;
    }
    twilio
        .set_workflow_configuration(&text, false)
        .map(drop)
        .map_err(|refusal| Complaint::usage(format!("{file}: {}", refusal.message)))
}

/// Whether a filter leads handed-off tasks, and no others, to the queue. The AI must not be in such a queue, or the task
/// would return to it.
fn is_for_handoffs(filter: &Filter, queue: &str) -> bool {
    let Some(expression) = &filter.expression else {
        return false;
    };
    let matches = |task: Value| expression.evaluate(&Scope::Task(&task)).holds;
    let leads_there = filter.targets.iter().any(|target| target.queue == queue);
    leads_there && matches(json!({ "handedOff": true })) && !matches(json!({}))
}

fn refused(refusal: Refusal) -> Complaint {
    Complaint::usage(refusal.message)
}
