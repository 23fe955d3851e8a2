//! The third act: the AI invokes `handoff` twice.

use serde_json::Value;
use simulator::lambda::Invocation;
use simulator::twilio::ReservationStatus;
use simulator::world::HANDOFF;

use super::case::Case;
use super::script::{SIX, Script};
use super::stopped::Stopped;
use super::tables;
use super::{Play, broken};
use crate::members::{Members, compact};

/// The error of `handoff` that a file of the audience can cause.
const REFUSAL: &str = "AttributesTooLarge";

pub(crate) async fn act(play: &mut Play, case: &mut Case, script: &Script) -> Result<(), Stopped> {
    play.stage.act(3, "The AI hands over to a person")?;
    play.stage.tell(
        "That is not for the AI to decide, so its platform calls the function handoff, with what a person should know:",
    )?;
    let request = request(case, script);
    play.stage.table(&tables::members(&request))?;
    let before = play.task(case)?;
    let invocation = invoke(play, &request).await;
    play.show_wires().await?;
    if invocation.function_error.is_some() {
        play.check(
            "nothing was written: the task is as it was",
            before.version,
            play.task(case)?.version,
        )?;
        return Err(refusal(&invocation, script));
    }
    let answer = parsed(&invocation)?;
    play.stage.tell("It answers:")?;
    play.stage.table(&tables::members(&answer))?;

    check_answer(play, &answer, ["updated", "rejected", "posted"])?;
    let attributes = play.attributes(case)?;
    check_six(play, &attributes, &request, &answer)?;
    let others = attributes.without(&SIX);
    let step = format!(
        "the other {} attributes are what they were, byte for byte",
        others.len()
    );
    play.check(&step, case.attributes.text(), others.text())?;
    case.attributes = attributes;
    check_done_once(play, case)?;
    play.check_custom_data(case)?;
    again(play, case, &request, &answer).await
}

/// Sends the same request again, as after a lost answer.
async fn again(play: &mut Play, case: &Case, request: &Members, first: &Members) -> Result<(), Stopped> {
    play.stage
        .tell("Were that answer lost, the AI platform would ask again. It does:")?;
    let before = play.task(case)?;
    let invocation = invoke(play, request).await;
    play.show_wires().await?;
    let answer = parsed(&invocation)?;
    check_answer(play, &answer, ["unchanged", "already-released", "already-posted"])?;
    let time = |answer: &Members| answer.get("handoffTimestamp").map(str::to_owned).unwrap_or_default();
    play.check("the second answer has the first one's time", time(first), time(&answer))?;
    play.check("the task is as it was", before.version, play.task(case)?.version)?;
    check_done_once(play, case)
}

fn request(case: &Case, script: &Script) -> Members {
    let mut request = script.handoff.clone();
    request.set("taskSid", Value::from(&*case.task_sid).to_string());
    request.set("reservationSid", Value::from(&*case.reservation_sid).to_string());
    request.set("conversationSid", Value::from(&*case.conversation_sid).to_string());
    request
}

async fn invoke(play: &Play, request: &Members) -> Invocation {
    play.world.lambda.invoke(HANDOFF, request.text().into_bytes()).await
}

fn parsed(invocation: &Invocation) -> Result<Members, Stopped> {
    let text = String::from_utf8_lossy(&invocation.payload);
    match (Members::parse(&text), &invocation.function_error) {
        (Ok(answer), None) => Ok(answer),
        _ => Err(broken("handoff answers", "what it has done", text)),
    }
}

/// Shows an error of the function: caused by the audience's file, or unexpected.
fn refusal(invocation: &Invocation, script: &Script) -> Stopped {
    let error: Value = serde_json::from_slice(&invocation.payload).unwrap_or_default();
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    let (kind, message) = (text("errorType"), text("errorMessage"));
    if script.is_own && kind == REFUSAL {
        return Stopped::Refused {
            by: HANDOFF,
            kind,
            message,
        };
    }
    broken("handoff answers", "what it has done", format!("{kind}: {message}"))
}

fn check_answer(play: &mut Play, answer: &Members, [attributes, reservation, note]: [&str; 3]) -> Result<(), Stopped> {
    let expected = [attributes, reservation, note].map(|word| format!("{word:?}"));
    let came = ["attributes", "reservation", "note"].map(|name| answer.get(name).unwrap_or("nothing"));
    let step = format!("attributes {attributes}, reservation {reservation}, note {note}");
    play.check(&step, expected.join(", "), came.join(", "))
}

/// Checks that the six have the texts of the handoff.
fn check_six(play: &mut Play, attributes: &Members, request: &Members, answer: &Members) -> Result<(), Stopped> {
    let came = SIX.map(|name| attributes.get(name).map(compact).unwrap_or_default());
    let warnings = answer.get("warnings").unwrap_or_default();
    let names = ["reason", "summary", "sentiment", "language"];
    let mut expected = vec!["true".to_owned()];
    expected.extend(names.iter().zip(&came[1..]).map(|(name, came)| {
        let given = request.get(name).unwrap_or_default();
        wording(name, given, came, warnings)
    }));
    expected.push(answer.get("handoffTimestamp").unwrap_or_default().to_owned());
    play.check(
        "the task has the six attributes of the handoff",
        expected.join(", "),
        came.join(", "),
    )
}

/// The text to expect on the task: the actual one, if it differs only as it may (trimmed, cut to fit TaskRouter's
/// limit, a language tag in canonical case, a sentiment under its other name), or if a warning names its field.
fn wording(name: &str, given: &str, came: &str, warnings: &str) -> String {
    if warnings.contains(name) {
        return came.to_owned();
    }
    let text = |json: &str| serde_json::from_str::<String>(json).unwrap_or_default();
    let (given_text, came_text) = (text(given), text(came));
    let trimmed = given_text.trim();
    let is_shortened = came_text
        .strip_suffix('…')
        .is_some_and(|start| trimmed.starts_with(start.trim_end()));
    let is_synonym = matches!((trimmed, &*came_text), ("happy", "positive") | ("angry", "negative"));
    if is_shortened || is_synonym || trimmed.eq_ignore_ascii_case(&came_text) {
        came.to_owned()
    } else {
        compact(given)
    }
}

/// Checks that there is one rejected reservation and one note, however often the handoff was requested.
fn check_done_once(play: &mut Play, case: &Case) -> Result<(), Stopped> {
    let reservation = play.world.twilio.reservation(&case.reservation_sid);
    let status = reservation.map_or_else(|| "gone".to_owned(), |reservation| reservation.status.to_string());
    play.check("the AI's reservation is rejected", ReservationStatus::Rejected, status)?;
    let conversation = play.world.twilio.conversation(&case.conversation_sid);
    let notes = conversation.map_or(0, |conversation| tables::notes(&conversation).count());
    play.check("the conversation has exactly one note", 1, notes)
}
