//! What a worker has the node hold and do at a time, however much it asks for and however little it
//! reads.

use tokio::net::TcpListener;

use super::family::next;
use super::*;
use crate::protocol::{CHAIN_ANSWER_BYTES_MAX, REQUEST_BODY_BYTES_MAX};

/// Long enough for the node to do everything that it is ready to do.
const SETTLED: Duration = Duration::from_millis(500);

/// A server that takes connections and never answers, and the way to it.
async fn silent_server() -> (TcpListener, String, Egress) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let config = EgressConfig { allow: vec![host.parse().unwrap()], ..EgressConfig::default() };
    (listener, format!("http://{host}/"), Egress::new(config).unwrap())
}

fn calls(count: u32, call: impl Fn() -> Call) -> Vec<u8> {
    frames(&(1..=count).map(|id| FromRunner::Call { id, call: call() }).collect::<Vec<_>>())
}

fn patient() -> Action {
    action("Qm", "1", Limits { time: Duration::from_secs(30), ..Limits::default() })
}

#[tokio::test]
async fn of_the_longest_requests_the_node_takes_in_those_that_it_sends_and_one_more() {
    let (_server, url, egress) = silent_server().await;
    let (host, action) = (Library::default(), patient());
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let request = Request { action: &action, host: &host, egress: &egress, workers: &Nobody };
    let flood = calls(20, || fetch(url.clone(), Some(vec![0; REQUEST_BODY_BYTES_MAX])));
    let flooding = async {
        let mut taken = 0;
        while let Ok(written) = tokio::time::timeout(SETTLED, theirs.write(&flood[taken..])).await {
            taken += written.unwrap();
        }
        taken
    };
    let taken = playing(flooding, ours, request).await;
    let frame = flood.len() / 20;
    // The rest is what the socket itself holds.
    assert!((7 * frame..8 * frame).contains(&taken), "{taken} bytes of requests of {frame}");
}

#[tokio::test]
async fn the_end_of_a_worker_is_heard_while_its_requests_wait() {
    let (_server, url, egress) = silent_server().await;
    let (host, action) = (Library::default(), patient());
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let request = Request { action: &action, host: &host, egress: &egress, workers: &Nobody };
    theirs
        .write_all(&[calls(50, || fetch(url.clone(), None)), frames(&[done()])].concat())
        .await
        .unwrap();
    let ended =
        tokio::time::timeout(Duration::from_secs(5), run(hired(ours), request, "{}".into())).await;
    ended.expect("it ends at once").unwrap();
}

#[tokio::test]
async fn a_request_that_is_too_long_is_refused_before_it_waits() {
    let (_server, url, egress) = silent_server().await;
    let (host, action) = (Library::default(), patient());
    for (bytes, refused) in [(REQUEST_BODY_BYTES_MAX, false), (REQUEST_BODY_BYTES_MAX + 1, true)] {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (mut reader, mut writer) = theirs.into_split();
        let request = Request { action: &action, host: &host, egress: &egress, workers: &Nobody };
        let asking = async {
            writer.write_all(&calls(6, || fetch(url.clone(), None))).await.unwrap();
            writer.write_all(&calls(1, || fetch(url.clone(), Some(vec![0; bytes])))).await.unwrap();
            let mut received = Vec::new();
            assert!(matches!(next(&mut reader, &mut received).await, Some(ToRunner::Start(_))));
            tokio::time::timeout(SETTLED, next(&mut reader, &mut received)).await.is_ok()
        };
        assert_eq!(playing(asking, ours, request).await, refused, "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_worker_that_takes_no_answers_gets_six_of_chains_and_the_others_once_it_does() {
    const QUESTIONS: u32 = 20;
    let host = Library::answering(CHAIN_ANSWER_BYTES_MAX);
    let action = patient();
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (mut reader, mut writer) = theirs.into_split();
    let request = Request { action: &action, host: &host, egress: egress(), workers: &Nobody };
    let asking = async {
        let question = || Call::Chain(ChainQuery::RpcUrl { chain: "c".into() });
        writer.write_all(&calls(QUESTIONS, question)).await.unwrap();
        tokio::time::sleep(SETTLED).await;
        assert_eq!(host.asked.load(Ordering::Relaxed), 6);
        let mut received = Vec::new();
        for _ in 0..=QUESTIONS {
            next(&mut reader, &mut received).await.unwrap();
        }
        assert_eq!(host.asked.load(Ordering::Relaxed), QUESTIONS as usize);
    };
    playing(asking, ours, request).await;
}
