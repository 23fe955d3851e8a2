//! Writes the attributes and then the reservation, against the versions that were read. Decides again after each
//! change.

use flex_handoff::attributes::Attributes;
use flex_handoff::attributes::handoff::HandoffAttributes;
use flex_handoff::clients::taskrouter::{ReservationStatus, Task};
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::action::{ActionError, RefusedPart};
use flex_handoff::jobs::find_task::HandoffOf;
use flex_handoff::jobs::reservation_choice::{find_reservation, or_open_one};
use flex_handoff::twilio::sid::TaskSid;
use flex_handoff::upstream::answer::{CallError, found};

use crate::Handoff;
use crate::decide::{NextStep, Snapshot};
use crate::progress::{Claim, Progress, Released, Stale, Version, Write, six};
use crate::request::HandoffRequest;
use crate::transfer::{Transfer, Transferred};

impl Handoff {
    /// Reads the task and the reservation at the same time. If a handoff of the named reservation made this task, the
    /// task that was handed off is used instead.
    pub(crate) async fn look(
        &self,
        invocation: &Invocation,
        task: &mut TaskSid,
        request: &HandoffRequest,
    ) -> Result<Snapshot, ActionError> {
        let named = request.reservation.as_ref();
        let reservation = find_reservation(&self.taskrouter, invocation, task, named, &self.ai_workers);
        let (read, reservation) = tokio::try_join!(self.read_task(invocation, task), reservation)?;
        let attributes = Attributes::parse(read.attributes.as_deref().unwrap_or_default()).ok();
        let made_by = attributes.as_ref().and_then(HandoffOf::read);
        match made_by.filter(|made_by| Some(&made_by.reservation_sid) == named && made_by.task_sid != *task) {
            Some(made_by) => {
                *task = made_by.task_sid;
                let reservation = find_reservation(&self.taskrouter, invocation, task, named, &self.ai_workers);
                let (read, reservation) = tokio::try_join!(self.read_task(invocation, task), reservation)?;
                Snapshot::new(read, reservation)
            }
            None => Snapshot::new(read, reservation),
        }
    }

    /// Reads the stale parts again. A reservation that this run may have rejected stays the handoff's reservation. If a
    /// reservation was released in another way, an open reservation replaces it.
    async fn look_again(
        &self,
        stale: Stale,
        invocation: &Invocation,
        task: &TaskSid,
        snapshot: &mut Snapshot,
        reject: Claim,
    ) -> Result<(), ActionError> {
        let sid = snapshot.reservation.sid.clone();
        let reservation = async {
            let read = found(self.taskrouter.reservation(invocation, task, &sid).await)?;
            match &read {
                Some(read) if read.status == ReservationStatus::Rejected && reject == Claim::Maybe => {}
                _ => return or_open_one(&self.taskrouter, invocation, task, read, &self.ai_workers).await,
            }
            Ok(read)
        };
        *snapshot = match stale {
            Stale::Nothing => return Ok(()),
            Stale::Task => Snapshot::new(
                self.read_task(invocation, task).await?,
                Some(snapshot.reservation.clone()),
            )?,
            Stale::Reservation => match reservation.await? {
                Some(reservation) if reservation.sid == sid => Snapshot::new(snapshot.task.clone(), Some(reservation))?,
                // The reservation decides whether the attributes are this handoff's.
                other => Snapshot::new(self.read_task(invocation, task).await?, other)?,
            },
            Stale::Both => {
                let (read, reservation) = tokio::try_join!(self.read_task(invocation, task), reservation)?;
                Snapshot::new(read, reservation)?
            }
        };
        Ok(())
    }

    /// Writes the handoff attributes and rejects the reservation, unless that is done already. If TaskRouter refuses to
    /// reject an accepted reservation, or Flex refuses to make the new task, the attributes that this run wrote are
    /// taken back.
    pub(crate) async fn release(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        request: &HandoffRequest,
        transfer: Option<Transfer>,
        mut snapshot: Snapshot,
    ) -> Result<Released, ActionError> {
        let mut progress = Progress::new();
        let released = self.release_with(&mut progress, invocation, task, request, transfer, &mut snapshot);
        let released = released.await;
        let is_accepted = snapshot.reservation.status == ReservationStatus::Accepted;
        let is_refused = is_accepted && matches!(released, Err(ActionError::ReservationNotRejectable));
        if is_refused || progress.is_invite_refused {
            self.take_back(&mut progress, invocation, task, snapshot.task).await?;
        }
        released
    }

    async fn release_with(
        &self,
        progress: &mut Progress,
        invocation: &Invocation,
        task: &TaskSid,
        request: &HandoffRequest,
        mut transfer: Option<Transfer>,
        snapshot: &mut Snapshot,
    ) -> Result<Released, ActionError> {
        loop {
            let handoff_of = transfer.as_ref().map(|transfer| &transfer.handoff_of);
            let decided = match snapshot.decide(request, handoff_of, invocation.now()) {
                // Another run may have made the handoff after the task was read and before the reservation was read.
                Err(ActionError::ReservationNotRejectable)
                    if snapshot.reservation.status.is_wrapped_up() && !progress.has_looked_again =>
                {
                    NextStep::LookAgain
                }
                decided => decided?,
            };
            let stale = match decided {
                NextStep::Done(six) => return Ok(progress.released(snapshot.clone(), six)),
                NextStep::Transfer(six) => {
                    let Some(transfer) = &transfer else {
                        return Err(ActionError::Unavailable);
                    };
                    match self.transfer(progress, invocation, request, transfer, snapshot).await? {
                        Transferred::Done => return Ok(progress.released(snapshot.clone(), six)),
                        Transferred::Not(stale) => stale,
                    }
                }
                NextStep::Write(attributes) => {
                    let write = self.write(progress, invocation, task, snapshot, attributes);
                    write.await?
                }
                NextStep::Reject => self.reject(progress, invocation, task, snapshot).await?,
                NextStep::LookAgain if progress.has_looked_again => return Err(ActionError::Unavailable),
                NextStep::LookAgain => {
                    progress.has_looked_again = true;
                    Stale::Both
                }
            };
            let before = (snapshot.reservation.sid.clone(), snapshot.reservation.status);
            self.look_again(stale, invocation, task, snapshot, progress.release)
                .await?;
            if before != (snapshot.reservation.sid.clone(), snapshot.reservation.status) {
                // The AI may have accepted the reservation just now.
                transfer = self.find_transfer(invocation, task, snapshot).await?;
            }
        }
    }

