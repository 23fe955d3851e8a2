//! Properties of every walk through any workflow.

use proptest::prelude::*;
use serde_json::{Value, json};
use workflow::{Place, Step, Workflow};

use crate::scene::{Scene, activity, seconds, task, workflow};

fn target() -> impl Strategy<Value = Value> {
    let queue = prop::sample::select(vec!["WQa", "WQb", "WQnone"]);
    let timeout = prop::option::of(1..15_u64);
    let skip_if = prop::option::of(prop::sample::select(vec!["1==1", "1==0", "workers.available == 0"]));
    (queue, timeout, skip_if, prop::option::of(-5..5_i64)).prop_map(|(queue, timeout, skip_if, priority)| {
        json!({"queue": queue, "timeout": timeout, "skip_if": skip_if, "priority": priority})
    })
}

fn any_workflow() -> impl Strategy<Value = Workflow> {
    let expression = prop::sample::select(vec!["1==1", "x == true", "x == false"]);
    let filter = (expression, prop::collection::vec(target(), 0..4))
        .prop_map(|(expression, targets)| json!({"expression": expression, "targets": targets}));
    let filters = prop::collection::vec(filter, 0..4);
    (filters, prop::option::of(target())).prop_map(|(filters, default)| workflow(json!(filters), json!(default)))
}

/// A change of a task some seconds after the previous change.
#[derive(Debug, Clone)]
struct Event {
    after: u64,
    reevaluated: bool,
    x: bool,
    available: bool,
}

fn event() -> impl Strategy<Value = Event> {
    (0..20_u64, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(after, reevaluated, x, available)| Event {
        after,
        reevaluated,
        x,
        available,
    })
}

fn target_of(place: &Place) -> (Option<usize>, usize) {
    (place.filter, place.target)
}

proptest! {
    #[test]
    fn a_task_waits_for_a_time_out_to_come_and_is_offered_to_those_who_are_there(
        workflow in any_workflow(),
        events in prop::collection::vec(event(), 1..12),
    ) {
        let mut scene = Scene::new(&["a", "b"]);
        let mut task = task(json!({"x": true}));
        let mut before: Option<Place> = None;
        for Event { after, reevaluated, x, available } in events {
            task.age += seconds(after);
            task.attributes["x"] = json!(x);
            scene.worker("a").activity = activity(if available { "Available" } else { "Break" }, available);
            let route = match &before {
                None => workflow.enter(&task, scene.workspace()),
                Some(place) if reevaluated => workflow.reevaluate(&task, scene.workspace(), place),
                Some(place) => workflow.stay(&task, scene.workspace(), place),
            };

            prop_assert!(available || !route.offered.contains(&"WKa".to_owned()), "{route}");
            prop_assert_eq!(route.steps.last() == Some(&Step::Left), route.place.is_none(), "{}", route);
            let Some(place) = route.place else {
                prop_assert_eq!(route.offered, Vec::<String>::new());
                break;
            };
            prop_assert!(place.deadline.is_none_or(|deadline| deadline > task.age), "{:?} at {:?}", place, task.age);
            if let Some(before) = before.filter(|_| !reevaluated) {
                let stays = before.deadline.is_none_or(|deadline| deadline > task.age);
                prop_assert_eq!(target_of(&before) == target_of(&place), stays);
            }
            task.priority = place.priority;
            before = Some(place);
        }
    }

    #[test]
    fn the_same_question_has_the_same_answer_as_long_as_nothing_happens(
        workflow in any_workflow(),
        age in 0..100_u64,
        away in any::<bool>(),
    ) {
        let mut scene = Scene::new(&["a", "b"]);
        if away {
            scene.take_off("a");
        }
        let mut task = task(json!({"x": true}));
        task.age = seconds(age);
        let entered = workflow.enter(&task, scene.workspace());
        prop_assert_eq!(&workflow.enter(&task, scene.workspace()), &entered);
        if let Some(place) = &entered.place {
            task.priority = place.priority;
            let stayed = workflow.stay(&task, scene.workspace(), place);
            let reevaluated = workflow.reevaluate(&task, scene.workspace(), place);
            for route in [stayed, reevaluated] {
                prop_assert_eq!(&route.place, &entered.place, "{}\n{}", entered, route);
                prop_assert_eq!(&route.offered, &entered.offered, "{}\n{}", entered, route);
            }
        }
    }
}
