//! Sends the state to every browser that shows the page.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt};

use super::present::Page;
use super::view::state::State;

/// Changes within this time are sent together.
const PAUSE: Duration = Duration::from_millis(50);

/// Sends the present state, and the state after every change.
pub(crate) async fn live(Shared(page): Shared<Page>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let states = WatchStream::new(page.state.subscribe()).filter(|state| !state.is_empty());
    let events = states.map(|state| Ok(Event::default().event("state").data(&*state)));
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// Follows the present world for ever.
pub(crate) async fn tell(page: Page) {
    loop {
        // Marks the state as seen before it is read, so that a change from here on is sent in the next round.
        let mut replaced = page.replaced();
        let desk = page.desk();
        let mut exchanges = desk.world.exchanges.changed();
        let mut invocations = desk.world.lambda.changed();
        let mut twilio = desk.world.twilio.changed();
        let mut deliveries = desk.world.twilio.deliveries_changed();
        let mut queues = desk.world.sqs.changed();
        let mut doings = desk.doings.changed();

        page.state.send_replace(Arc::from(State::of(&desk).json()));
        drop(desk);
        tokio::time::sleep(PAUSE).await;
        tokio::select! {
            _ = replaced.changed() => {}
            _ = exchanges.changed() => {}
            _ = invocations.changed() => {}
            _ = twilio.changed() => {}
            _ = deliveries.changed() => {}
            _ = queues.changed() => {}
            _ = doings.changed() => {}
        }
    }
}
