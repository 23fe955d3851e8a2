//! A task's way through the filters and targets.
//!
//! <https://www.twilio.com/docs/taskrouter/lifecycle-task-workflows-and-assignment>

use std::time::Duration;

use crate::configuration::{Target, Workflow};
use crate::offer::{self, Verdict};
use crate::queue::TaskQueue;
use crate::route::{Place, Route};
use crate::scope::Scope;
use crate::step::Step;
use crate::task::{Task, Workspace};

impl Workflow {
    /// The route of a task that is new to the workflow.
    pub fn enter(&self, task: &Task, workspace: Workspace<'_>) -> Route {
        let mut walk = Walk::new(self, task, workspace, None);
        let stop = walk.through_filters(0);
        walk.end(stop)
    }

    /// The route of a task whose workflow is evaluated again. That happens after a reservation was rejected, canceled
    /// or timed out, and after a change of the task's attributes if the workflow has `ReEvaluateTasks`. (After a change
    /// of the workflow itself, call [`enter`](Self::enter), since its places are no longer the same.)
    ///
    /// The filters are tried from the top. A task that reaches its present filter again stays in its target.
    pub fn reevaluate(&self, task: &Task, workspace: Workspace<'_>, place: &Place) -> Route {
        let mut walk = Walk::new(self, task, workspace, Some(place));
        let stop = walk.through_filters(0);
        walk.end(stop)
    }

    /// The route of a task after time has passed or workers have changed: the task stays in its target until the
    /// target's timeout.
    pub fn stay(&self, task: &Task, workspace: Workspace<'_>, place: &Place) -> Route {
        let mut walk = Walk::new(self, task, workspace, Some(place));
        let stop = match place.filter {
            Some(filter) => walk
                .through_targets(filter)
                .or_else(|| walk.through_filters(filter + 1)),
            None => walk.through_default(),
        };
        walk.end(stop)
    }
}

struct Walk<'a> {
    workflow: &'a Workflow,
    task: &'a Task,
    workspace: Workspace<'a>,
    before: Option<&'a Place>,
    priority: i64,
    timed_out: Vec<usize>,
    steps: Vec<Step>,
}

/// The place where the task stops and the workers with an offer.
type Stop = (Place, Vec<String>);

impl<'a> Walk<'a> {
    fn new(workflow: &'a Workflow, task: &'a Task, workspace: Workspace<'a>, before: Option<&'a Place>) -> Self {
        Self {
            workflow,
            task,
            workspace,
            before,
            priority: task.priority,
            timed_out: before.map(|place| place.timed_out.clone()).unwrap_or_default(),
            steps: Vec::new(),
        }
    }

    fn end(mut self, stop: Option<Stop>) -> Route {
        if stop.is_none() {
            self.steps.push(Step::Left);
        }
        let (place, offered) = stop.unzip();
        Route {
            place,
            offered: offered.unwrap_or_default(),
            steps: self.steps,
        }
    }

    fn through_filters(&mut self, first: usize) -> Option<Stop> {
        let filters = first..self.workflow.filters.len();
        let stop = filters.into_iter().find_map(|index| match self.matches(index) {
            true => self.through_targets(index),
            false => None,
        });
        stop.or_else(|| self.through_default())
    }

    fn matches(&mut self, index: usize) -> bool {
        let filter = &self.workflow.filters[index];
        let scope = Scope::Task(&self.task.attributes);
        let evaluation = filter.expression.as_ref().map(|expression| expression.evaluate(&scope));
        let matches = evaluation.as_ref().is_none_or(|evaluation| evaluation.holds);
        self.steps.push(Step::Filter {
            filter: index,
            friendly_name: filter.friendly_name.clone(),
            evaluation,
        });
        let spent = matches && self.timed_out.contains(&index);
        if spent {
            self.steps.push(Step::Spent);
        }
        matches && !spent
    }

