//! Studies how a workflow routes the AI's tasks, by means of sample tasks.

use serde_json::Value;
use workflow::{Workflow, example};

use super::desk::{Desk, Shift, Stop};
use super::fault::{Fault, QueueFault};
use super::handoff_queue::queue_fault;
use super::sample::{SIX, before_handoff, handed_off, matches, new_task, text_that_matches};

/// A workflow with sample tasks that reach the AI.
pub(crate) struct Study<'a> {
    pub(crate) workflow: &'a Workflow,
    desk: &'a Desk,
    /// New tasks that an AI worker is offered, with a task for each filter that leads there.
    pub(crate) fresh: Vec<Value>,
}

impl<'a> Study<'a> {
    pub(crate) fn new(workflow: &'a Workflow, desk: &'a Desk) -> Self {
        let leads_to_ai = |queue: &str| desk.has_ai(queue);
        let filters = workflow.filters.iter().enumerate();
        let mut ai_filters: Vec<Option<usize>> = filters
            .filter(|(_, filter)| filter.targets.iter().any(|target| leads_to_ai(&target.queue)))
            .map(|(index, _)| Some(index))
            .collect();
        if workflow.default.iter().any(|target| leads_to_ai(&target.queue)) {
            ai_filters.push(None);
        }
        let samples = ai_filters
            .into_iter()
            .filter_map(|filter| new_task(desk.new_task(), workflow, filter));
        let fresh = samples.filter(|sample| first_ai(&desk.trail(workflow, sample, Shift::Day)).is_some());
        Self {
            workflow,
            desk,
            fresh: fresh.collect(),
        }
    }

    /// Whether the workflow involves AI workers.
    pub(crate) fn concerns_ai(&self) -> bool {
        self.workflow.queues().any(|queue| self.desk.has_ai(queue))
    }

    /// Whether the default filter leads to AI workers.
    pub(crate) fn default_leads_to_ai(&self) -> bool {
        let default = self.workflow.default.as_ref();
        default.is_some_and(|target| self.desk.has_ai(&target.queue))
    }

    /// The faults without duplicates.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        let samples = self.fresh.iter().filter_map(|fresh| self.fault_of(fresh));
        let found = samples.chain(self.queue_faults());
        for fault in found {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        if self.fresh.is_empty() && self.handoff_filters().is_empty() {
            faults.push(
                self.text_filter(self.desk.new_task(), None)
                    .unwrap_or(Fault::Missing { ai: None }),
            );
        }
        faults
    }

    /// The queue that handed-off tasks should go to. It is the queue of a handoff filter or of the default filter, or
    /// else the only possible queue.
    ///
    /// # Errors
    /// If there is no possible queue, or several. The error has the possible queues.
    pub(crate) fn human_queue(&self) -> Result<&str, Vec<&str>> {
        let handoff = self.handoff_filters().into_iter().chain(self.text_filters());
        let targets = handoff.flat_map(|filter| &self.workflow.filters[filter].targets);
        let default = self.workflow.default.iter();
        let mut named = targets.chain(default).map(|target| target.queue.as_str());
        if let Some(queue) = named.find(|queue| self.desk.is_human(queue)) {
            return Ok(queue);
        }
        let of_workflow = distinct(self.workflow.queues().filter(|queue| self.desk.is_human(queue)));
        let candidates = match of_workflow.as_slice() {
            [] => distinct(self.desk.human_queues()),
            _ => of_workflow,
        };
        match candidates.as_slice() {
            [queue] => Ok(queue),
            _ => Err(candidates),
        }
    }

