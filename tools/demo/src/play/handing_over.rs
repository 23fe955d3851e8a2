//! A handoff, in which the AI platform invokes `handoff` and then asks again.

use serde_json::Value;
use simulator::twilio::ReservationStatus;
use simulator::world::HANDOFF;

use super::Play;
use super::case::Case;
use super::checks::sorted;
use super::invoking::{ActionError, values};
use super::rival::{self, Rival};
use super::script::{HANDOFF_OF, Part, SIX};
use super::stopped::Stopped;
use super::tables;
use super::wording::wording;
use crate::members::{Members, compact};

/// The errors of `handoff` that a user's file can cause.
const REFUSALS: [&str; 2] = ["AttributesTooLarge", "InvalidRequest"];

/// The attribute that differs from invite to invite.
const INVITE_SID: &str = "flexChannelInviteSid";

/// The way in which the AI gives up its task.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The AI rejects its pending reservation.
    Rejected,
    /// The AI has accepted. A new task is invited into the interaction, and the AI leaves.
    Transferred,
}

impl Play {
    /// Hands the task over, checks everything that `handoff` has done and asks again.
    pub(super) async fn hand_over(
        &mut self,
        case: &mut Case,
        part: &Part,
        way: Way,
        is_own: bool,
    ) -> Result<(), Stopped> {
        let request = request(case, &part.handoff);
        self.narrate("The AI platform invokes handoff:")?;
        self.table(&tables::members(&request))?;
        let rival = (way == Way::Rejected).then(|| Rival::of(&self.world, case));
        let outcome = self.invoke(HANDOFF, &request).await?;
        let had_rival = rival.is_some_and(|rival| rival.has_written());
        if had_rival {
            case.attributes = rival::added(case.attributes.clone());
        }
        let answer = match outcome {
            Ok(answer) => answer,
            Err(error) if is_own && REFUSALS.contains(&&*error.kind) => return self.refused(case, error),
            Err(error) => return Err(error.unexpected(HANDOFF)),
        };
        self.narrate("It answers:")?;
        self.table(&tables::members(&answer))?;
        self.check_answer(&answer, way.first_answer())?;
        self.check_six(case, &request, &answer)?;
        self.check_others(case)?;
        if way == Way::Transferred {
            self.check_new_task(case, &answer)?;
        }
        self.tell_handoff(way, had_rival, &answer)?;
        self.check_done_once(case, way)?;
        if way == Way::Rejected {
            // After a transfer, the session may show the old task until the next event of the new task.
            self.check_custom_data(case)?;
        }
        self.ask_again(case, &request, &answer, way).await
    }

    fn tell_handoff(&mut self, way: Way, had_rival: bool, answer: &Members) -> Result<(), Stopped> {
        let written = match had_rival {
            true => "handoff writes six attributes while the shop writes one: both are kept",
            false => "handoff writes six attributes, and no others",
        };
        self.stage.effect(written)?;
        let released = match way {
            Way::Rejected => "handoff then rejects the AI's reservation, and posts a note",
            Way::Transferred => "handoff invites a human agent into the chat, and then takes the AI out",
        };
        self.stage.effect(released)?;
        let warnings = answer
            .get("warnings")
            .and_then(|json| serde_json::from_str::<Vec<String>>(json).ok());
        for warning in warnings.unwrap_or_default() {
            self.stage.effect(&format!("handoff warns: {warning}"))?;
        }
        Ok(())
    }

    /// Sends the same request again, as if the answer was lost.
    async fn ask_again(&mut self, case: &Case, request: &Members, first: &Members, way: Way) -> Result<(), Stopped> {
        self.narrate("If that answer is lost, the AI platform asks again:")?;
        let before = self.attributes(case.present_task_sid())?.text();
        let answer = self.succeed(HANDOFF, request).await?;
        self.check_answer(&answer, ["unchanged", "already-released", "already-posted"])?;
        for name in ["handoffTimestamp", "newTaskSid"] {
            let step = format!("the second answer has the same {name}");
            if let Some(value) = first.get(name) {
                self.check(&step, value, answer.get(name).unwrap_or("nothing"))?;
            }
        }
        let after = self.attributes(case.present_task_sid())?.text();
        self.check("the task is as it was", before, after)?;
        self.check_done_once(case, way)
    }

