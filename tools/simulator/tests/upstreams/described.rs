//! Checks the answers of Twilio's products against Twilio's OpenAPI description, if `TWILIO_OPENAPI` names a folder
//! with the description.

use std::path::PathBuf;
use std::sync::OnceLock;

use simulator::exchange::Upstream;
use simulator::world::World;

use crate::caller::{Answer, Call};
use crate::description::Description;

/// Sends a request and asserts that Twilio's description allows the answer.
pub(crate) async fn described(world: &World, call: Call) -> Answer {
    let answer = call.send().await;
    assert_described(world);
    answer
}

/// Asserts that the world's last answer, if a success, agrees with Twilio's description.
fn assert_described(world: &World) {
    let exchange = world.exchanges.all().pop().unwrap();
    let Some([taskrouter, conversations, events, flex]) = at_hand() else {
        return;
    };
    let description = match exchange.upstream {
        Upstream::TaskRouter => taskrouter,
        Upstream::EventStreams => events,
        Upstream::Flex => flex,
        _ => conversations,
    };
    if exchange.status().is_some_and(|status| status.is_success()) {
        let mut faults = description.check(&exchange).1;
        // A test may send requests that no caller should send.
        faults.retain(|fault| {
            ["answer", "an undescribed", "a body with"]
                .iter()
                .any(|kind| fault.starts_with(kind))
        });
        assert_eq!(faults, Vec::<String>::new(), "{} {}", exchange.method, exchange.path);
    }
}

fn at_hand() -> Option<&'static [Description; 4]> {
    static DESCRIPTIONS: OnceLock<Option<[Description; 4]>> = OnceLock::new();
    let read = || {
        let folder = std::env::var_os("TWILIO_OPENAPI").map(PathBuf::from)?;
        let products = ["taskrouter", "conversations", "events", "flex"];
        Some(products.map(|product| Description::read(&folder, product)))
    };
    DESCRIPTIONS.get_or_init(read).as_ref()
}
