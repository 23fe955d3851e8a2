//! Another program that reads the task and changes its attributes with `If-Match`.

use std::sync::Arc;

use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::invocation::{Invocation, Limits};
use flex_handoff::twilio::sid::TaskSid;
use flex_handoff::upstream::Upstream;
use flex_handoff::upstream::answer::CallError;
use flex_handoff::upstream::retry::Retries;

use crate::aws::right_secrets;
use crate::functions;
use crate::network::Network;
use crate::scene::{self, Scene};

const A_DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// Writes the attributes as changed by [`scene::changed`] and retries after a conflict.
pub(crate) async fn change_once(network: &Arc<Network>, scene: &Scene) {
    let (taskrouter, invocation, sid) = client(network, scene).await;
    loop {
        let task = taskrouter.task(&invocation, &sid).await.expect("TaskRouter is there");
        let etag = task.etag.expect("a task has a version");
        let attributes = scene::changed(&task.attributes.expect("a task has attributes"));
        match taskrouter.write_attributes(&invocation, &sid, &etag, attributes).await {
            Err(CallError::PreconditionFailed | CallError::Unavailable(_)) => {}
            written => return written.expect("the attributes are a short object"),
        }
    }
}

/// Reads the task. The next step happens when this request is released.
pub(crate) async fn look(network: &Arc<Network>, scene: &Scene) {
    let (taskrouter, invocation, sid) = client(network, scene).await;
    taskrouter.task(&invocation, &sid).await.expect("TaskRouter is there");
}

async fn client(network: &Arc<Network>, scene: &Scene) -> (TaskRouter, Invocation, TaskSid) {
    let upstream = Upstream::twilio(
        network.transport(&network.bystander()),
        right_secrets().await,
        Retries::UntilDeadline,
    );
    let limits = Limits {
        fallback: A_DAY,
        longest: A_DAY,
        margin: std::time::Duration::ZERO,
    };
    (
        TaskRouter::new(upstream, &functions::upstreams()),
        Invocation::start(functions::system("other-writer"), "another writer", 0, limits),
        TaskSid::parse(&scene.task_sid).expect("a task's SID"),
    )
}
