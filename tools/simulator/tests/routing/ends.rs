//! How the routing of a task ends before its time.

use simulator::twilio::ReservationStatus::{Pending, Rejected};
use simulator::twilio::TaskStatus;

use crate::scene::{WEB_CHAT, answer, offers, task, world};

#[tokio::test]
async fn a_task_is_canceled_after_a_thousand_rejections() {
    let world = world().await;
    let twilio = &world.twilio;
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    for _ in 0..999 {
        answer(twilio, &sid, Rejected);
    }
    assert_eq!(offers(twilio, &sid).pop().unwrap().1, Pending);
    answer(twilio, &sid, Rejected);

    assert_eq!(task(twilio, &sid).status, TaskStatus::Canceled);
    assert_eq!(offers(twilio, &sid).len(), 1_000);
}
