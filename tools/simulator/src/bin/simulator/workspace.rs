//! The workspace as the command line wants it.

use std::path::Path;

use simulator::twilio::sids::AVAILABLE_ACTIVITY_SID;
use simulator::twilio::{NewTaskQueue, NewWorker, Refusal, Twilio};
use workflow::Workflow;

use crate::arguments::Serve;
use crate::complaint::Complaint;

/// As many as the first one has.
const CHATS: u32 = 3;

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
        let queue = NewTaskQueue {
            friendly_name: format!("Queue {}", twilio.queues().len() + 1),
            ..NewTaskQueue::default()
        };
        twilio.create_queue(sid, queue).map_err(refused)?;
    }
    twilio
        .set_workflow_configuration(&text, false)
        .map(drop)
        .map_err(|refusal| Complaint::usage(format!("{file}: {}", refusal.message)))
}

fn refused(refusal: Refusal) -> Complaint {
    Complaint::usage(refusal.message)
}