    /// Starts at the task's present target if the task is in this filter, and at the first target otherwise.
    fn through_targets(&mut self, filter: usize) -> Option<Stop> {
        let targets = &self.workflow.filters.get(filter)?.targets;
        let before = self.before.filter(|place| place.filter == Some(filter));
        let entered = before.map_or(self.task.age, |place| place.entered);
        let mut timed_out = false;
        // "The Queue timeout is now the sum of Q1 and Q2 timeouts":
        // <https://www.twilio.com/docs/taskrouter/task-evaluation>
        let mut sum = entered;
        for (index, target) in targets.iter().enumerate() {
            let deadline = target.timeout.map(|timeout| sum.saturating_add(timeout));
            sum = deadline.unwrap_or(sum);
            if before.is_some_and(|place| index < place.target) {
                continue;
            }
            timed_out = deadline.is_some_and(|deadline| deadline <= self.task.age);
            if timed_out {
                self.steps.push(Step::TimedOut { target: index });
                continue;
            }
            let place = Place {
                filter: Some(filter),
                target: index,
                queue: target.queue.clone(),
                priority: self.priority,
                deadline,
                entered,
                timed_out: self.timed_out.clone(),
            };
            let stop = self.at(target, place);
            if stop.is_some() {
                return stop;
            }
        }
        if timed_out {
            self.timed_out.push(filter);
        }
        None
    }

    /// The default filter takes tasks that match no filter or were skipped by every target of their filters. A task
    /// that timed out of a filter doesn't go there.
    fn through_default(&mut self) -> Option<Stop> {
        let default = self.workflow.default.as_ref();
        let Some(target) = default.filter(|_| self.timed_out.is_empty()) else {
            let after_time_out = default.is_some();
            self.steps.push(Step::NoDefault { after_time_out });
            return None;
        };
        self.steps.push(Step::Default);
        let place = Place {
            filter: None,
            target: 0,
            queue: target.queue.clone(),
            priority: self.priority,
            deadline: None,
            entered: Duration::ZERO,
            timed_out: Vec::new(),
        };
        self.at(target, place)
    }

    /// Stops at a target or skips it.
    ///
    /// On arrival, a task gets the target's priority, which may be changed by hand later. `skip_if` is asked if the
    /// task "can't be assigned to a Worker immediately": <https://www.twilio.com/docs/taskrouter/worker-presence>
    fn at(&mut self, target: &Target, mut place: Place) -> Option<Stop> {
        let comes = !self.was_at(&place);
        self.priority = match comes {
            true => target.priority.unwrap_or(self.priority),
            // Targets passed on the way back here don't count.
            false => self.task.priority,
        };
        place.priority = self.priority;
        let queue = self.workspace.queues.iter().find(|queue| queue.sid == target.queue);
        let consider = |queue| offer::consider(target, queue, self.task, self.workspace.workers);
        let considered = queue.map(consider).unwrap_or_default();
        let offers = considered
            .iter()
            .filter(|considered| considered.verdict == Verdict::Offered);
        let offered: Vec<String> = offers.map(|considered| considered.sid.clone()).collect();
        self.steps.push(Step::Target {
            target: place.target,
            queue: target.queue.clone(),
            queue_name: queue.map(|queue| queue.friendly_name.clone()),
            priority: place.priority,
            deadline: place.deadline,
            considered,
        });
        let skips = comes && offered.is_empty() && self.skips(target, queue);
        (!skips).then_some((place, offered))
    }

    fn skips(&mut self, target: &Target, queue: Option<&TaskQueue>) -> bool {
        let Some(skip_if) = &target.skip_if else {
            return false;
        };
        let headcount = queue.map(|queue| offer::headcount(queue, self.workspace.workers));
        let evaluation = skip_if.evaluate(&Scope::Workers(&headcount.unwrap_or_default()));
        let skips = evaluation.holds;
        self.steps.push(Step::SkipIf(evaluation));
        skips
    }

    fn was_at(&self, place: &Place) -> bool {
        self.before
            .is_some_and(|before| (before.filter, before.target) == (place.filter, place.target))
    }
}
