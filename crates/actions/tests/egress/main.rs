//! What `fetch` may reach, and at what cost.

mod forms;
mod rebinding;
mod sink;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conclave_actions::{Egress, EgressConfig, FetchError, FetchRequest, FetchResponse, Redirect};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use sink::{Sink, ok, redirect};

fn get(url: &str) -> FetchRequest {
    FetchRequest {
        url: url.into(),
        method: "GET".into(),
        headers: Vec::new(),
        body: None,
        redirect: Redirect::Follow,
    }
}

fn egress(config: EgressConfig) -> Egress {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Egress::new(config).unwrap()
}

fn allowing(hosts: &[String]) -> EgressConfig {
    EgressConfig {
        allow: hosts.iter().map(|host| host.parse().unwrap()).collect(),
        ..EgressConfig::default()
    }
}

fn not_public(error: &FetchError) -> bool {
    matches!(error, FetchError::NotPublic { .. })
}

fn text(response: FetchResponse) -> String {
    String::from_utf8(response.body).unwrap()
}

#[tokio::test]
async fn refuses_urls_of_other_schemes_with_credentials_or_none() {
    let egress = egress(EgressConfig::default());
    for url in [
        "",
        "/path",
        "nonsense",
        "file:///etc/passwd",
        "ftp://example.com/",
        "ws://example.com/",
        "data:text/plain,x",
        "blob:http://example.com/x",
        "unix:/run/x.sock",
        "http://",
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://example.com@127.0.0.1/",
        "http://[::1",
    ] {
        assert_eq!(egress.fetch(get(url)).await.expect_err(url), FetchError::Url, "{url}");
    }
}

#[tokio::test]
async fn reaches_the_allowed_pair_and_no_other_port_or_name_of_it() {
    let (allowed, other) = (Sink::open(|_| ok("allowed")).await, Sink::open(|_| ok("other")).await);
    let egress = egress(allowing(&[allowed.host()]));
    assert_eq!(
        text(egress.fetch(get(&format!("http://{}/", allowed.host()))).await.unwrap()),
        "allowed"
    );
    let by_name = format!("http://localhost:{}/", allowed.port);
    for url in [format!("http://{}/", other.host()), by_name] {
        assert!(not_public(&egress.fetch(get(&url)).await.unwrap_err()), "{url}");
    }
    assert_eq!((allowed.seen(), other.seen()), (1, 0));
}

#[tokio::test]
async fn reaches_an_allowed_pair_by_name() {
    let sink = Sink::open(|_| ok("named")).await;
    let egress = egress(allowing(&[format!("localhost:{}", sink.port)]));
    assert_eq!(
        text(egress.fetch(get(&format!("http://localhost:{}/", sink.port))).await.unwrap()),
        "named"
    );
}

#[tokio::test]
async fn judges_each_redirect_like_a_first_request() {
    let private = Sink::open(|_| ok("private")).await;
    for target in
        [format!("http://{}/", private.host()), format!("http://localhost:{}/", private.port)]
    {
        for status in [301, 302, 303, 307, 308] {
            let to = target.clone();
            let public = Sink::open(move |_| redirect(status, &to)).await;
            let egress = egress(allowing(&[public.host()]));
            let error = egress.fetch(get(&format!("http://{}/", public.host()))).await.unwrap_err();
            assert!(not_public(&error), "{error:?}");
        }
    }
    let public = Sink::open(|_| redirect(302, "file:///etc/passwd")).await;
    let egress = egress(allowing(&[public.host()]));
    assert_eq!(
        egress.fetch(get(&format!("http://{}/", public.host()))).await.unwrap_err(),
        FetchError::Url
    );
    assert_eq!(private.seen(), 0);
}

#[tokio::test]
async fn follows_as_many_redirects_as_it_may_and_no_more() {
    let sink = Sink::open(|request| {
        let left: u32 = request.split([' ', '/']).nth(2).unwrap().parse().unwrap();
        if left == 0 { ok("end") } else { redirect(302, &format!("/{}", left - 1)) }
    })
    .await;
    let egress = egress(EgressConfig { redirects: 3, ..allowing(&[sink.host()]) });
    let at_most = egress.fetch(get(&format!("http://{}/3", sink.host()))).await.unwrap();
    assert!(at_most.redirected && at_most.url.ends_with("/0"));
    let error = egress.fetch(get(&format!("http://{}/4", sink.host()))).await.unwrap_err();
    assert_eq!(error, FetchError::Redirects { max: 3 });
}

