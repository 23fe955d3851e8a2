//! TaskRouter's REST API, except for the states of tasks and reservations.

mod events;
mod lists;
mod statistics;
mod workers;
mod workspaces;

use http::Method;
use serde_json::Value;
use simulator::exchange::Upstream;
use simulator::twilio::sids::WORKSPACE_SID;
use simulator::world::World;

use crate::caller::{Answer, call};
use crate::described::described;

/// A path in the world's own workspace.
fn own(path: &str) -> String {
    format!("/v1/Workspaces/{WORKSPACE_SID}/{path}")
}

async fn get(world: &World, path: &str) -> Answer {
    described(world, call(world, Upstream::TaskRouter, Method::GET, path)).await
}

async fn post(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    described(
        world,
        call(world, Upstream::TaskRouter, Method::POST, path).form(fields),
    )
    .await
}

async fn delete(world: &World, path: &str) -> Answer {
    described(world, call(world, Upstream::TaskRouter, Method::DELETE, path)).await
}

/// A field of each resource of a list.
async fn listed(world: &World, path: &str, key: &str, field: &str) -> Vec<String> {
    let answer = get(world, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.json);
    let resources = answer.json[key].as_array().unwrap();
    resources.iter().map(|resource| text(&resource[field])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
