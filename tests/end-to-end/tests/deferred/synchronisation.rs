//! `deferred` writes the task's attributes at the time of its read.

use end_to_end::SESSION_ID;
use serde_json::json;
use simulator::fault::Effect;
use simulator::options::QUEUE;

use super::{as_the_task, at_write, attributes, deliver, emptied, log, scene, session, sync};

#[tokio::test]
async fn session_gets_the_tasks_current_attributes() {
    let scene = scene().await;
    scene.set_attributes(&attributes(r#","a":1"#));
    let message = sync(&scene);
    scene.set_attributes(&attributes(r#","a":2,"b":"later""#));
    scene.world.sqs.send(QUEUE, &message);
    emptied(&scene).await;
    assert_eq!(session(&scene), as_the_task(&scene, r#""flex_a":2,"flex_b":"later","#));
    let line = json!({
        "level": "INFO", "outcome": "done", "taskSid": scene.task_sid, "messages": 1, "receives": 1,
        "steps": [
            "read task 200", "list reservations 200", "write session 200", "read task 200", "list reservations 200",
        ],
    });
    let mut logged = log(&scene);
    for line in &mut logged {
        // The two reads can end in either order.
        let steps = line["steps"].as_array_mut().unwrap();
        steps[..2].sort_by_key(|step| std::cmp::Reverse(step.to_string()));
        steps[3..].sort_by_key(|step| std::cmp::Reverse(step.to_string()));
    }
    assert_eq!(logged, [line]);
}

#[tokio::test]
async fn task_changing_meanwhile_is_written_again() {
    let scene = scene().await;
    scene.set_attributes(&attributes(r#","a":1"#));
    let (twilio, task) = (scene.world.twilio.clone(), scene.task_sid.clone());
    let change = move || drop(twilio.set_attributes(&task, &attributes(r#","a":2"#)));
    scene.world.faults.add(at_write().after(Effect::run(change)));
    assert_eq!(deliver(&scene, &[(&sync(&scene), 1)]).await, [0; 0]);
    assert_eq!(session(&scene), as_the_task(&scene, r#""flex_a":2,"#));
    assert_eq!(scene.world.session_api.patches(SESSION_ID).len(), 2);
}

#[tokio::test]
async fn messages_about_one_task_are_handled_together() {
    let scene = scene().await;
    let message = sync(&scene);
    let same = format!(" {{ \"sync\" : {{\"taskSid\":\"{}\"}} }} ", scene.task_sid);
    assert_eq!(
        deliver(&scene, &[(&message, 1), (&same, 9), (&message, 2)]).await,
        [0; 0]
    );
    assert_eq!(scene.world.session_api.patches(SESSION_ID).len(), 1);
    let [line] = log(&scene).try_into().unwrap();
    assert_eq!([&line["messages"], &line["receives"]], [&json!(3), &json!(9)]);
}

#[tokio::test]
async fn repeated_message_changes_nothing() {
    let scene = scene().await;
    scene.set_attributes(&attributes(r#","a":1"#));
    for receives in 1..4 {
        assert_eq!(deliver(&scene, &[(&sync(&scene), receives)]).await, [0; 0]);
        assert_eq!(session(&scene), as_the_task(&scene, r#""flex_a":1,"#));
    }
}

#[tokio::test]
async fn task_without_a_session_is_done() {
    let scene = scene().await;
    scene.set_attributes("{}");
    assert_eq!(deliver(&scene, &[(&sync(&scene), 1)]).await, [0; 0]);
    let lines = log(&scene);
    assert_eq!(lines[0]["cause"], "the task names no session");
}