    /// The fault that shows after this task is handed off.
    fn fault_of(&self, fresh: &Value) -> Option<Fault> {
        let handed_off = handed_off(fresh);
        let trail = self.desk.trail(self.workflow, &handed_off, Shift::Day);
        let ai = match (first_ai(&trail), trail.first()) {
            (Some(stop), _) => stop.filter,
            // The task leaves the workflow and TaskRouter cancels it.
            (None, None) => None,
            (None, Some(first)) => return self.fault_at_night(&handed_off, first),
        };
        let filters = self.workflow.filters.iter().enumerate();
        let tells = filters.filter(|(_, filter)| matches(filter, &handed_off) && !matches(filter, fresh));
        let tells: Vec<usize> = tells.map(|(index, _)| index).collect();
        match (tells.first(), ai) {
            (None, ai) => Some(self.text_filter(fresh, ai).unwrap_or(Fault::Missing { ai })),
            // The filter's own queue is wrong or nobody in it takes the task, which is a separate fault.
            (Some(_), Some(ai)) if tells.contains(&ai) => None,
            (Some(_), None) if trail.is_empty() => None,
            (Some(&handoff), Some(ai)) if handoff > ai => Some(Fault::Order { handoff, ai }),
            // The filter has no target, which is a separate fault.
            (Some(&filter), _) if self.workflow.filters[filter].targets.is_empty() => None,
            (Some(&filter), to) => Some(Fault::Queue {
                filter,
                fault: QueueFault::PassesOn { to },
            }),
        }
    }

    /// The fault of a task that waits for human agents by day but goes back to the AI while no human agent is
    /// available.
    fn fault_at_night(&self, handed_off: &Value, by_day: &Stop) -> Option<Fault> {
        let trail = self.desk.trail(self.workflow, handed_off, Shift::Night);
        let to = first_ai(&trail)?.filter;
        let filter = by_day.filter?;
        let fault = QueueFault::PassesOn { to };
        // An AI worker in one of the filter's own queues is a separate fault.
        let is_told = to == Some(filter) && self.handoff_filters().contains(&filter);
        (!is_told).then_some(Fault::Queue { filter, fault })
    }

    /// The filters that some handed-off task matches although the same task before the handoff doesn't.
    pub(crate) fn handoff_filters(&self) -> Vec<usize> {
        let base = handed_off(self.desk.new_task());
        let filters = self.workflow.filters.iter().enumerate();
        let tells = filters.filter(|(_, filter)| {
            let expression = filter.expression.as_ref();
            let sample = expression.and_then(|expression| example(&base, &SIX, &[expression], &[]));
            sample.is_some_and(|sample| !matches(filter, &before_handoff(&sample)))
        });
        tells.map(|(index, _)| index).collect()
    }

    fn queue_faults(&self) -> Vec<Fault> {
        let faults = self.handoff_filters().into_iter().filter_map(|filter| {
            let fault = queue_fault(&self.workflow.filters[filter], self.desk)?;
            Some(Fault::Queue { filter, fault })
        });
        faults.collect()
    }

    fn text_filter(&self, fresh: &Value, ai: Option<usize>) -> Option<Fault> {
        let mut filters = self.workflow.filters.iter().enumerate();
        filters.find_map(|(filter, own)| {
            let value = text_that_matches(own, fresh)?;
            Some(Fault::Type { filter, value, ai })
        })
    }

    fn text_filters(&self) -> Vec<usize> {
        let filters = self.workflow.filters.iter().enumerate();
        let compares = filters.filter(|(_, filter)| text_that_matches(filter, self.desk.new_task()).is_some());
        compares.map(|(index, _)| index).collect()
    }
}

/// The workflows that need a filter for handed-off tasks. They are the workflows with AI workers, or all if there are
/// none. A named workflow always counts.
pub(crate) fn meant<'a, W>(studies: Vec<(W, Study<'a>)>, is_named: bool) -> Vec<(W, Study<'a>)> {
    let any = studies.iter().any(|(_, study)| study.concerns_ai());
    let all = is_named || !any;
    studies
        .into_iter()
        .filter(|(_, study)| all || study.concerns_ai())
        .collect()
}

fn first_ai(trail: &[Stop]) -> Option<&Stop> {
    trail.iter().find(|stop| stop.reaches_ai)
}

