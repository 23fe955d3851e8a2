//! The real HTTP client in an environment that Lambda freezes between two invocations.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use flex_handoff::upstream::transport;

/// Reads a request that has a short body or none.
fn read_request(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 4096];
    let length = stream.read(&mut buffer).expect("a request comes");
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

fn answer(stream: &mut TcpStream) {
    stream
        .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
        .expect("the client is there");
}

#[test]
fn connection_closed_during_a_freeze_loses_no_write() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let (freeze, frozen) = mpsc::channel();
    let (closed, thaw) = mpsc::channel();
    let server = thread::spawn(move || {
        let (mut kept_alive, _) = listener.accept().expect("the first connection");
        let mut requests = vec![read_request(&mut kept_alive)];
        answer(&mut kept_alive);
        frozen.recv().expect("the client freezes");
        drop(kept_alive);
        closed.send(()).expect("the client waits");
        let (mut new, _) = listener.accept().expect("the second connection");
        requests.push(read_request(&mut new));
        answer(&mut new);
        requests
    });

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let client = transport::local_client().expect("a client");
    let status = |request: reqwest::RequestBuilder| {
        let request = request.build().expect("a request");
        let answer = runtime.block_on(transport::execute(&client, request));
        answer.expect("an answer").status().as_u16()
    };
    assert_eq!(status(client.get(&url)), 204);
    // From here on nothing polls the client, as in a frozen environment.
    freeze.send(()).expect("the server waits");
    thaw.recv().expect("the server closes");
    assert_eq!(status(client.post(&url).body("once")), 204);

    let requests = server.join().expect("the server ends");
    let methods: Vec<&str> = requests
        .iter()
        .filter_map(|request| request.split(' ').next())
        .collect();
    assert_eq!(methods, ["GET", "POST"]);
}
