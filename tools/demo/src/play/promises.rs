//! The four promises, checked again at the end over all three conversations.

use http::Method;
use simulator::exchange::{Exchange, Upstream};
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{Event, TaskStatus};
use simulator::world::{AUTO_CLOSE, HANDOFF};

use super::Play;
use super::case::Case;
use super::checks::{differences, sorted};
use super::script::{HANDOFF_OF, SIX};
use super::stopped::Stopped;

pub(super) fn check(play: &mut Play, ana: &Case, ben: &Case, eva: &Case) -> Result<(), Stopped> {
    play.stage.heading("Checks")?;
    nothing_lost(play, &[ana, ben, eva])?;
    no_way_back(play, &[ana, ben, eva])?;
    nothing_twice(play, &[ana, ben])?;
    right_ends(play, ana, ben, eva)
}

impl Play {
    /// Makes a check that is always shown.
    fn promise(&mut self, text: &str, expected: &[String], came: &[String]) -> Result<(), Stopped> {
        let shown = self.shows_wires;
        self.check(text, expected.join("\n"), came.join("\n"))?;
        if shown { Ok(()) } else { Ok(self.stage.passed(text)?) }
    }

    /// The number of times that the worker was offered the task.
    fn offers(&self, task_sid: &str, worker_sid: &str) -> usize {
        let is_offer = |event: &&Event| {
            event.event_type == "reservation.created"
                && event.field("TaskSid") == Some(task_sid)
                && event.field("WorkerSid") == Some(worker_sid)
        };
        self.world.twilio.events().iter().filter(is_offer).count()
    }

    /// The number of the functions' requests that end the present task.
    fn endings(&self, case: &Case) -> usize {
        let ends = |exchange: &&Exchange| {
            exchange.path.ends_with(case.present_task_sid()) && exchange.field("AssignmentStatus").is_some()
        };
        let requests = self.world.exchanges.of(Upstream::TaskRouter);
        requests.iter().filter(ends).count()
    }

    /// The number of the functions' requests that take an agent out of the interaction.
    fn removals(&self, case: &Case) -> usize {
        let removes = |exchange: &&Exchange| {
            exchange.method == Method::POST
                && exchange.path.contains(&case.interaction_sid)
                && exchange.path.contains("/Participants/")
        };
        let requests = self.world.exchanges.of(Upstream::Flex);
        requests.iter().filter(removes).count()
    }

    /// The number of invocations of a function whose payload has this text.
    fn invocations(&self, function: &str, text: &str) -> usize {
        let has_text = |payload: &[u8]| String::from_utf8_lossy(payload).contains(text);
        let invocations = self.world.lambda.invocations();
        let matching = invocations
            .iter()
            .filter(|invoked| invoked.function == function && has_text(&invoked.payload));
        matching.count()
    }
}

/// Checks that the tasks have all attributes of others and that the sessions have all attributes of the tasks.
fn nothing_lost(play: &mut Play, cases: &[&Case]) -> Result<(), Stopped> {
    let (mut expected, mut came, mut kept) = (Vec::new(), Vec::new(), 0);
    for case in cases {
        let others = play.attributes(&case.task_sid)?.without(&SIX).without(&[HANDOFF_OF]);
        let given = case.attributes.without(&[HANDOFF_OF]);
        kept += given.len();
        expected.push(differences(&sorted(&given), &sorted(&others)));
        came.push(differences(&sorted(&others), &sorted(&given)));
        let (wanted, data) = play.custom_data_and_expected(case)?;
        expected.push(differences(&wanted, &data));
        came.push(differences(&data, &wanted));
    }
    let text = format!("Nothing is lost: {kept} attributes of others untouched, AI sessions up to date");
    play.promise(&text, &expected, &came)
}

/// Checks that the AI is offered each customer only once and never after a handoff.
fn no_way_back(play: &mut Play, cases: &[&Case]) -> Result<(), Stopped> {
    let (mut expected, mut came) = (Vec::new(), Vec::new());
    for case in cases {
        let (old, new) = (&*case.task_sid, case.present_task_sid());
        let is_handed_over = play.attributes(new)?.get("handedOff") == Some("true");
        let of_sam = play.offers(new, REP_WORKER_SID);
        let of_ai = play.offers(old, AI_WORKER_SID) + if new == old { 0 } else { play.offers(new, AI_WORKER_SID) };
        expected.push(format!("1 offer to the AI, {} to Sam", usize::from(is_handed_over)));
        came.push(format!("{of_ai} offer to the AI, {of_sam} to Sam"));
    }
    play.promise(
        "No way back to the bot: after a handoff, only Sam is offered the task",
        &expected,
        &came,
    )
}

/// Checks that each handoff was requested twice and happened once.
fn nothing_twice(play: &mut Play, cases: &[&Case]) -> Result<(), Stopped> {
    let (mut expected, mut came) = (Vec::new(), Vec::new());
    for case in cases {
        let tasks = 1 + usize::from(case.new_task_sid.is_some());
        expected.push(format!("2 requests, 1 note, {tasks} tasks"));
        let (requests, notes) = (play.invocations(HANDOFF, &case.task_sid), play.notes(case));
        came.push(format!(
            "{requests} requests, {notes} note, {} tasks",
            play.invites(case)
        ));
    }
    play.promise(
        "Nothing happens twice: each handoff was asked for twice, and done once",
        &expected,
        &came,
    )
}

/// Checks that `auto-close` ended Eva's task because of `resolve`. No function may have ended a task of Sam's. Only
/// Ben's AI may have been taken out of a conversation with Sam.
fn right_ends(play: &mut Play, ana: &Case, ben: &Case, eva: &Case) -> Result<(), Stopped> {
    let of_sam = [ana, ben].map(|case| (play.endings(case), play.removals(case)));
    let message = format!(
        r#"\"taskSid\":\"{}\",\"reservationSid\":\"{}\",\"cause\":\"resolved\""#,
        eva.task_sid, eva.reservation_sid
    );
    let is_told = play.invocations(AUTO_CLOSE, &message) > 0;
    let came = format!("{of_sam:?}, {is_told}, {}", play.task(&eva.task_sid)?.status);
    let expected = format!("[(0, 0), (0, 1)], true, {}", TaskStatus::Completed);
    play.promise(
        "Nothing ends early: Ana's and Ben's tasks waited for Sam; Eva's was closed",
        &[expected],
        &[came],
    )
}
