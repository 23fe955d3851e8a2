//! Event Streams, for tests and the command line.

use tokio::sync::watch;

use super::account::Twilio;
use super::callbacks::EventsFilter;
use super::event_streams::{Disorder, Sink, SinkDelivery, Subscription};
use super::refusal::Refusal;

impl Twilio {
    /// The sinks in the order of their creation.
    pub fn sinks(&self) -> Vec<Sink> {
        self.in_event_streams(|streams| streams.sinks().to_vec())
    }

    /// The subscriptions in the order of their creation.
    pub fn subscriptions(&self) -> Vec<Subscription> {
        self.in_event_streams(|streams| streams.subscriptions().to_vec())
    }

    /// Creates a webhook sink for TaskRouter's events. The filter is a comma-separated list of event types without
    /// their prefix. An empty filter admits all types.
    ///
    /// # Errors
    /// If `destination` is not an absolute HTTP URL, the filter admits no type, or there are 100 sinks.
    pub fn create_sink(&self, destination: &str, batch_events: bool, events_filter: &str) -> Result<Sink, Refusal> {
        let filter = EventsFilter::of(events_filter);
        self.in_event_streams(|streams| streams.create_webhook(destination, batch_events, &filter))
    }

    /// All deliveries to webhook sinks in the order of their start.
    pub fn sink_deliveries(&self) -> Vec<SinkDelivery> {
        self.sink_deliveries_from(0)
    }

    /// The number of deliveries to webhook sinks so far.
    pub fn sink_delivery_count(&self) -> usize {
        self.0.streams.delivery_count()
    }

    /// The deliveries to webhook sinks from `number` on, counted from 0.
    pub fn sink_deliveries_from(&self, number: usize) -> Vec<SinkDelivery> {
        self.0.streams.deliveries_from(number)
    }

    /// Changes whenever a delivery to a sink starts and whenever an attempt ends.
    pub fn sink_deliveries_changed(&self) -> watch::Receiver<()> {
        self.0.streams.changed()
    }

    /// Replaces earlier faults of deliveries to sinks with these faults. Deliveries held for reordering are sent.
    pub fn set_disorder(&self, disorder: Disorder) {
        self.0.streams.set_disorder(disorder);
    }

    /// Sends the test event to a sink.
    pub(super) fn test_sink(&self, sid: &str) -> Result<(), Refusal> {
        self.in_event_streams(|resources| {
            let test_id = self.0.streams.test(resources.sink(sid)?);
            resources.add_test(sid, test_id);
            Ok(())
        })
    }
}
