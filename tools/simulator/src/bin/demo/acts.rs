//! The play, act by act.

use serde_json::{Value, json};
use simulator::twilio::{NewMessage, ReservationStatus, TaskStatus, Worker};
use simulator::world::HANDOFF;

use crate::case::Case;
use crate::members::{Members, compact};
use crate::play::{Play, broken};
use crate::script::{SIX, Script};
use crate::stage::{Mark, Speaker};
use crate::stopped::Stopped;
use crate::tables;

/// The whole play, and the tables at its end.
pub(crate) async fn all(play: &mut Play, script: &Script) -> Result<(), Stopped> {
    let mut case = arrival(play, script).await?;
    let first_copy = play.custom_data(&case);
    conversation(play, &mut case).await?;
    handoff(play, &mut case, script).await?;
    wrap_up(play, &case).await?;
    auto_close(play).await?;
    tables::show_all(play, &case, &first_copy)
}

/// Ana writes; her task's attributes reach the AI.
async fn arrival(play: &mut Play, script: &Script) -> Result<Case, Stopped> {
    play.stage.act(1, "A customer writes")?;
    let twilio = play.world.twilio.clone();
    let conversation_sid = twilio.create_conversation().sid;
    twilio.add_chat_participant(&conversation_sid, tables::author(Speaker::Customer))?;
    say(
        play,
        &conversation_sid,
        Speaker::Customer,
        "Hello, my espresso machine is leaking. I got it three weeks ago!",
    )?;
    play.stage.tell(
        "Twilio Flex makes a task of it, which carries what is known of her as its attributes, and offers it to the \
         AI first: the AI's worker holds a reservation. Twilio tells the function task-events of both.",
    )?;
    if !script.changes.is_empty() {
        play.stage
            .tell(&format!("(In your attributes, {}.)", script.changes.join("; ")))?;
    }
    play.world.session_api.create_session(&script.session_id);
    let mut attributes = script.attributes.clone();
    attributes.set("conversationSid", Value::from(&*conversation_sid).to_string());
    let task = twilio.create_task(&attributes.text())?;
    let reservation = twilio.reserve(&task.sid, Worker::ai())?;
    let case = Case {
        task_sid: task.sid,
        reservation_sid: reservation.sid,
        conversation_sid,
        session_id: script.session_id.clone(),
        attributes,
    };
    play.show_wires().await?;
    play.stage
        .tell("task-events has copied the attributes to the AI's session, so that the AI knows them, too:")?;
    let custom_data = play.custom_data(&case);
    play.stage.table(&tables::changes(&Default::default(), &custom_data))?;
    play.check_custom_data(&case)?;
    Ok(case)
}

/// The AI answers, and learns of an attribute that comes late.
async fn conversation(play: &mut Play, case: &mut Case) -> Result<(), Stopped> {
    play.stage.act(2, "The AI answers, and learns something on the way")?;
    say(
        play,
        &case.conversation_sid,
        Speaker::Ai,
        "I'm sorry to hear that, Ana! Let me see what I can do about it.",
    )?;
    play.stage
        .tell("Meanwhile the shop's own system has looked up the warranty, and adds it to the task.")?;
    let before = play.custom_data(case);
    case.attributes
        .set("warranty", json!({"covered": true, "until": "2028-10-31"}).to_string());
    play.world
        .twilio
        .set_attributes(&case.task_sid, &case.attributes.text())?;
    play.show_wires().await?;
    play.stage.tell("The AI's session has it a moment later:")?;
    let after = play.custom_data(case);
    play.stage.table(&tables::only_new(tables::changes(&before, &after)))?;
    play.check_custom_data(case)?;
    say(
        play,
        &case.conversation_sid,
        Speaker::Ai,
        "Your machine is under warranty until 31 October 2028. A replacement is on its way to you.",
    )?;
    say(
        play,
        &case.conversation_sid,
        Speaker::Customer,
        "Thank you. But it has ruined my wooden floor! Who pays for that? I want to speak to a person.",
    )
}

