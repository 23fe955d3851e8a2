//! Another system that writes to a task at the same moment as `handoff`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;
use simulator::exchange::Upstream;
use simulator::fault::{Effect, Fault};
use simulator::world::World;

use super::case::Case;
use crate::members::Members;

/// The attribute that the other system sets.
pub(super) const NAME: &str = "parcel";
const VALUE: &str = r#"{"status":"shipped"}"#;

/// Writes once, just before the next write to the task arrives.
pub(super) struct Rival {
    has_written: Arc<AtomicBool>,
}

impl Rival {
    pub(super) fn of(world: &World, case: &Case) -> Self {
        let has_written = Arc::new(AtomicBool::new(false));
        let (written, twilio, task_sid) = (has_written.clone(), world.twilio.clone(), case.task_sid.clone());
        let write = Effect::run(move || {
            // The task may be too full for another attribute if its attributes are from a file.
            let edited =
                twilio.edit_attributes(&task_sid, |text| added(Members::parse(text).unwrap_or_default()).text());
            written.store(edited.is_ok(), Ordering::SeqCst);
        });
        let at_task = Fault::at(Upstream::TaskRouter).method(Method::POST);
        world
            .faults
            .add(at_task.path_ends_with(case.task_sid.clone()).before(write));
        Self { has_written }
    }

    pub(super) fn has_written(&self) -> bool {
        self.has_written.load(Ordering::SeqCst)
    }
}

/// The attributes with the other system's attribute.
pub(super) fn added(mut attributes: Members) -> Members {
    attributes.set(NAME, VALUE.to_owned());
    attributes
}
