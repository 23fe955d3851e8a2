//! The causes in events.

use http::Method;
use simulator::cause::Cause;
use simulator::exchange::Upstream;

use crate::caller::{call, tasks_path, world};

#[tokio::test]
async fn an_event_names_the_request_or_the_doing_that_it_came_of() {
    let world = world().await;
    let create = async || world.twilio.create_task("{}").unwrap().sid;
    let task_sid = Cause::Own(7).of(create()).await;
    world.twilio.set_priority(&task_sid, 1).unwrap();
    let path = format!("{}/{task_sid}", tasks_path());
    call(&world, Upstream::TaskRouter, Method::GET, &path).send().await;
    call(&world, Upstream::TaskRouter, Method::POST, &path)
        .form(&[("Priority", "2")])
        .send()
        .await;

    let mut events = world.twilio.events();
    events.retain(|event| event.event_type.starts_with("task."));
    let causes: Vec<_> = events.iter().map(|event| (&*event.event_type, event.cause)).collect();
    let expected = [
        ("task.created", Some(Cause::Own(7))),
        ("task.updated", None),
        ("task.updated", Some(Cause::Exchange(1))),
    ];
    assert_eq!(causes, expected);
}
