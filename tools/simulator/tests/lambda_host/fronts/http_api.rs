use reqwest::Method;
use simulator::lambda::{ApiGateway, Front};

use super::{custom_domain, event, form, open, own_message, parts, request};

#[tokio::test]
async fn named_stage_is_part_of_the_path_and_not_of_the_route() {
    let (host, endpoint) = open(Front::HttpApi(ApiGateway::staged("prod"))).await;
    assert_eq!(
        endpoint.url("/hook"),
        format!("https://{}/prod/hook", endpoint.domain_name)
    );

    let event = event(&host, form(&endpoint, "/hook"), &[]).await;

    assert_eq!(event["rawPath"], "/prod/hook");
    assert_eq!(event["routeKey"], "POST /hook");
    let context = &event["requestContext"];
    assert_eq!(context["domainName"], *endpoint.domain_name);
    assert_eq!(context["http"]["path"], "/prod/hook");
    assert_eq!(context["stage"], "prod");
}

#[tokio::test]
async fn custom_domain_never_shows_its_mapping_key() {
    for (key, stage, url, raw_path) in [
        (None, None, "https://hooks.example.com/hook", "/hook"),
        (None, Some("prod"), "https://hooks.example.com/hook", "/prod/hook"),
        (Some("v1"), None, "https://hooks.example.com/v1/hook", "/hook"),
        (
            Some("v1"),
            Some("prod"),
            "https://hooks.example.com/v1/hook",
            "/prod/hook",
        ),
    ] {
        let (host, endpoint) = open(Front::HttpApi(custom_domain("hooks.example.com", key, stage))).await;
        assert_eq!(endpoint.url("/hook"), url);

        let event = event(&host, form(&endpoint, "/hook"), &[]).await;

        assert_eq!(event["rawPath"], raw_path, "{url}");
        assert_eq!(event["headers"]["host"], "hooks.example.com");
        assert_eq!(event["requestContext"]["domainName"], "hooks.example.com");
        assert_eq!(event["requestContext"]["domainPrefix"], "hooks");
    }
}

#[tokio::test]
async fn path_outside_the_stage_is_not_found() {
    let (_host, mut endpoint) = open(Front::HttpApi(ApiGateway::staged("prod"))).await;
    for base_path in ["", "/production", "/test"] {
        endpoint.base_path = base_path.to_owned();
        let response = request(&endpoint, Method::POST, "/hook").send().await.unwrap();
        assert_eq!(parts(response).await, own_message(404, "message", "Not Found"));
    }
}
