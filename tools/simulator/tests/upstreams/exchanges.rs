//! The record of requests and answers.

use http::Method;
use simulator::exchange::Upstream;

use crate::caller::{call, tasks_path, world};

#[tokio::test]
async fn an_exchange_keeps_its_number_when_those_before_it_are_forgotten() {
    let world = world().await;
    let ask = async || {
        call(&world, Upstream::TaskRouter, Method::GET, &tasks_path())
            .send()
            .await
    };
    let numbers = |first| {
        let kept = world.exchanges.from(first).into_iter();
        kept.map(|exchange| (exchange.number, exchange.answer.is_some()))
            .collect::<Vec<_>>()
    };
    for _ in 0..3 {
        ask().await;
    }

    world.exchanges.forget(2);
    ask().await;

    assert_eq!(numbers(0), [(2, true), (3, true)]);
    assert_eq!(numbers(3), [(3, true)]);
    world.exchanges.forget(9);
    ask().await;
    assert_eq!(numbers(0), [(4, true)]);
}