#[tokio::test]
async fn a_redirect_to_another_origin_gets_no_credentials_and_a_get_no_body() {
    let last = Sink::open(ok).await;
    let to = format!("http://{}/", last.host());
    let first = Sink::open(move |_| redirect(303, &to)).await;
    let egress = egress(allowing(&[first.host(), last.host()]));
    let headers = [
        ("Authorization", "secret"),
        ("Cookie", "secret"),
        ("X-Kept", "1"),
        ("Content-Type", "a/b"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let body = Some(b"body".to_vec());
    let request = FetchRequest {
        method: "POST".into(),
        headers,
        body,
        ..get(&format!("http://{}/", first.host()))
    };
    let seen = text(egress.fetch(request).await.unwrap());
    assert!(seen.starts_with("GET / ") && seen.contains("x-kept: 1"), "{seen}");
    for absent in ["secret", "body", "a/b"] {
        assert!(!seen.contains(absent), "{seen}");
    }
}

#[tokio::test]
async fn takes_a_body_of_the_greatest_length_and_none_longer() {
    let sink = Sink::open(|request| {
        let length: usize = request.split([' ', '/']).nth(2).unwrap().parse().unwrap();
        // Without a length, so that only counting tells.
        [b"HTTP/1.0 200 OK\r\n\r\n".as_slice(), &vec![b'x'; length]].concat()
    })
    .await;
    let egress = egress(EgressConfig { response_bytes: 1000, ..allowing(&[sink.host()]) });
    let url = |length: usize| get(&format!("http://{}/{length}", sink.host()));
    assert_eq!(egress.fetch(url(1000)).await.unwrap().body.len(), 1000);
    assert_eq!(
        egress.fetch(url(1001)).await.unwrap_err(),
        FetchError::ResponseTooLong { max: 1000 }
    );
    assert_eq!(
        egress.fetch(url(5_000_000)).await.unwrap_err(),
        FetchError::ResponseTooLong { max: 1000 }
    );
}

#[tokio::test]
async fn sends_a_body_of_the_greatest_length_and_none_longer() {
    let sink = Sink::open(|_| ok("taken")).await;
    let egress = egress(allowing(&[sink.host()]));
    let with_body = |length: usize| FetchRequest {
        method: "POST".into(),
        body: Some(vec![b'x'; length]),
        ..get(&format!("http://{}/", sink.host()))
    };
    // The sink answers before it has read all: whether that arrives is the socket's matter.
    let largest = egress.fetch(with_body(1 << 20)).await;
    assert!(!matches!(largest, Err(FetchError::RequestTooLong)));
    assert_eq!(
        egress.fetch(with_body((1 << 20) + 1)).await.unwrap_err(),
        FetchError::RequestTooLong
    );
}

#[tokio::test]
async fn holds_headers_of_both_directions_to_their_limit() {
    let sink = Sink::open(|request| {
        let length: usize = request.split([' ', '/']).nth(2).unwrap().parse().unwrap();
        format!("HTTP/1.1 200 OK\r\na: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(length))
            .into_bytes()
    })
    .await;
    let egress = egress(EgressConfig { header_bytes: 100, ..allowing(&[sink.host()]) });
    let url = |length: usize| get(&format!("http://{}/{length}", sink.host()));
    let beside = "acontent-length0".len();
    egress.fetch(url(100 - beside)).await.unwrap();
    let error = egress.fetch(url(101 - beside)).await.unwrap_err();
    assert_eq!(error, FetchError::ResponseHeadersTooLong { max: 100 });

    let with_header =
        |length: usize| FetchRequest { headers: vec![("a".into(), "x".repeat(length))], ..url(0) };
    egress.fetch(with_header(99)).await.unwrap();
    assert!(matches!(egress.fetch(with_header(100)).await.unwrap_err(), FetchError::Headers(_)));
    for (name, value) in [("a b", "x"), ("", "x"), ("a", "x\r\nb: y"), ("a\r\nb", "x")] {
        let request = FetchRequest { headers: vec![(name.into(), value.into())], ..url(0) };
        assert!(
            matches!(egress.fetch(request).await.unwrap_err(), FetchError::Headers(_)),
            "{name:?}: {value:?}"
        );
    }
}

#[tokio::test]
async fn refuses_methods_that_are_none_or_open_tunnels() {
    let egress = egress(EgressConfig::default());
    for method in ["CONNECT", "TRACE", "TRACK", "", "GET /x HTTP/1.1\r\nHost:"] {
        let request = FetchRequest { method: method.into(), ..get("http://example.com/") };
        assert_eq!(egress.fetch(request).await.unwrap_err(), FetchError::Method, "{method:?}");
    }
}

#[tokio::test]
async fn ends_at_its_time_also_when_a_server_trickles() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let _ = connection.read(&mut [0; 4096]).await;
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while connection.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let limit = Duration::from_millis(100);
    let egress = egress(EgressConfig { time: limit, ..allowing(std::slice::from_ref(&host)) });
    assert_eq!(
        egress.fetch(get(&format!("http://{host}/"))).await.unwrap_err(),
        FetchError::Timeout { limit }
    );
}

#[tokio::test]
async fn sends_no_more_requests_at_a_time_than_it_may() {
    let open = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (now, highest) = (open.clone(), most.clone());
    let sink = Sink::open(move |_| {
        highest.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(5));
        now.fetch_sub(1, Ordering::SeqCst);
        ok("1")
    })
    .await;
    let egress = egress(EgressConfig { parallel: 1, ..allowing(&[sink.host()]) });
    let url = format!("http://{}/", sink.host());
    let all = futures_util::future::join_all((0..5).map(|_| egress.fetch(get(&url)))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_server_that_speaks_no_http_is_unreachable() {
    for answer in [
        &b""[..],
        b"\0\0\0",
        b"HTTP/9 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc",
    ] {
        let sink = Sink::open(move |_| answer.to_vec()).await;
        let egress = egress(allowing(&[sink.host()]));
        let error = egress.fetch(get(&format!("http://{}/", sink.host()))).await.unwrap_err();
        assert_eq!(error, FetchError::Unreachable { host: "127.0.0.1".into() });
    }
}
