//! The server's protection against other pages.

use http::Method;
use serde_json::json;
use simulator::loopback;

use crate::server::Server;

#[tokio::test]
async fn only_the_loopback_address_with_its_port_is_answered() {
    let server = Server::start().await;
    let port = server.url.rsplit(':').next().unwrap();
    let cases = [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("LocalHost:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        ("127.0.0.1".to_owned(), 403),
        ("127.0.0.1:1".to_owned(), 403),
        (format!("rebound.example.com:{port}"), 403),
        (format!("localhost.example.com:{port}"), 403),
        (format!("127.0.0.1:{port}@example.com"), 403),
        (String::new(), 403),
    ];
    for (host, status) in cases {
        for path in ["/", "/live", "/site/none"] {
            let answer = server
                .request(Method::GET, path)
                .header("Host", &host)
                .send()
                .await
                .unwrap();
            let expected = if path == "/site/none" && status == 200 {
                404
            } else {
                status
            };
            assert_eq!(answer.status().as_u16(), expected, "{host} {path}");
        }
    }
}

#[tokio::test]
async fn only_the_page_itself_may_change_something() {
    let server = Server::start().await;
    let port = server.url.rsplit(':').next().unwrap();
    let localhost = format!("http://localhost:{port}");
    let cases: [(&[(&str, &str)], u16); 8] = [
        (&[("Origin", &server.url)], 200),
        (&[("Sec-Fetch-Site", "same-origin")], 200),
        (&[], 403),
        (&[("Origin", "https://example.com")], 403),
        (&[("Origin", "null")], 403),
        // This is the same machine but another origin.
        (&[("Origin", &localhost)], 403),
        (&[("Sec-Fetch-Site", "same-site")], 403),
        (
            &[("Origin", "https://example.com"), ("Sec-Fetch-Site", "same-origin")],
            403,
        ),
    ];
    for (headers, status) in cases {
        for (method, path, body) in [
            (
                Method::POST,
                "/faults",
                r#"{"upstream":"TaskRouter","status":412,"times":1}"#,
            ),
            (Method::PUT, "/session-api", r#"{"up":true}"#),
            (Method::DELETE, "/faults", ""),
        ] {
            let request = loopback::client().request(method.clone(), format!("{}{path}", server.url));
            let request = headers
                .iter()
                .fold(request, |request, (name, value)| request.header(*name, *value));
            let answer = request
                .header("Content-Type", "application/json")
                .body(body)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status().as_u16(), status, "{headers:?} {method}");
        }
    }
}

#[tokio::test]
async fn what_a_form_of_another_page_can_send_is_refused() {
    let server = Server::start().await;
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let request = server
            .request(Method::POST, "/reset")
            .header("Content-Type", media_type);
        let answer = request.body("{}").send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 415, "{media_type}");
    }
}

#[tokio::test]
async fn every_answer_forbids_what_the_page_has_no_need_of() {
    let server = Server::start().await;
    for (path, status) in [("/", 200), ("/nothing", 404), ("/live", 200), ("/reset", 405)] {
        let answer = server.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        let header = |name: &str| {
            answer
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        let policy = header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'self'; ") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(header("cache-control").as_deref(), Some("no-store"), "{path}");
        assert_eq!(header("access-control-allow-origin"), None, "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_or_no_json_is_refused_in_a_sentence() {
    let server = Server::start().await;
    let long = json!({ "name": "x".repeat(300_000) });
    let (status, answer) = server.ask(Method::POST, "/conversations", long).await;
    assert_eq!(
        (status, &answer["error"]),
        (413, &json!("That is longer than this server takes."))
    );
    let request = server.request(Method::POST, "/conversations");
    let answer = request
        .header("Content-Type", "application/json")
        .body("{")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 400);
    assert!(answer.text().await.unwrap().starts_with(r#"{"error":""#));
}
