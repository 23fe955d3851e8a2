//! The queues of a filter for handed-off tasks.

use workflow::{Expression, Filter, Target, example};

use super::desk::Desk;
use super::fault::QueueFault;
use super::sample::{SIX, handed_off};

/// The mistake in the queues of a filter for handed-off tasks.
pub(super) fn queue_fault(filter: &Filter, desk: &Desk) -> Option<QueueFault> {
    let Some(first) = filter.targets.first() else {
        return Some(QueueFault::NoTarget);
    };
    if let Some(target) = filter.targets.iter().find(|target| desk.has_ai(&target.queue)) {
        let queue = target.queue.clone();
        return Some(QueueFault::HasAi { queue });
    }
    let targets = reached(&filter.targets).iter();
    let with_humans: Vec<&Target> = targets.filter(|target| desk.may_have_humans(&target.queue)).collect();
    let Some(target) = with_humans.first() else {
        let queue = first.queue.clone();
        return Some(QueueFault::HasNobody { queue });
    };
    if !with_humans.iter().all(|target| excludes_all(target, filter, desk)) {
        return None;
    }
    Some(QueueFault::ExcludesAll {
        queue: target.queue.clone(),
        expression: target.expression.as_ref()?.to_string(),
    })
}

/// The targets up to and including the first that keeps its tasks.
fn reached(targets: &[Target]) -> &[Target] {
    let keeps = |target: &Target| target.timeout.is_none() && target.skip_if.is_none();
    let keeping = targets.iter().position(keeps);
    &targets[..keeping.map_or(targets.len(), |keeping| keeping + 1)]
}

/// Whether the target's expression holds for no human agent in its queue, whatever a handed-off task's attributes are.
fn excludes_all(target: &Target, filter: &Filter, desk: &Desk) -> bool {
    let (Some(expression), true) = (&target.expression, desk.members(&target.queue).is_some()) else {
        return false;
    };
    !desk.humans(&target.queue).any(|worker| {
        let of_worker = expression.for_worker(worker);
        let wanted: Vec<&Expression> = filter.expression.iter().chain([&of_worker]).collect();
        has_task(desk, &wanted)
    })
}

/// Whether the expressions hold for some handed-off task. The texts and language may differ from the sample's.
fn has_task(desk: &Desk, expressions: &[&Expression]) -> bool {
    let sample = handed_off(desk.new_task());
    [&SIX[..], &SIX[..1]].into_iter().any(|fixed| {
        let task = example(&sample, fixed, expressions, &[]);
        task.is_some_and(|task| SIX.iter().all(|name| !task[name].is_null()))
    })
}
