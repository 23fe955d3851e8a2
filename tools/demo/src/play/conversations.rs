//! The three conversations.

use serde_json::Value;
use simulator::twilio::TaskStatus;
use simulator::world::{REPLY, RESOLVE};

use super::Play;
use super::case::Case;
use super::chat::reply_request;
use super::handing_over::Way;
use super::invoking::values;
use super::promises;
use super::script::{Part, Script};
use super::stopped::Stopped;
use crate::members::Members;

/// Plays all three conversations and then checks the promises.
pub(crate) async fn all(play: &mut Play, script: &Script) -> Result<(), Stopped> {
    play.narrate(
        "A line below has an event with the function's answer, or a request of the functions with its status, how often \
         it was sent (\u{d7}), and the longest time until its answer.",
    )?;
    let [first, second, third] = &script.parts;
    let ana = handed_over(play, first, script.is_own).await?;
    let ben = handed_over_after_accepting(play, second, script.is_own).await?;
    let eva = resolved(play, third).await?;
    promises::check(play, &ana, &ben, &eva)
}

/// Plays a handoff in which the AI leaves its reservation pending while it talks.
async fn handed_over(play: &mut Play, part: &Part, is_own: bool) -> Result<Case, Stopped> {
    let mut case = play.arrive(part).await?;
    let attributes = case.attributes.len();
    play.stage.effect(&format!(
        "task-events copies the task's {attributes} attributes to the AI's session"
    ))?;
    talk(play, &case, part).await?;
    play.hand_over(&mut case, part, Way::Rejected, is_own).await?;
    play.human_agent(&case, part.dialogue.greeting.unwrap_or_default())
        .await?;
    Ok(case)
}

/// Plays a handoff after the AI has accepted its reservation. TaskRouter then doesn't let the AI reject.
async fn handed_over_after_accepting(play: &mut Play, part: &Part, is_own: bool) -> Result<Case, Stopped> {
    let mut case = play.arrive(part).await?;
    play.accept_as_ai(&case).await?;
    play.stage
        .effect("TaskRouter assigns the task, so the AI can no longer reject it")?;
    talk(play, &case, part).await?;
    play.hand_over(&mut case, part, Way::Transferred, is_own).await?;
    reply_too_late(play, &case).await?;
    play.human_agent(&case, part.dialogue.greeting.unwrap_or_default())
        .await?;
    Ok(case)
}

/// Lets the AI send a message after its handoff.
async fn reply_too_late(play: &mut Play, case: &Case) -> Result<(), Stopped> {
    play.narrate("The AI still has a message on its way:")?;
    let outcome = play
        .invoke(REPLY, &reply_request(case, "late", "Anything else?"))
        .await?;
    let came = outcome.map_or_else(|error| error.kind, |answer| answer.text());
    play.check("the AI's late message is refused", "HandedOff", came)?;
    Ok(play
        .stage
        .effect("reply refuses a late message of the AI (HandedOff)")?)
}

/// Plays a conversation without a human agent.
async fn resolved(play: &mut Play, part: &Part) -> Result<Case, Stopped> {
    let case = play.arrive(part).await?;
    play.accept_as_ai(&case).await?;
    talk(play, &case, part).await?;
    let mut request = Members::default();
    for (name, sid) in [("taskSid", &case.task_sid), ("reservationSid", &case.reservation_sid)] {
        request.set(name, Value::from(&**sid).to_string());
    }
    play.narrate("The AI platform invokes resolve:")?;
    let answer = play.succeed(RESOLVE, &request).await?;
    let fields = ["session", "reservation", "close"];
    let step = "session marked, reservation wrapping, close queued";
    play.check(step, "marked, wrapping, queued", values(&answer, fields))?;
    let session = play.custom_data(&case);
    let mark = ["flex_resolved", "flex_resolved_task_sid"].map(|name| session.get(name).cloned().unwrap_or_default());
    let step = "the session says that this task is resolved";
    play.check(step, format!("true, \"{}\"", case.task_sid), mark.join(", "))?;
    play.check_custom_data(&case)?;
    let status = play.task(&case.task_sid)?.status;
    play.check("the resolved task is completed", TaskStatus::Completed, status)?;
    play.stage
        .effect("resolve marks the AI's session, and releases the task")?;
    play.stage
        .effect("auto-close completes the task: no human agent was needed")?;
    Ok(case)
}

/// Lets the AI reply and the customer write again.
async fn talk(play: &mut Play, case: &Case, part: &Part) -> Result<(), Stopped> {
    play.reply(case, part.dialogue.reply).await?;
    play.write(&case.conversation_sid, case.customer, part.dialogue.response)
}
