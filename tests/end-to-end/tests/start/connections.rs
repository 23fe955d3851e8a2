//! At the start, the function reads the secret and opens connections so that no request waits for them.

use end_to_end::{Scene, binaries};
use http::Method;
use simulator::exchange::{Exchange, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::options::Options;
use simulator::world::{AUTO_CLOSE, HANDOFF, TASK_EVENTS};

use super::stopped_in_lambda;
use crate::webhook::{WEBHOOKS, no_content, tell};

fn warm_ups(scene: &Scene) -> Vec<Exchange> {
    let mut exchanges = scene.world.exchanges.all();
    exchanges.retain(|exchange| exchange.method == Method::HEAD);
    exchanges
}

#[tokio::test]
async fn secret_is_read_only_at_the_start() {
    for function in WEBHOOKS {
        let scene = Scene::start().await;
        for _ in 0..3 {
            assert_eq!(tell(&scene, function, "task.wrapup").await, no_content(), "{function}");
        }
        let reads = scene.world.exchanges.of(Upstream::SecretsManager);
        assert_eq!(reads.len(), 1, "{function}");
        let first_request = scene.exchanges().remove(0);
        assert!(reads[0].number < first_request.number, "{function}");
    }
}

#[tokio::test]
async fn connections_are_opened_at_the_start_without_credentials() {
    let upstreams = [
        (TASK_EVENTS, &[Upstream::TaskRouter, Upstream::SessionApi][..]),
        // The task and the reservation are read side by side.
        (
            HANDOFF,
            &[Upstream::TaskRouter, Upstream::TaskRouter, Upstream::Conversations],
        ),
        (AUTO_CLOSE, &[Upstream::TaskRouter]),
    ];
    for (function, expected) in upstreams {
        let scene = Scene::start().await;
        scene.world.lambda.invoke(function, b"{}".to_vec()).await;
        let mut warm_ups = warm_ups(&scene);
        warm_ups.sort_by_key(|exchange| exchange.upstream);
        let opened: Vec<Upstream> = warm_ups.iter().map(|exchange| exchange.upstream).collect();
        assert_eq!(opened, expected, "{function}");
        for exchange in warm_ups {
            assert_eq!((exchange.path.as_str(), exchange.query.as_str()), ("/", ""));
            assert_eq!((exchange.header("authorization"), exchange.body.len()), (None, 0));
        }
    }
}

#[tokio::test]
async fn hanging_or_resetting_host_does_not_prevent_the_start() {
    for effect in [Effect::Hang, Effect::Reset] {
        let scene = Scene::start().await;
        for upstream in [Upstream::TaskRouter, Upstream::SessionApi] {
            let fault = Fault::at(upstream).method(Method::HEAD).always();
            scene.world.faults.add(fault.before(effect.clone()));
        }
        for function in WEBHOOKS {
            assert_eq!(tell(&scene, function, "task.wrapup").await, no_content(), "{function}");
        }
    }
}

#[tokio::test]
async fn unreachable_host_does_not_prevent_the_start() {
    let scene = Scene::start().await;
    for upstream in [Upstream::TaskRouter, Upstream::SessionApi] {
        scene.world.server(upstream).take_down().await.unwrap();
    }
    for function in WEBHOOKS {
        assert_eq!(
            tell(&scene, function, "worker.created").await,
            no_content(),
            "{function}"
        );
    }
}

#[tokio::test]
async fn unreadable_certificate_roots_prevent_the_start() {
    for unreadable in ["/nowhere/roots.pem", "/dev/null"] {
        let scene = Scene::start().await;
        let mut options = Options {
            callbacks: false,
            ..Options::default()
        };
        options.handoff.set("SSL_CERT_FILE", unreadable);
        scene.world.deploy(&binaries(), &options);
        let message = stopped_in_lambda(&scene, HANDOFF).await;
        assert_eq!(message, "no certificate can be read from SSL_CERT_FILE or SSL_CERT_DIR");
    }
}

#[tokio::test]
async fn general_aws_endpoint_is_used_as_documented() {
    let scene = Scene::start().await;
    let mut options = Options {
        callbacks: false,
        ..Options::default()
    };
    options.auto_close.unset("AWS_ENDPOINT_URL_SECRETS_MANAGER");
    options
        .auto_close
        .set("AWS_ENDPOINT_URL", &scene.world.server(Upstream::SecretsManager).url());
    scene.world.deploy(&binaries(), &options);
    assert_eq!(tell(&scene, AUTO_CLOSE, "worker.created").await, no_content());
    assert_eq!(scene.world.exchanges.of(Upstream::SecretsManager).len(), 1);
}
