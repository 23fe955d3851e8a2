use serde_json::json;
use simulator::cause::Cause;
use simulator::loopback;

use crate::{function, host, invoke, json_of};

#[tokio::test]
async fn every_invocation_is_on_record_with_what_came_of_it() {
    let host = host(function()).await;
    let mut changed = host.changed();
    let invocation = Cause::Own(3).of(invoke(&host, json!({"do": "echo"}))).await;
    assert!(changed.has_changed().unwrap());
    changed.mark_unchanged();
    let url = format!("http://{}/hook", host.http_api().address);
    loopback::client()
        .post(url)
        .header("Content-Type", "text/plain")
        .body("a body")
        .send()
        .await
        .unwrap();

    let [own, hook] = &host.invocations()[..] else {
        panic!("two invocations were made: {:?}", host.invocations())
    };
    assert_eq!(
        (own.request_id.as_str(), own.cause),
        (&*invocation.request_id, Some(Cause::Own(3)))
    );
    assert_eq!(json_of(&own.payload), json!({"do": "echo"}));
    assert_eq!(own.ended.as_ref().unwrap().payload, invocation.payload);
    assert_eq!((hook.function.as_str(), hook.cause), ("misbehaving", None));
    assert_eq!(json_of(&hook.payload)["body"], "a body");
    assert!(changed.has_changed().unwrap());
}
