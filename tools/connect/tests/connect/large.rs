//! A large workspace.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::scene::{Scene, people, to_ai, to_people};

const QUEUES: usize = 50;
const FILTERS: usize = 200;
const WORKERS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_workspace_is_checked_within_five_seconds() {
    let scene = Scene::good().await;
    for worker in 0..WORKERS {
        let attributes = json!({"roles": ["agent"], "team": worker % QUEUES}).to_string();
        let name = format!("agent {worker}");
        scene
            .set("/Workers", &[("FriendlyName", &name), ("Attributes", &attributes)])
            .await;
    }
    let mut queues = Vec::new();
    for queue in 0..QUEUES {
        let (name, workers) = (format!("team {queue}"), format!("team == {queue}"));
        let form = [("FriendlyName", name.as_str()), ("TargetWorkers", &workers)];
        queues.push(scene.set("/TaskQueues", &form).await["sid"].clone());
    }
    let mut filters = vec![
        to_people("handedOff == true"),
        to_ai("channelType == 'web' AND vip != true"),
    ];
    filters.extend((filters.len()..FILTERS).map(|filter| {
        let mut own = to_people(&format!(
            "topic == 'topic {filter}' AND (language == 'en' OR country IN ['UK', 'US'])"
        ));
        own["targets"][0]["queue"] = queues[filter % QUEUES].clone();
        own
    }));
    scene.filters(filters.into(), people()).await;

    let started = Instant::now();
    let found = scene.check(&[]).await;
    let taken = started.elapsed();
    assert_eq!(found, (0, Vec::new()));
    assert!(taken < Duration::from_secs(5), "{taken:?}");
}