/// The AI hands over, twice.
async fn handoff(play: &mut Play, case: &mut Case, script: &Script) -> Result<(), Stopped> {
    play.stage.act(3, "The AI hands over to a person")?;
    play.stage
        .tell("The AI may not decide that. It calls the function handoff, with what a person should know:")?;
    let mut request = script.handoff.clone();
    for (name, sid) in [
        ("taskSid", &case.task_sid),
        ("reservationSid", &case.reservation_sid),
        ("conversationSid", &case.conversation_sid),
    ] {
        request.set(name, Value::from(sid.as_str()).to_string());
    }
    play.stage.table(&tables::members(&request, |_| Mark::Same))?;
    let before = play.task(case)?;
    let answer = invoke_handoff(play, &request).await?;
    play.show_wires().await?;
    if let Some(refused) = answer.get("errorType") {
        play.check(
            "nothing was written: the task is as it was",
            before.version,
            play.task(case)?.version,
        )?;
        let message = answer["errorMessage"].as_str().unwrap_or_default().to_owned();
        let kind = refused.as_str().unwrap_or_default().to_owned();
        return Err(Stopped::Refused {
            by: "handoff",
            kind,
            message,
        });
    }
    let after = play.task(case)?;
    play.stage.tell("It answers:")?;
    play.stage
        .table(&tables::members(&parsed(&answer.to_string())?, |_| Mark::Same))?;
    check_answer(play, &answer, ["updated", "rejected", "posted"])?;
    check_six(play, case, &after.attributes, &request, &answer)?;
    case.attributes = parsed(&after.attributes)?;
    check_released(play, case)?;
    play.check_custom_data(case)?;
    again(play, case, &request, &answer).await
}

/// The same request once more, as after an answer that was lost.
async fn again(play: &mut Play, case: &Case, request: &Members, first: &Value) -> Result<(), Stopped> {
    play.stage
        .tell("Had that answer been lost, the AI platform would ask again. It does:")?;
    let before = play.task(case)?;
    let answer = invoke_handoff(play, request).await?;
    play.show_wires().await?;
    check_answer(play, &answer, ["unchanged", "already-released", "already-posted"])?;
    play.check(
        "the second call has the first one's time",
        &first["handoffTimestamp"],
        &answer["handoffTimestamp"],
    )?;
    play.check(
        "the second call has changed nothing",
        before.version,
        play.task(case)?.version,
    )?;
    check_released(play, case)
}

/// A person picks up, and ends the conversation in her own time.
async fn wrap_up(play: &mut Play, case: &Case) -> Result<(), Stopped> {
    play.stage.act(4, "A person takes over")?;
    play.stage.tell(
        "The task is back in Flex's routing, which now finds handedOff == true and offers it to people instead. Sam \
         accepts, and finds in the task why, and what has happened so far:",
    )?;
    let twilio = play.world.twilio.clone();
    let reservation = twilio.reserve(&case.task_sid, Worker::rep())?;
    twilio.move_reservation(&reservation.sid, ReservationStatus::Accepted)?;
    play.stage
        .table(&tables::members(&case.attributes, |_| Mark::Same).split_off(case.attributes.without(&SIX).len()))?;
    play.show_wires().await?;
    let conversation = twilio.conversation(&case.conversation_sid);
    for note in conversation
        .iter()
        .flat_map(|conversation| &conversation.messages)
        .filter(|it| tables::is_note(it))
    {
        play.stage.say(Speaker::Note, &note.body)?;
    }
    say(
        play,
        &case.conversation_sid,
        Speaker::Rep,
        "Hello Ana, this is Sam. I see that the floor is damaged: we pay for the repair.",
    )?;
    say(
        play,
        &case.conversation_sid,
        Speaker::Customer,
        "That's wonderful, thank you so much!",
    )?;
    play.stage
        .tell("Sam ends the chat and has notes to write: the task is wrapping up. Twilio tells auto-close, too.")?;
    twilio.end_task(&case.task_sid, TaskStatus::Wrapping, "the chat is over")?;
    play.show_wires().await?;
    play.check(
        "auto-close leaves a person's task to that person",
        TaskStatus::Wrapping,
        play.task(case)?.status,
    )?;
    twilio.move_reservation(&reservation.sid, ReservationStatus::Completed)?;
    play.show_wires().await?;
    play.check(
        "the task is completed once Sam completes it",
        TaskStatus::Completed,
        play.task(case)?.status,
    )?;
    play.check_custom_data(case)
}

