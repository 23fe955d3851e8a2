//! SQS as called by an SDK.

use http::Method;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::options::{DEAD_LETTER_QUEUE, QUEUE};
use simulator::sqs::{Settings, queue_arn, queue_url};
use simulator::world::World;

use crate::caller::{Answer, Call, call, world};

fn operation(world: &World, operation: &str, request: &Value) -> Call {
    call(world, Upstream::Sqs, Method::POST, "/")
        .header("x-amz-target", &format!("AmazonSQS.{operation}"))
        .json(&request.to_string())
}

/// A successful operation on the world's queue.
async fn ask(world: &World, name: &str, mut request: Value) -> Value {
    request["QueueUrl"] = queue_url(QUEUE).into();
    let answer = operation(world, name, &request).send().await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(answer.headers["content-type"], "application/x-amz-json-1.0");
    answer.json
}

/// The name of a refusal in both protocols.
fn refused(answer: &Answer) -> [&str; 2] {
    assert_eq!(answer.status, 400);
    let code = answer.headers["x-amzn-query-error"].to_str().unwrap();
    [answer.json["__type"].as_str().unwrap(), code]
}

#[tokio::test]
async fn a_message_is_sent_received_and_deleted() {
    let world = world().await;
    let sent = ask(&world, "SendMessage", json!({ "MessageBody": "hello" })).await;
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    let request = json!({ "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["ApproximateReceiveCount"] });
    let received = ask(&world, "ReceiveMessage", request).await;
    let [message] = received["Messages"].as_array().unwrap().as_slice() else {
        panic!("{received}");
    };
    assert_eq!(
        [&message["MessageId"], &message["Body"]],
        [&sent["MessageId"], &json!("hello")]
    );
    assert_eq!(message["MD5OfBody"], sent["MD5OfMessageBody"]);
    assert_eq!(message["Attributes"], json!({ "ApproximateReceiveCount": "1" }));
    // The message is hidden now, both from a single receive and from a waiting receiver.
    for wait in [0, 1] {
        let again = ask(&world, "ReceiveMessage", json!({ "WaitTimeSeconds": wait })).await;
        assert_eq!(again, json!({ "Messages": [] }));
    }
    let receipt = json!({ "ReceiptHandle": message["ReceiptHandle"] });
    assert_eq!(ask(&world, "DeleteMessage", receipt).await, json!({}));
    assert_eq!(world.sqs.messages(QUEUE), []);
}

#[tokio::test]
async fn a_receiver_that_waits_is_given_what_is_sent_meanwhile() {
    let world = world().await;
    let receive = ask(&world, "ReceiveMessage", json!({ "WaitTimeSeconds": 20 }));
    let (received, _) = tokio::join!(receive, async {
        let arrived = |exchange: &simulator::exchange::Exchange| exchange.upstream == Upstream::Sqs;
        world
            .exchanges
            .wait_for(arrived, std::time::Duration::from_secs(20))
            .await;
        world.sqs.send(QUEUE, "late")
    });
    assert_eq!(received["Messages"][0]["Body"], "late");
}

#[tokio::test]
async fn a_batch_says_of_each_entry_what_became_of_it() {
    let world = world().await;
    let entries = json!([
        { "Id": "a", "MessageBody": "1" },
        { "Id": "b", "MessageBody": "2", "DelaySeconds": 901 },
        { "Id": "c", "MessageBody": "3", "DelaySeconds": 900 },
    ]);
    let sent = ask(&world, "SendMessageBatch", json!({ "Entries": entries })).await;
    let ids = |list: &Value| -> Vec<String> {
        let entries = list.as_array().unwrap().iter();
        entries.map(|entry| entry["Id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&sent["Successful"]), ["a", "c"]);
    assert_eq!(sent["Failed"][0]["Id"], "b");
    assert_eq!(sent["Failed"][0]["Code"], "InvalidParameterValue");

    let received = ask(&world, "ReceiveMessage", json!({ "MaxNumberOfMessages": 10 })).await;
    assert_eq!(
        received["Messages"].as_array().unwrap().len(),
        1,
        "the other one is delayed"
    );
    let receipt = &received["Messages"][0]["ReceiptHandle"];
    let entries = json!([
        { "Id": "a", "ReceiptHandle": receipt, "VisibilityTimeout": 0 },
        { "Id": "b", "ReceiptHandle": "of nobody", "VisibilityTimeout": 0 },
    ]);
    let hidden = ask(&world, "ChangeMessageVisibilityBatch", json!({ "Entries": entries })).await;
    assert_eq!(ids(&hidden["Successful"]), ["a"]);
    assert_eq!(hidden["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
    // `AttributeNames` is the older name of the same list.
    let again = ask(&world, "ReceiveMessage", json!({ "AttributeNames": ["All"] })).await;
    assert_eq!(again["Messages"][0]["Attributes"]["ApproximateReceiveCount"], "2");
    let receipt = &again["Messages"][0]["ReceiptHandle"];
    let deleted = ask(
        &world,
        "DeleteMessageBatch",
        json!({ "Entries": [{ "Id": "a", "ReceiptHandle": receipt }] }),
    )
    .await;
    assert_eq!(deleted, json!({ "Successful": [{ "Id": "a" }], "Failed": [] }));
    assert_eq!(world.sqs.messages(QUEUE).len(), 1);
}

#[tokio::test]
async fn a_receiver_is_told_no_attribute_that_it_does_not_ask_for() {
    let world = world().await;
    world.sqs.send(QUEUE, "hello");
    let received = ask(&world, "ReceiveMessage", json!({})).await;
    assert_eq!(received["Messages"][0]["Body"], "hello");
    assert_eq!(received["Messages"][0].get("Attributes"), None);
}

#[tokio::test]
async fn a_message_that_is_visible_again_can_t_be_hidden() {
    let world = world().await;
    world.sqs.send(QUEUE, "hello");
    let received = ask(&world, "ReceiveMessage", json!({ "VisibilityTimeout": 0 })).await;
    let hide = json!({
        "QueueUrl": queue_url(QUEUE), "VisibilityTimeout": 1, "ReceiptHandle": received["Messages"][0]["ReceiptHandle"],
    });
    let answer = operation(&world, "ChangeMessageVisibility", &hide).send().await;
    let expected = [
        "com.amazonaws.sqs#MessageNotInflight",
        "AWS.SimpleQueueService.MessageNotInflight;Sender",
    ];
    assert_eq!(refused(&answer), expected);
}

#[tokio::test]
async fn a_queue_tells_of_itself() {
    let world = world().await;
    world.sqs.send(QUEUE, "visible");
    ask(
        &world,
        "SendMessage",
        json!({ "MessageBody": "delayed", "DelaySeconds": 9 }),
    )
    .await;
    let all = ask(&world, "GetQueueAttributes", json!({ "AttributeNames": ["All"] })).await;
    let redrive = json!({ "deadLetterTargetArn": queue_arn(DEAD_LETTER_QUEUE), "maxReceiveCount": 100 });
    let expected = json!({
        "ApproximateNumberOfMessages": "1",
        "ApproximateNumberOfMessagesDelayed": "1",
        "ApproximateNumberOfMessagesNotVisible": "0",
        "MessageRetentionPeriod": "345600",
        "QueueArn": queue_arn(QUEUE),
        "RedrivePolicy": redrive.to_string(),
        "VisibilityTimeout": "1080",
    });
    assert_eq!(all["Attributes"], expected);
    let url = operation(&world, "GetQueueUrl", &json!({ "QueueName": QUEUE }))
        .send()
        .await;
    assert_eq!(url.json, json!({ "QueueUrl": queue_url(QUEUE) }));
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let world = world().await;
    let url = queue_url(QUEUE);
    let elsewhere = queue_url("another");
    let entries = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|id| json!({ "Id": id.to_string(), "MessageBody": "x" }))
            .collect()
    };
    let twice = [entries(1), entries(1)].concat();
    let invalid = "InvalidParameterValue;Sender";
    for (name, request, code) in [
        (
            "SendMessage",
            json!({ "QueueUrl": elsewhere, "MessageBody": "x" }),
            "AWS.SimpleQueueService.NonExistentQueue;Sender",
        ),
        ("SendMessage", json!({ "QueueUrl": url, "MessageBody": "" }), invalid),
        (
            "SendMessage",
            json!({ "QueueUrl": url, "MessageBody": "x", "DelaySeconds": 901 }),
            invalid,
        ),
        ("SendMessage", json!({ "QueueUrl": url }), "MalformedInput;Sender"),
        (
            "ReceiveMessage",
            json!({ "QueueUrl": url, "MaxNumberOfMessages": 11 }),
            invalid,
        ),
        (
            "ReceiveMessage",
            json!({ "QueueUrl": url, "WaitTimeSeconds": 21 }),
            invalid,
        ),
        (
            "ReceiveMessage",
            json!({ "QueueUrl": url, "VisibilityTimeout": 43201 }),
            invalid,
        ),
        (
            "ChangeMessageVisibility",
            json!({ "QueueUrl": url, "ReceiptHandle": "of nobody", "VisibilityTimeout": 1 }),
            "ReceiptHandleIsInvalid;Sender",
        ),
        (
            "DeleteMessage",
            json!({ "QueueUrl": url, "ReceiptHandle": "of nobody" }),
            "ReceiptHandleIsInvalid;Sender",
        ),
        (
            "SendMessage",
            json!({ "QueueUrl": url, "MessageBody": "\u{1}" }),
            "InvalidMessageContents;Sender",
        ),
        (
            "SendMessageBatch",
            json!({ "QueueUrl": url, "Entries": [{ "Id": "a b", "MessageBody": "x" }] }),
            "AWS.SimpleQueueService.InvalidBatchEntryId;Sender",
        ),
        (
            "SendMessageBatch",
            json!({ "QueueUrl": url, "Entries": [
                { "Id": "a", "MessageBody": "x".repeat(1 << 20) }, { "Id": "b", "MessageBody": "x" },
            ] }),
            "AWS.SimpleQueueService.BatchRequestTooLong;Sender",
        ),
        (
            "SendMessageBatch",
            json!({ "QueueUrl": url, "Entries": [] }),
            "AWS.SimpleQueueService.EmptyBatchRequest;Sender",
        ),
        (
            "SendMessageBatch",
            json!({ "QueueUrl": url, "Entries": entries(11) }),
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest;Sender",
        ),
        (
            "SendMessageBatch",
            json!({ "QueueUrl": url, "Entries": twice }),
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct;Sender",
        ),
        ("CreateQueue", json!({ "QueueName": "x" }), "UnknownOperation;Sender"),
    ] {
        let answer = operation(&world, name, &request).send().await;
        assert_eq!(refused(&answer)[1], code, "{name} {request}");
    }
    let unsigned = operation(&world, "GetQueueUrl", &json!({ "QueueName": QUEUE })).unauthenticated();
    assert_eq!(
        refused(&unsigned.send().await),
        [
            "com.amazon.coral.service#MissingAuthenticationTokenException",
            "MissingAuthenticationToken;Sender"
        ]
    );
    assert_eq!(world.sqs.messages(QUEUE), []);
}

#[tokio::test]
async fn what_nobody_deletes_is_moved_to_the_dead_letter_queue() {
    let world = world().await;
    let settings = Settings {
        visibility_timeout: std::time::Duration::ZERO,
        redrive: Some(simulator::sqs::Redrive {
            dead_letter_queue: DEAD_LETTER_QUEUE.to_owned(),
            max_receive_count: 2,
        }),
        ..Settings::default()
    };
    world.sqs.create_queue(QUEUE, settings);
    let sent = world.sqs.send(QUEUE, "poison");
    for received in [1, 1, 0] {
        let answer = ask(&world, "ReceiveMessage", json!({})).await;
        assert_eq!(answer["Messages"].as_array().unwrap().len(), received);
    }
    assert_eq!(world.sqs.messages(QUEUE), []);
    let [dead] = world.sqs.messages(DEAD_LETTER_QUEUE).try_into().unwrap();
    assert_eq!((dead.id, dead.receive_count, dead.sent), (sent.id, 2, sent.sent));
}