    pub(crate) async fn write(
        &self,
        progress: &mut Progress,
        invocation: &Invocation,
        task: &TaskSid,
        snapshot: &mut Snapshot,
        attributes: String,
    ) -> Result<Stale, ActionError> {
        let etag = snapshot.task.etag.take();
        let etag = etag.ok_or(ActionError::Refused(RefusedPart::Etag))?;
        let before = snapshot.task.attributes.take().unwrap_or_default();
        progress.refusal = None;
        let written = self
            .taskrouter
            .write_attributes(invocation, task, &etag, attributes.clone())
            .await;
        match Claim::of(&written) {
            // After a 412 the attributes are another run's.
            Claim::Not if written == Err(CallError::PreconditionFailed) => progress.write = None,
            Claim::Not => {}
            claim => {
                progress.write = Some(Write {
                    before,
                    attributes: attributes.clone(),
                    claim,
                    was_released: snapshot.reservation.status.is_released(),
                });
            }
        }
        match written {
            Ok(()) => {
                snapshot.task.attributes = Some(attributes);
                Ok(Stale::Nothing)
            }
            Err(error) => {
                let stale = match &error {
                    CallError::Unavailable(_) => Stale::Task,
                    _ => Stale::Both,
                };
                let version = Version::Task(Some(etag));
                progress.prepare_again(invocation, error, version).await?;
                Ok(stale)
            }
        }
    }

    pub(crate) async fn reject(
        &self,
        progress: &mut Progress,
        invocation: &Invocation,
        task: &TaskSid,
        snapshot: &mut Snapshot,
    ) -> Result<Stale, ActionError> {
        let reservation = &mut snapshot.reservation;
        match progress.refusal.take() {
            // The reservation has not changed since, so the refusal was meant.
            Some((status, refusal)) if status == reservation.status => {
                return Err(match status {
                    ReservationStatus::Accepted => ActionError::ReservationNotRejectable,
                    _ => refusal.into(),
                });
            }
            _ => {}
        }
        let rejected = self.taskrouter.reject(invocation, task, reservation).await;
        progress.claim_release(&rejected);
        match rejected {
            Ok(()) => {
                reservation.status = ReservationStatus::Rejected;
                Ok(Stale::Nothing)
            }
            Err(refusal @ CallError::Refused { .. }) => {
                progress.refusal = Some((reservation.status, refusal));
                Ok(Stale::Both)
            }
            Err(error) => {
                let stale = match &error {
                    CallError::Unavailable(_) => Stale::Reservation,
                    _ => Stale::Both,
                };
                let version = Version::Reservation(reservation.etag.clone());
                progress.prepare_again(invocation, error, version).await?;
                Ok(stale)
            }
        }
    }

    /// Takes the attributes back if they are still those that this run wrote. If Twilio refuses, nothing is left to do.
    async fn take_back(
        &self,
        progress: &mut Progress,
        invocation: &Invocation,
        task: &TaskSid,
        seen: Task,
    ) -> Result<(), ActionError> {
        let Some(write) = progress.write.take().filter(|write| !write.is_takeover()) else {
            return Ok(());
        };
        let (Ok(before), Some(own)) = (Attributes::parse(&write.before), six(&write.attributes)) else {
            return Ok(());
        };
        // A task without an ETag was read before a write.
        let mut seen = Some(seen).filter(|seen| seen.etag.is_some());
        loop {
            let read = match seen.take() {
                Some(seen) => Some(seen),
                None => found(self.taskrouter.task(invocation, task).await)?,
            };
            let Some(read) = read else { return Ok(()) };
            let text = read.attributes.unwrap_or_default();
            let (Ok(attributes), Some(etag)) = (Attributes::parse(&text), read.etag) else {
                return Ok(());
            };
            if HandoffAttributes::read(&attributes).as_ref() != Some(&own) {
                return Ok(());
            }
            let attributes = HandoffAttributes::take_back(&attributes, &before);
            let written = self
                .taskrouter
                .write_attributes(invocation, task, &etag, attributes)
                .await;
            match written {
                Err(error @ (CallError::Unavailable(_) | CallError::PreconditionFailed)) => {
                    let version = Version::Task(Some(etag));
                    progress.prepare_again(invocation, error, version).await?;
                }
                _ => return Ok(()),
            }
        }
    }

    async fn read_task(&self, invocation: &Invocation, task: &TaskSid) -> Result<Task, ActionError> {
        found(self.taskrouter.task(invocation, task).await)?.ok_or(ActionError::TaskNotFound)
    }
}