fn distinct<'q>(queues: impl Iterator<Item = &'q str>) -> Vec<&'q str> {
    let mut queues: Vec<&str> = queues.collect();
    queues.sort_unstable();
    queues.dedup();
    queues
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::account::{Account, TaskQueue, Worker};

    const AI: &str = "WQ-ai";
    const PEOPLE: &str = "WQ-people";
    const NOBODY: &str = "WQ-nobody";

    fn account() -> Account {
        let worker = |sid: &str, role: &str| Worker {
            sid: sid.to_owned(),
            friendly_name: sid.to_owned(),
            attributes: json!({"role": role, "skills": ["billing", "es"], "level": 3}).to_string(),
            activity_sid: "WA1".to_owned(),
            activity_name: "Available".to_owned(),
            available: true,
        };
        let queue = |sid: &str, workers: &str| TaskQueue {
            sid: sid.to_owned(),
            friendly_name: sid.to_owned(),
            target_workers: Some(workers.to_owned()),
            max_reserved_workers: Some(1),
            task_order: None,
        };
        Account {
            workers: Some(vec![worker("WK-ai", "ai"), worker("WK-sam", "agent")]),
            queues: Some(vec![
                queue(AI, "role == 'ai'"),
                queue(PEOPLE, "role == 'agent'"),
                queue(NOBODY, "1 == 2"),
            ]),
            ..Account::default()
        }
    }

    fn faults(filters: Value, default: &str) -> Vec<Fault> {
        let desk = Desk::new(&account(), &["WK-ai".to_owned()], "session_id").unwrap();
        let configuration = json!({"task_routing": {"filters": filters, "default_filter": {"queue": default}}});
        let workflow: Workflow = configuration.to_string().parse().unwrap();
        Study::new(&workflow, &desk).faults()
    }

    fn filter(expression: &str, queue: &str) -> Value {
        json!({"expression": expression, "targets": [{"queue": queue}]})
    }

    /// A filter for handed-off tasks whose target has an expression.
    fn target(expression: &str) -> Value {
        json!({"expression": "handedOff == true", "targets": [{"queue": PEOPLE, "expression": expression}]})
    }

    #[test]
    fn target_that_some_task_fulfils_is_no_fault() {
        let ai = filter("channelType == 'web'", AI);
        for expression in [
            "worker.role == 'agent'",
            "worker.skills HAS task.skill",
            "task.skill IN worker.skills",
            "worker.skills HAS task.handoffLanguage",
            "task.minimum < worker.level",
            "worker.level > task.minimum AND task.vip == true",
            "worker.role == task.role OR worker.language == task.handoffLanguage",
            "worker.activity_name == 'Lunch' AND worker.channel.chat.assigned_tasks > 2",
        ] {
            assert_eq!(faults(json!([target(expression), ai]), PEOPLE), [], "{expression}");
        }
    }

    #[test]
    fn handed_off_task_reaches_people_in_many_ways() {
        let ai = filter("channelType == 'web' AND vip != true", AI);
        for filters in [
            json!([filter("handedOff == true", PEOPLE), ai]),
            json!([
                filter("channelType == 'sms'", AI),
                filter("handedOff == true", PEOPLE),
                filter("1 == 1", PEOPLE)
            ]),
            json!([filter("handoffReason != null", PEOPLE), ai]),
            json!([filter("handedOff != true AND channelType == 'web'", AI)]),
            json!([
                filter("handedOff == true AND language == 'es'", PEOPLE),
                filter("handedOff == true", PEOPLE),
                ai
            ]),
            json!([
                filter("handedOff IN [true]", PEOPLE),
                filter("topic HAS 'bot' AND tier IN ['a', 'b']", AI)
            ]),
            json!([
                {"expression": "handedOff == true", "targets": [{"queue": PEOPLE, "timeout": 30}, {"queue": PEOPLE}]},
                ai
            ]),
            json!([
                {"expression": "handedOff == true", "targets": [
                    {"queue": PEOPLE, "skip_if": "workers.available == 0"},
                    {"queue": NOBODY}
                ]},
                ai
            ]),
        ] {
            // The filter for text messages leads them to the AI before the handoff's own filter.
            let is_before = filters[0]["expression"] == "channelType == 'sms'";
            let expected = if is_before {
                vec![Fault::Order { handoff: 1, ai: 0 }]
            } else {
                vec![]
            };
            assert_eq!(faults(filters.clone(), PEOPLE), expected, "{filters}");
        }
    }

    #[test]
    fn each_way_back_to_the_ai_is_its_own_fault() {
        let ai = filter("channelType == 'web'", AI);
        let right = filter("handedOff == true", PEOPLE);
        let skip = json!({"queue": PEOPLE, "skip_if": "workers.available == 0"});
        let skipped_at_night = json!({"expression": "handedOff == true", "targets": [skip]});
        let text = |value: Value, ai| vec![Fault::Type { filter: 0, value, ai }];
        let queue = |fault| vec![Fault::Queue { filter: 0, fault }];
        let excludes = |expression: &str| {
            queue(QueueFault::ExcludesAll {
                queue: PEOPLE.to_owned(),
                expression: expression.to_owned(),
            })
        };
        for (filters, default, expected) in [
            (json!([ai]), PEOPLE, vec![Fault::Missing { ai: Some(0) }]),
            (json!([]), AI, vec![Fault::Missing { ai: None }]),
            (json!([ai, right]), PEOPLE, vec![Fault::Order { handoff: 1, ai: 0 }]),
            (
                json!([filter("handedOff == 'true'", PEOPLE), ai]),
                PEOPLE,
                text(json!("true"), Some(1)),
            ),
            (
                json!([filter("handedOff == 1", PEOPLE), ai]),
                PEOPLE,
                text(json!(1), Some(1)),
            ),
            (
                json!([filter("handedOff IN ['yes']", PEOPLE)]),
                AI,
                text(json!("yes"), None),
            ),
            (
                json!([filter("handedOff == true AND language == 'es'", PEOPLE), ai]),
                PEOPLE,
                vec![Fault::Missing { ai: Some(1) }],
            ),
            (
                json!([filter("handedOff == true", AI), ai]),
                PEOPLE,
                queue(QueueFault::HasAi { queue: AI.to_owned() }),
            ),
            (
                json!([filter("handedOff == true", NOBODY), ai]),
                PEOPLE,
                queue(QueueFault::HasNobody {
                    queue: NOBODY.to_owned(),
                }),
            ),
            (
                json!([filter("handedOff == true", "WQ-gone"), ai]),
                PEOPLE,
                queue(QueueFault::HasNobody {
                    queue: "WQ-gone".to_owned(),
                }),
            ),
            (
                json!([{"expression": "handedOff == true", "targets": [{"queue": PEOPLE, "timeout": 30}]}, ai]),
                PEOPLE,
                queue(QueueFault::PassesOn { to: Some(1) }),
            ),
            (
                json!([target("worker.language == task.handoffLanguage"), ai]),
                PEOPLE,
                excludes("worker.language == task.handoffLanguage"),
            ),
            (
                json!([target("worker.skills HAS task.skill AND task.skill == 'cards'"), ai]),
                PEOPLE,
                excludes("worker.skills HAS task.skill AND task.skill == 'cards'"),
            ),
            (
                json!([{"expression": "handedOff == true", "targets": []}, ai]),
                PEOPLE,
                queue(QueueFault::NoTarget),
            ),
            (
                json!([skipped_at_night, ai]),
                PEOPLE,
                queue(QueueFault::PassesOn { to: Some(1) }),
            ),
            (json!([skipped_at_night]), AI, queue(QueueFault::PassesOn { to: None })),
        ] {
            assert_eq!(faults(filters.clone(), default), expected, "{filters}");
        }
    }
}
