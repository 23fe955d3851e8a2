//! Lists: filters, order and pages.

use serde_json::{Value, json};
use simulator::twilio::sids::{AI_QUEUE_SID, AI_WORKER_SID, PEOPLE_QUEUE_SID, REP_WORKER_SID, WORKFLOW_SID};
use simulator::twilio::{NewTask, TaskStatus};
use simulator::world::World;
use time::{Duration, OffsetDateTime};

use super::{get, listed, own, post, text};
use crate::caller::world;

async fn workers(world: &World, query: &str) -> Vec<String> {
    listed(world, &own(&format!("Workers?{query}")), "workers", "sid").await
}

async fn queues(world: &World, query: &str) -> Vec<String> {
    listed(world, &own(&format!("TaskQueues?{query}")), "task_queues", "sid").await
}

async fn tasks(world: &World, query: &str) -> Vec<String> {
    listed(world, &own(&format!("Tasks?{query}")), "tasks", "sid").await
}

#[tokio::test]
async fn workers_are_found_by_activity_by_queue_and_by_expression() {
    let world = world().await;
    let offline = world
        .twilio
        .activities()
        .into_iter()
        .find(|activity| !activity.available)
        .unwrap();
    world.twilio.set_activity(REP_WORKER_SID, &offline.sid).unwrap();

    for (query, expected) in [
        ("".to_owned(), &[AI_WORKER_SID, REP_WORKER_SID][..]),
        (format!("ActivityName={}", offline.friendly_name), &[REP_WORKER_SID]),
        (format!("ActivitySid={}", offline.sid), &[REP_WORKER_SID]),
        ("Available=yes".to_owned(), &[AI_WORKER_SID]),
        ("Available=no".to_owned(), &[REP_WORKER_SID]),
        ("FriendlyName=ai".to_owned(), &[AI_WORKER_SID]),
        (format!("TaskQueueSid={PEOPLE_QUEUE_SID}"), &[REP_WORKER_SID]),
        ("TaskQueueName=AI".to_owned(), &[AI_WORKER_SID]),
        (
            "TargetWorkersExpression=roles+HAS+'agent'".to_owned(),
            &[REP_WORKER_SID],
        ),
        (
            format!("TargetWorkersExpression=activity_name=='{}'", offline.friendly_name),
            &[REP_WORKER_SID],
        ),
        (
            "TargetWorkersExpression=channel.chat.configured_capacity>3".to_owned(),
            &[AI_WORKER_SID],
        ),
        ("FriendlyName=ai&Available=false".to_owned(), &[]),
        ("Colour=red".to_owned(), &[AI_WORKER_SID, REP_WORKER_SID]),
    ] {
        assert_eq!(workers(&world, &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn prefix_of_a_worker_is_optional_in_expressions() {
    let world = world().await;
    let voice = own(&format!("Workers/{AI_WORKER_SID}/Channels/voice"));
    post(&world, &voice, &[("Capacity", "0")]).await;

    let by_capacity = "TargetWorkersExpression=worker.channel.voice.configured_capacity+%3E+0";
    let by_sid = format!("TargetWorkersExpression=worker.sid+==+'{AI_WORKER_SID}'");

    assert_eq!(workers(&world, by_capacity).await, [REP_WORKER_SID]);
    assert_eq!(workers(&world, &by_sid).await, [AI_WORKER_SID]);
}

#[tokio::test]
async fn queues_are_found_by_their_workers_and_by_a_worker_that_there_is_not() {
    let world = world().await;

    for (query, expected) in [
        ("", &[AI_QUEUE_SID, PEOPLE_QUEUE_SID][..]),
        ("FriendlyName=People", &[PEOPLE_QUEUE_SID]),
        (&format!("WorkerSid={AI_WORKER_SID}"), &[AI_QUEUE_SID]),
        (
            r#"EvaluateWorkerAttributes={"roles":["agent","ai"]}"#,
            &[AI_QUEUE_SID, PEOPLE_QUEUE_SID],
        ),
        (r#"EvaluateWorkerAttributes={"roles":["agent"]}"#, &[PEOPLE_QUEUE_SID]),
        ("EvaluateWorkerAttributes={}", &[]),
    ] {
        // Encoded as helper libraries do.
        let query = query.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
        assert_eq!(queues(&world, &query).await, expected, "{query}");
    }
}

/// Creates three tasks with the priorities 5, 9 and 7. The second task is canceled.
fn three_tasks(world: &World) -> [String; 3] {
    let tasks = [5, 9, 7].map(|priority| {
        let new = NewTask {
            attributes: Some(format!(r#"{{"customer":{{"tier":{priority}}}}}"#)),
            priority: Some(priority),
            ..NewTask::default()
        };
        world.twilio.create(new).unwrap().sid
    });
    world
        .twilio
        .end_task(&tasks[1], TaskStatus::Canceled, "asked twice")
        .unwrap();
    tasks
}

#[tokio::test]
async fn tasks_are_found_by_what_they_are_and_by_what_their_attributes_say() {
    let world = world().await;
    let [five, nine, seven] = &three_tasks(&world);

    for (query, expected) in [
        ("AssignmentStatus=pending", &[five, seven][..]),
        ("AssignmentStatus=canceled", &[nine]),
        (
            "AssignmentStatus=canceled&AssignmentStatus=pending",
            &[five, nine, seven],
        ),
        ("AssignmentStatus=canceled,reserved", &[nine]),
        ("Priority=7", &[seven]),
        (&format!("WorkflowSid={WORKFLOW_SID}"), &[five, nine, seven]),
        ("WorkflowName=Handoff&AssignmentStatus=pending", &[five, seven]),
        ("WorkflowName=Nothing", &[]),
        ("TaskQueueName=AI&Priority=5", &[five]),
        (&format!("TaskQueueSid={PEOPLE_QUEUE_SID}"), &[]),
        ("EvaluateTaskAttributes=customer.tier+%3E+5", &[nine, seven]),
        ("HasAddons=false", &[five, nine, seven]),
        ("HasAddons=true", &[]),
    ] {
        let expected: Vec<String> = expected.iter().map(|sid| (*sid).clone()).collect();
        assert_eq!(tasks(&world, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn tasks_come_in_the_order_that_is_asked_for_on_every_page() {
    let world = world().await;
    // The task with the higher priority has also waited longer.
    for priority in [5, 9, 7, 1, 9, 2] {
        let new = NewTask {
            priority: Some(priority),
            virtual_start_time: Some(OffsetDateTime::UNIX_EPOCH - Duration::hours(priority)),
            ..NewTask::default()
        };
        world.twilio.create(new).unwrap();
    }

    for (ordering, expected) in [
        ("Priority:desc", [9, 9, 7, 5, 2, 1]),
        ("Priority:asc", [1, 2, 5, 7, 9, 9]),
        ("DateCreated,Priority:desc", [5, 9, 7, 1, 9, 2]),
        ("DateCreated:desc", [2, 9, 1, 7, 9, 5]),
        ("VirtualStartTime:asc", [9, 9, 7, 5, 2, 1]),
    ] {
        let mut path = own(&format!("Tasks?Ordering={ordering}&PageSize=1"));
        let mut priorities = Vec::new();
        while !path.is_empty() {
            let page = get(&world, &path).await.json;
            priorities.push(page["tasks"][0]["priority"].clone());
            let next = page["meta"]["next_page_url"].as_str().unwrap_or_default();
            path = next.replace("https://taskrouter.twilio.com", "");
        }
        assert_eq!(priorities, expected, "{ordering}");
    }
}

#[tokio::test]
async fn every_list_is_read_page_by_page_even_if_its_end_goes_away_meanwhile() {
    let world = world().await;
    let names = ["One", "Two", "Three"];
    let mut sids = Vec::new();
    for name in names {
        let created = post(&world, &own("Activities"), &[("FriendlyName", name)]).await;
        sids.push(text(&created.json["sid"]));
    }
    let first = get(&world, &own("Activities?Available=false&PageSize=3")).await.json;
    super::delete(&world, &own(&format!("Activities/{}", sids[0]))).await;

    let next = text(&first["meta"]["next_page_url"]).replace("https://taskrouter.twilio.com", "");
    let rest = listed(&world, &next, "activities", "friendly_name").await;

    assert_eq!(first["activities"][2]["friendly_name"], "One");
    assert_eq!(rest, ["Two", "Three"]);
    assert!(next.contains("Available=false"), "{next}");
}

#[tokio::test]
async fn a_page_of_what_is_gone_is_empty_and_leads_back() {
    let world = world().await;
    let sids = [(); 4].map(|()| world.twilio.create_task("{}").unwrap().sid);
    let first = get(&world, &own("Tasks?PageSize=2")).await.json;
    for sid in &sids[2..] {
        super::delete(&world, &own(&format!("Tasks/{sid}"))).await;
    }
    let followed = |page: &Value, link: &str| text(&page["meta"][link]).replace("https://taskrouter.twilio.com", "");

    let gone = get(&world, &followed(&first, "next_page_url")).await.json;
    let back = listed(&world, &followed(&gone, "previous_page_url"), "tasks", "sid").await;

    assert_eq!(
        (&gone["tasks"], &gone["meta"]["next_page_url"]),
        (&json!([]), &Value::Null)
    );
    assert_eq!(back, sids[..2]);
    // The largest page number doesn't overflow in the links.
    let path = own(&format!("Tasks?PageSize=1&Page={}", usize::MAX));
    assert_eq!(listed(&world, &path, "tasks", "sid").await, sids[..1]);
}

#[tokio::test]
async fn a_malformed_parameter_is_refused() {
    let world = world().await;

    for path in [
        "Workers?TargetWorkersExpression=roles+HAS",
        "TaskQueues?EvaluateWorkerAttributes=%7B",
        "Tasks?AssignmentStatus=lost",
        "Tasks?AssignmentStatus=pending&AssignmentStatus=lost",
        "Tasks?EvaluateTaskAttributes=1==",
        "Tasks?Ordering=Age:asc",
        "Tasks?Ordering=Priority:up",
        "Tasks?Ordering=DateCreated:asc,VirtualStartTime:asc",
        "Tasks?Priority=high",
        "Tasks?PageSize=many",
        "Events?Minutes=few",
        "Events?StartDate=yesterday",
    ] {
        assert_eq!(get(&world, &own(path)).await.refusal(), (400, 20001), "{path}");
    }
    // TaskRouter can't name an unknown worker's queues.
    let nobody = format!("TaskQueues?WorkerSid=WK{}", "0".repeat(32));
    assert_eq!(get(&world, &own(&nobody)).await.refusal(), (404, 20404));
}
