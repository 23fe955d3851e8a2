//! The play, act by act.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{NewMessage, ReservationStatus, TaskStatus};

use super::Play;
use super::case::Case;
use super::handing_over;
use super::script::{SIX, Script};
use super::stage::Speaker;
use super::stopped::Stopped;
use super::tables;

/// The whole play, and the tables at its end.
pub(crate) async fn all(play: &mut Play, script: &Script) -> Result<(), Stopped> {
    let mut case = arrival(play, script).await?;
    let first_copy = play.custom_data(&case);
    conversation(play, &mut case).await?;
    handing_over::act(play, &mut case, script).await?;
    wrap_up(play, &case).await?;
    auto_close(play).await?;
    tables::show_all(play, &case, &first_copy)
}

/// Ana writes, and her task's attributes reach the AI.
async fn arrival(play: &mut Play, script: &Script) -> Result<Case, Stopped> {
    play.stage.act(1, "A customer writes")?;
    let twilio = play.world.twilio.clone();
    let conversation_sid = twilio.create_conversation().sid;
    twilio.add_chat_participant(&conversation_sid, tables::author(Speaker::Customer))?;
    let hello = "Hello, my espresso machine is leaking. I got it three weeks ago!";
    say(play, &conversation_sid, Speaker::Customer, hello)?;
    play.stage.tell(
        "Twilio Flex makes a task of it, whose attributes say what is known of her. TaskRouter routes it by its \
         workflow, to the AI first:",
    )?;

    play.world.session_api.create_session(&script.session_id);
    let mut attributes = script.attributes.clone();
    attributes.set("conversationSid", Value::from(&*conversation_sid).to_string());
    let task = twilio.create_task(&attributes.text())?;
    let reservation = play.offer(&task.sid, AI_WORKER_SID)?;
    let session_id = script.session_id.clone();
    let case = Case {
        task_sid: task.sid,
        reservation_sid: reservation.sid,
        conversation_sid,
        session_id,
        attributes,
    };
    play.show_route(&case.task_sid)?;
    play.stage.tell(
        "Twilio sends each such event to task-events, which passes wrap-ups on to auto-close, by a queue. Over the wires \
         go the events, here with the function's answer, and then the requests of the functions:",
    )?;
    play.show_wires().await?;

    play.stage
        .tell("task-events has copied the attributes to the AI's session, so that the AI knows them, too:")?;
    let custom_data = play.custom_data(&case);
    play.stage.table(&tables::changes(&BTreeMap::new(), &custom_data))?;
    play.check_custom_data(&case)?;
    if !script.changes.is_empty() {
        play.stage.tell(&format!(
            "Of the attributes in your file, {}.",
            script.changes.join(", and ")
        ))?;
    }
    Ok(case)
}

/// The AI answers, and a late attribute reaches it.
async fn conversation(play: &mut Play, case: &mut Case) -> Result<(), Stopped> {
    play.stage.act(2, "The AI answers, and learns something on the way")?;
    let sorry = "I'm sorry to hear that, Ana! Let me see what I can do about it.";
    say(play, &case.conversation_sid, Speaker::Ai, sorry)?;
    play.stage
        .tell("Meanwhile the shop's own system has looked up the warranty, and adds it to the task:")?;
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
    let offer = "Your machine is under warranty until 31 October 2028. A replacement is on its way to you.";
    say(play, &case.conversation_sid, Speaker::Ai, offer)?;
    let demand = "Thank you. But it has ruined my wooden floor! Who pays for that? I want to speak to a person.";
    say(play, &case.conversation_sid, Speaker::Customer, demand)
}

/// A human agent accepts the task and completes it.
async fn wrap_up(play: &mut Play, case: &Case) -> Result<(), Stopped> {
    play.stage.act(4, "A person takes over")?;
    play.stage.tell(
        "The task now says that it was handed over, and the AI has let go of it. So TaskRouter has gone through the \
         workflow once more, from the top:",
    )?;
    play.show_route(&case.task_sid)?;
    let reservation = play.offer(&case.task_sid, REP_WORKER_SID)?;
    play.check(
        "the task is offered to Sam, and not to the AI again",
        "Sam",
        &reservation.worker_name,
    )?;
    let twilio = play.world.twilio.clone();
    twilio.move_reservation(&reservation.sid, ReservationStatus::Accepted)?;
    play.stage.tell("Sam, a service rep, accepts:")?;
    play.show_wires().await?;
    play.stage
        .tell("In Flex, Sam sees why the task is here, and what happened so far:")?;
    play.stage.table(&tables::members(&case.attributes.only(&SIX)))?;
    play.stage
        .tell("The conversation has the same as a note, which the web chat does not show to Ana:")?;
    let conversation = twilio.conversation(&case.conversation_sid);
    for note in conversation.iter().flat_map(tables::notes) {
        play.stage.say(Speaker::Note, &note.body)?;
    }
    let hello = "Hello Ana, this is Sam. I've read about your floor, and I'm sorry: we will pay for the repair.";
    say(play, &case.conversation_sid, Speaker::Rep, hello)?;
    say(
        play,
        &case.conversation_sid,
        Speaker::Customer,
        "That's wonderful, thank you so much!",
    )?;

    play.stage
        .tell("Sam ends the chat and still has to write something down: the task is wrapping up.")?;
    twilio.end_task(&case.task_sid, TaskStatus::Wrapping, "the chat is over")?;
    play.show_wires().await?;
    play.check(
        "auto-close leaves a person's task to that person",
        TaskStatus::Wrapping,
        play.task(case)?.status,
    )?;
    play.stage.tell("Sam is done, and completes the task:")?;
    twilio.move_reservation(&reservation.sid, ReservationStatus::Completed)?;
    play.show_wires().await?;
    play.check(
        "the task is completed, by Sam",
        TaskStatus::Completed,
        play.task(case)?.status,
    )?;
    play.check_custom_data(case)
}

/// The AI resolves another task by itself.
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
        "The one with the blue cap. It came in the box.",
    )?;
    play.stage.tell(
        "Here the AI's worker has accepted the task and resolved it. The task is wrapping up, with nobody there who \
         had anything to write down, or would complete it:",
    )?;
    let session_id = "session-of-ben";
    play.world.session_api.create_session(session_id);
    let attributes = json!({"channelType": "web", "session_id": session_id, "conversationSid": conversation_sid});
    let task = twilio.create_task(&attributes.to_string())?;
    let reservation = play.offer(&task.sid, AI_WORKER_SID)?;
    twilio.move_reservation(&reservation.sid, ReservationStatus::Accepted)?;
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

/// Posts a message.
fn say(play: &mut Play, conversation_sid: &str, speaker: Speaker, text: &str) -> Result<(), Stopped> {
    let author = Some(tables::author(speaker).to_owned());
    play.world.twilio.post_message(
        conversation_sid,
        NewMessage {
            author,
            body: text.to_owned(),
            attributes: None,
        },
    )?;
    Ok(play.stage.say(speaker, text)?)
}
