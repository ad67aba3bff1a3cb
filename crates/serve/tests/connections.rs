//! A server as its clients meet it: so many connections, so much patience, and an end.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use conclave_serve::{ServeError, ServeLimits, open, request_id, serve, wrong_method};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Long enough for everything that these tests wait for.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    served: Arc<AtomicUsize>,
    /// The slow request has begun.
    begun: Arc<Notify>,
    release: Arc<Notify>,
    stop: watch::Sender<bool>,
    running: JoinHandle<Result<(), ServeError>>,
}

/// Counts requests; `/slow` answers when it is released.
async fn start(limits: ServeLimits) -> Server {
    let served = Arc::new(AtomicUsize::new(0));
    let (begun, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, released) = (begun.clone(), release.clone());
    let slow = async move || {
        begins.notify_one();
        released.notified().await;
        "late"
    };
    let routes = Router::new()
        .route("/", get(count).fallback(wrong_method))
        .with_state(served.clone())
        .route("/slow", get(slow));
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(serve(address, open(routes), limits, stopped));
    while TcpStream::connect(address).await.is_err() {
        assert!(!running.is_finished());
        tokio::task::yield_now().await;
    }
    Server { address, served, begun, release, stop, running }
}

async fn count(State(served): State<Arc<AtomicUsize>>) -> String {
    (served.fetch_add(1, Ordering::SeqCst) + 1).to_string()
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

async fn send(stream: &mut TcpStream, first_line: &str, headers: &str) {
    let request = format!("{first_line} HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// The head of the next answer and its body.
async fn answer(stream: &mut TcpStream) -> (String, String) {
    let mut text = Vec::new();
    let read = async {
        while !text.ends_with(b"\r\n\r\n") {
            text.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(text).unwrap().to_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        stream.read_exact(&mut body).await.unwrap();
        (head, String::from_utf8(body).unwrap())
    };
    tokio::time::timeout(PATIENCE, read).await.expect("an answer")
}

#[tokio::test]
async fn connections_are_served_up_to_the_last_and_the_next_waits_for_a_place() {
    let server = start(ServeLimits { connections: 2, ..ServeLimits::default() }).await;
    let (mut first, mut second) = (connect(&server).await, connect(&server).await);
    for stream in [&mut first, &mut second] {
        send(stream, "GET /", "").await;
        answer(stream).await;
    }
    let mut third = connect(&server).await;
    send(&mut third, "GET /", "").await;
    for _ in 0..20 {
        for stream in [&mut first, &mut second] {
            send(stream, "GET /", "").await;
            answer(stream).await;
        }
    }
    assert_eq!(server.served.load(Ordering::SeqCst), 42, "the third is not served yet");
    drop(first);
    assert_eq!(answer(&mut third).await.1, "43");
}

#[tokio::test]
async fn a_connection_that_does_not_say_what_it_wants_is_closed() {
    let header_timeout = Duration::from_millis(50);
    let server = start(ServeLimits { header_timeout, ..ServeLimits::default() }).await;
    for beginning in ["", "GET / HTTP/1.1\r\nhost:"] {
        let mut stream = connect(&server).await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{beginning:?}");
    }
    assert_eq!(server.served.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_server_that_stops_answers_what_is_under_way_and_ends() {
    let server = start(ServeLimits::default()).await;
    let (mut idle, mut slow) = (connect(&server).await, connect(&server).await);
    send(&mut idle, "GET /", "").await;
    answer(&mut idle).await;
    send(&mut slow, "GET /slow", "").await;
    server.begun.notified().await;
    server.stop.send_replace(true);
    server.release.notify_one();
    assert_eq!(answer(&mut slow).await.1, "late");
    let ended = tokio::time::timeout(PATIENCE, server.running).await.expect("it ends");
    assert!(ended.unwrap().is_ok());
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_keep_a_server_from_stopping() {
    let farewell = Duration::from_millis(50);
    let server = start(ServeLimits { farewell, ..ServeLimits::default() }).await;
    let mut slow = connect(&server).await;
    send(&mut slow, "GET /slow", "").await;
    server.begun.notified().await;
    server.stop.send_replace(true);
    let ended = tokio::time::timeout(PATIENCE, server.running).await.expect("it ends");
    assert!(ended.unwrap().is_ok());
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, (_, stop)) = (taken.local_addr().unwrap(), watch::channel(false));
    let refused = serve(address, Router::new(), ServeLimits::default(), stop).await.unwrap_err();
    assert!(refused.to_string().contains(&address.to_string()), "{refused}");
}

#[tokio::test]
async fn every_answer_may_be_read_by_any_page_and_every_error_is_json_with_the_request_s_id() {
    let server = start(ServeLimits::default()).await;
    let mut stream = connect(&server).await;
    for (line, status, code) in [
        ("GET /nowhere", "404", r#""errorCode":"CoreApiRouteNotFound""#),
        ("POST /", "405", r#""errorCode":"ConclaveMethodNotAllowed""#),
    ] {
        send(&mut stream, line, "x-request-id: lit_7\r\n").await;
        let (head, body) = answer(&mut stream).await;
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{head}");
        assert!(head.contains("access-control-allow-origin: *"), "{head}");
        assert!(body.contains(code) && body.contains(r#""correlationId":"lit_7""#), "{body}");
    }
    send(&mut stream, "OPTIONS /", "").await;
    let (head, _) = answer(&mut stream).await;
    assert!(head.starts_with("http/1.1 204"), "{head}");
    assert!(head.contains("access-control-allow-headers: content-type, accept"), "{head}");
}

#[test]
fn a_request_has_the_id_that_it_says_or_none() {
    let headers = |pairs: &[(&'static str, &str)]| {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    };
    let id = request_id(&headers(&[("x-request-id", "a"), ("x-correlation-id", "b")]));
    assert_eq!(id.unwrap().as_str(), "a");
    assert_eq!(request_id(&headers(&[("x-correlation-id", "b")])).unwrap().as_str(), "b");
    assert!(request_id(&headers(&[("x-request-id", "a b")])).is_err());
    assert!(request_id(&headers(&[])).is_err());
}