    fn check_answer(&mut self, answer: &Members, expected: [&str; 3]) -> Result<(), Stopped> {
        let [attributes, reservation, note] = expected;
        let step = format!("attributes {attributes}, reservation {reservation}, note {note}");
        let came = values(answer, ["attributes", "reservation", "note"]);
        self.check(&step, expected.join(", "), came)
    }

    /// Checks that the six attributes have the texts of the handoff.
    fn check_six(&mut self, case: &Case, request: &Members, answer: &Members) -> Result<(), Stopped> {
        let attributes = self.attributes(&case.task_sid)?;
        let came = SIX.map(|name| attributes.get(name).map(compact).unwrap_or_default());
        let warnings = answer.get("warnings").unwrap_or_default();
        let names = ["reason", "summary", "sentiment", "language"];
        let mut expected = vec!["true".to_owned()];
        expected.extend(names.iter().zip(&came[1..]).map(|(name, came)| {
            let given = request.get(name).unwrap_or_default();
            wording(name, given, came, warnings)
        }));
        expected.push(answer.get("handoffTimestamp").unwrap_or_default().to_owned());
        let step = "the task has the six attributes of the handoff";
        self.check(step, expected.join(", "), came.join(", "))
    }

    /// Checks that the handoff has left all other attributes of the AI's task alone.
    fn check_others(&mut self, case: &Case) -> Result<(), Stopped> {
        let others = self.attributes(&case.task_sid)?.without(&SIX);
        let step = format!(
            "the other {} attributes are what they were, byte for byte",
            others.len()
        );
        self.check(&step, case.attributes.text(), others.text())
    }

    /// Checks that the new task has all attributes of the AI's task and names the task that it continues.
    fn check_new_task(&mut self, case: &mut Case, answer: &Members) -> Result<(), Stopped> {
        let new_task_sid = values(answer, ["newTaskSid"]);
        let new = self.attributes(&new_task_sid)?;
        let old = self.attributes(&case.task_sid)?;
        let mine = |members: &Members| format!("{:?}", sorted(&members.without(&[HANDOFF_OF, INVITE_SID])));
        self.check("the new task has the same attributes", mine(&old), mine(&new))?;
        let continues = format!(
            r#"{{"taskSid":"{}","reservationSid":"{}"}}"#,
            case.task_sid, case.reservation_sid
        );
        let came = new.get(HANDOFF_OF).map(compact).unwrap_or_default();
        self.check("the new task says which task it continues", continues, came)?;
        case.new_task_sid = Some(new_task_sid);
        Ok(())
    }

    /// Checks that there is a single released reservation, a single note and no needless task, however often the
    /// handoff was requested.
    fn check_done_once(&mut self, case: &Case, way: Way) -> Result<(), Stopped> {
        let reservation = self.world.twilio.reservation(&case.reservation_sid);
        let status = reservation.map_or_else(|| "gone".to_owned(), |reservation| reservation.status.to_string());
        let released = way.released();
        self.check(&format!("the AI's reservation is {released}"), released, status)?;
        self.check("the conversation has exactly one note", 1, self.notes(case))?;
        let (step, invites) = match way {
            Way::Rejected => ("there is no further task", 1),
            Way::Transferred => ("there is exactly one new task", 2),
        };
        self.check(step, invites, self.invites(case))
    }

    /// Handles the refusal of the user's own task or handoff. Nothing may then be written.
    fn refused(&mut self, case: &Case, error: ActionError) -> Result<(), Stopped> {
        let came = self.attributes(&case.task_sid)?.text();
        self.check("nothing was written", case.attributes.text(), came)?;
        Err(Stopped::Refused {
            by: HANDOFF,
            kind: error.kind,
            message: error.message,
        })
    }
}

impl Way {
    /// The first answer's results for attributes, reservation and note.
    fn first_answer(self) -> [&'static str; 3] {
        match self {
            Self::Rejected => ["updated", "rejected", "posted"],
            Self::Transferred => ["updated", "transferred", "posted"],
        }
    }

    fn released(self) -> ReservationStatus {
        match self {
            Self::Rejected => ReservationStatus::Rejected,
            Self::Transferred => ReservationStatus::Completed,
        }
    }
}

fn request(case: &Case, handoff: &Members) -> Members {
    let mut request = handoff.clone();
    for (name, sid) in [
        ("taskSid", &case.task_sid),
        ("reservationSid", &case.reservation_sid),
        ("conversationSid", &case.conversation_sid),
    ] {
        request.set(name, Value::from(&**sid).to_string());
    }
    request
}