/// Another task, which the AI resolves by itself.
async fn auto_close(play: &mut Play) -> Result<(), Stopped> {
    play.stage.act(5, "Another customer, whom the AI can help alone")?;
    let twilio = play.world.twilio.clone();
    let conversation_sid = twilio.create_conversation().sid;
    say(
        play,
        &conversation_sid,
        Speaker::OtherCustomer,
        "Which descaler do I need?",
    )?;
    say(
        play,
        &conversation_sid,
        Speaker::Ai,
        "The one with the blue cap. It is in the box.",
    )?;
    let attributes = json!({"session_id": "session-of-another", "conversationSid": conversation_sid}).to_string();
    play.world.session_api.create_session("session-of-another");
    let task = twilio.create_task(&attributes)?;
    let reservation = twilio.reserve(&task.sid, Worker::ai())?;
    twilio.move_reservation(&reservation.sid, ReservationStatus::Accepted)?;
    twilio.events_settled().await;
    play.stage
        .tell("The AI platform ends the conversation, so the task is wrapping up. Here no one has notes to write:")?;
    twilio.end_task(&task.sid, TaskStatus::Wrapping, "resolved by the AI")?;
    play.show_wires().await?;
    let status = twilio
        .task(&task.sid)
        .map_or_else(|| "gone".to_owned(), |task| task.status.to_string());
    play.check(
        "auto-close has completed the task that the AI resolved",
        TaskStatus::Completed,
        status,
    )
}

fn say(play: &mut Play, conversation_sid: &str, speaker: Speaker, text: &str) -> Result<(), Stopped> {
    let message = NewMessage {
        author: Some(tables::author(speaker).to_owned()),
        body: text.to_owned(),
        attributes: None,
    };
    play.world.twilio.post_message(conversation_sid, message)?;
    Ok(play.stage.say(speaker, text)?)
}

async fn invoke_handoff(play: &Play, request: &Members) -> Result<Value, Stopped> {
    let invocation = play.world.lambda.invoke(HANDOFF, request.text().into_bytes()).await;
    serde_json::from_slice(&invocation.payload).map_err(|_| {
        broken(
            "handoff answers in JSON",
            "JSON",
            String::from_utf8_lossy(&invocation.payload),
        )
    })
}

fn check_answer(play: &mut Play, answer: &Value, expected: [&str; 3]) -> Result<(), Stopped> {
    let came = ["attributes", "reservation", "note"].map(|name| answer[name].as_str().unwrap_or("nothing"));
    let step = format!(
        "handoff: attributes {}, reservation {}, note {}",
        expected[0], expected[1], expected[2]
    );
    play.check(&step, expected.join(", "), came.join(", "))
}

/// The six are there, with the words that were handed over, and nothing else has moved by one byte.
fn check_six(play: &mut Play, case: &Case, text: &str, request: &Members, answer: &Value) -> Result<(), Stopped> {
    let attributes = parsed(text)?;
    let six = SIX.map(|name| attributes.get(name).map(compact).unwrap_or_default());
    let words = ["reason", "summary", "sentiment", "language"].map(|name| request.get(name).unwrap_or_default());
    let mut expected = vec!["true".to_owned()];
    expected.extend(words.iter().zip(&six[1..]).map(|(given, came)| wording(given, came)));
    expected.push(answer["handoffTimestamp"].to_string());
    play.check(
        "the task has the six attributes of the handoff",
        expected.join(", "),
        six.join(", "),
    )?;
    let others = attributes.without(&SIX);
    let step = format!(
        "its other {} attributes are what they were, byte for byte",
        others.len()
    );
    play.check(&step, case.attributes.text(), others.text())
}

/// What a given text should be on the task: itself, where it came otherwise only by what the contract allows (trimmed,
/// in a tag's canonical case, or shortened to fit TaskRouter's limit).
fn wording(given: &str, came: &str) -> String {
    let text = |json: &str| serde_json::from_str::<String>(json).unwrap_or_default();
    let (given_text, came_text) = (text(given), text(came));
    let trimmed = given_text.trim();
    let shortened = came_text
        .strip_suffix('…')
        .is_some_and(|start| trimmed.starts_with(start.trim_end()));
    let synonym = matches!((trimmed, &*came_text), ("happy", "positive") | ("angry", "negative"));
    if shortened || synonym || trimmed.eq_ignore_ascii_case(&came_text) {
        came.to_owned()
    } else {
        compact(given)
    }
}

fn check_released(play: &mut Play, case: &Case) -> Result<(), Stopped> {
    let twilio = play.world.twilio.clone();
    let reservation = twilio.reservation(&case.reservation_sid);
    let status = reservation.map_or_else(|| "gone".to_owned(), |reservation| reservation.status.to_string());
    play.check("the AI's reservation is rejected", ReservationStatus::Rejected, status)?;
    let conversation = twilio.conversation(&case.conversation_sid);
    let notes = conversation.map_or(0, |it| {
        it.messages.iter().filter(|message| tables::is_note(message)).count()
    });
    play.check("the conversation has exactly one note", 1, notes)
}

fn parsed(text: &str) -> Result<Members, Stopped> {
    Members::parse(text).map_err(|error| broken("this is a JSON object", text, error))
}
