//! The workspace described by the command line.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use simulator::twilio::sids::AVAILABLE_ACTIVITY_SID;
use simulator::twilio::{NewTaskQueue, NewWorker, Refusal, Twilio, WorkspaceFile};
use workflow::{Filter, Workflow, example};

use crate::arguments::Serve;
use crate::complaint::Complaint;

/// The number of chats that the first worker has.
const CHATS: u32 = 3;

/// The workers of a queue for handed-off tasks.
const PEOPLE: &str = "roles HAS 'agent'";

/// The files of the command line. They are read once, so a reset brings back the workspace of the start.
pub(crate) enum Plan {
    /// The simulator's own workspace.
    Own,
    /// The simulator's own workspace with another workflow.
    Workflow {
        file: String,
        text: String,
    },
    Workspace {
        file: String,
        content: WorkspaceFile,
    },
}

impl Plan {
    pub(crate) fn read(arguments: &Serve) -> Result<Self, Complaint> {
        if let Some(path) = &arguments.workspace {
            let file = path.display().to_string();
            let content = read(path)?.parse();
            let content = content.map_err(|error| Complaint::usage(format!("{file}, {error}")))?;
            return Ok(Self::Workspace { file, content });
        }
        match &arguments.workflow {
            Some(path) => Ok(Self::Workflow {
                file: path.display().to_string(),
                text: configuration_in(read(path)?),
            }),
            None => Ok(Self::Own),
        }
    }

    pub(crate) fn carry_out(&self, twilio: &Twilio, arguments: &Serve) -> Result<(), Complaint> {
        match self {
            Self::Own => {}
            Self::Workflow { file, text } => set_workflow(twilio, file, text)?,
            Self::Workspace { file, content } => {
                let replaced = twilio.replace_workspace(content);
                replaced.map_err(|error| Complaint::usage(format!("{file}, {error}")))?;
            }
        }
        // The workspace has the first worker already.
        for number in 2..=arguments.workers {
            add_worker(twilio, number).map_err(refused)?;
        }
        for url in &arguments.sinks {
            let sink = twilio.create_sink(url, arguments.sink_batches, &arguments.sink_types);
            sink.map_err(refused)?;
        }
        twilio
            .set_event_callback(&arguments.callback, &arguments.events_filter)
            .map_err(refused)
    }
}

fn read(path: &Path) -> Result<String, Complaint> {
    let text = std::fs::read_to_string(path);
    text.map_err(|error| Complaint::usage(format!("cannot read {}: {error}", path.display())))
}

/// The configuration of a workflow. The file may also hold TaskRouter's answer for a workflow. There the configuration
/// is a string.
fn configuration_in(text: String) -> String {
    #[derive(Deserialize)]
    struct Answer {
        configuration: String,
    }
    match serde_json::from_str(&text) {
        Ok(Answer { configuration }) => configuration,
        Err(_) => text,
    }
}

fn add_worker(twilio: &Twilio, number: u16) -> Result<(), Refusal> {
    let worker = twilio.create_worker(NewWorker {
        friendly_name: format!("Agent {number}"),
        attributes: Some(r#"{"roles":["agent"]}"#.to_owned()),
        activity_sid: Some(AVAILABLE_ACTIVITY_SID.to_owned()),
    })?;
    twilio.set_capacity(&worker.sid, "chat", CHATS).map(drop)
}

fn set_workflow(twilio: &Twilio, file: &str, text: &str) -> Result<(), Complaint> {
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
        .set_workflow_configuration(text, false)
        .map(drop)
        .map_err(|refusal| Complaint::usage(format!("{file}: {}", refusal.message)))
}

/// Whether a filter leads only handed-off tasks to the queue. The AI must not be in such a queue, or the task would
/// return to the AI.
fn is_for_handoffs(filter: &Filter, queue: &str) -> bool {
    let Some(expression) = &filter.expression else {
        return false;
    };
    let is_matched_by = |task: Value| example(&task, &["handedOff"], &[expression], &[]).is_some();
    let leads_there = filter.targets.iter().any(|target| target.queue == queue);
    leads_there && is_matched_by(json!({ "handedOff": true })) && !is_matched_by(json!({}))
}

fn refused(refusal: Refusal) -> Complaint {
    Complaint::usage(refusal.message)
}
