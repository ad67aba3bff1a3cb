//! Endpoints that are slow, broken, hostile or gone.

use std::time::Duration;

use conclave_chain::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const NO_CONTRACTS: Addresses = Addresses {
    staking: Address::ZERO,
    pkp_nft: Address::ZERO,
    pkp_permissions: Address::ZERO,
    pubkey_router: Address::ZERO,
    pkp_helper: Address::ZERO,
    contract_resolver: Address::ZERO,
};

/// What the endpoint answers to a request: an HTTP status and a body.
type Answer = fn(&serde_json::Value) -> (u16, String);

/// An endpoint that answers as it is told. Returns its URL.
async fn endpoint(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret-token", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, answer));
        }
    });
    url
}

async fn serve(mut stream: TcpStream, answer: Answer) -> std::io::Result<()> {
    let mut received = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        received.extend_from_slice(&buffer[..count]);
        let Some(head) = received.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        if let Ok(request) = serde_json::from_slice(&received[head + 4..]) {
            let (status, body) = answer(&request);
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(body.as_bytes()).await?;
            return stream.shutdown().await;
        }
    }
}

fn result(request: &serde_json::Value, result: serde_json::Value) -> (u16, String) {
    let answer = serde_json::json!({"jsonrpc": "2.0", "id": request["id"], "result": result});
    (200, answer.to_string())
}

fn error(request: &serde_json::Value, code: i64, message: &str) -> (u16, String) {
    let answer = serde_json::json!({"jsonrpc": "2.0", "id": request["id"], "error": {"code": code, "message": message}});
    (200, answer.to_string())
}

async fn connect(url: &str) -> Result<Rpc, ChainError> {
    Rpc::connect(url, None, DEFAULT_TIMEOUT).await
}

async fn chain(answer: Answer) -> Chain {
    let rpc = connect(&endpoint(answer).await).await.unwrap();
    Chain::new(rpc, Contracts::Known(NO_CONTRACTS)).await.unwrap()
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_a_retry_helps() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret-token", listener.local_addr().unwrap());
    drop(listener);
    let error = connect(&url).await.unwrap_err();
    assert!(error.retry_helps(), "{error:?}");
    assert!(!error.to_string().contains("secret-token"), "{error}");
}

#[tokio::test]
async fn an_endpoint_that_never_answers_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret-token", listener.local_addr().unwrap());
    let error = Rpc::connect(&url, None, Duration::from_millis(50)).await.unwrap_err();
    assert!(error.retry_helps(), "{error:?}");
    assert!(!error.to_string().contains("secret-token"), "{error}");
}

#[tokio::test]
async fn server_errors_are_worth_a_retry_and_nonsense_is_not() {
    let table: [(&str, Answer, bool); 6] = [
        ("502", |_| (502, "<html>bad gateway</html>".into()), true),
        ("429", |_| (429, "slow down".into()), true),
        ("404", |_| (404, "not here".into()), false),
        ("a redirect", |_| (302, String::new()), false),
        ("no JSON", |_| (200, "hello".into()), false),
        ("no number", |request| result(request, "0xzz".into()), false),
    ];
    for (name, answer, retry) in table {
        let error = connect(&endpoint(answer).await).await.unwrap_err();
        assert_eq!(error.retry_helps(), retry, "{name}: {error:?}");
        assert!(!error.to_string().contains("secret-token"), "{name}: {error}");
    }
}

#[tokio::test]
async fn answers_are_read_up_to_the_limit_and_no_further() {
    fn padded(request: &serde_json::Value, length: usize) -> (u16, String) {
        let (status, mut body) = result(request, "0x7a69".into());
        body.push_str(&" ".repeat(length - body.len()));
        (status, body)
    }
    let rpc =
        connect(&endpoint(|request| padded(request, MAX_RESPONSE_BYTES)).await).await.unwrap();
    assert_eq!(rpc.chain_id(), 31337);
    let error = connect(&endpoint(|request| padded(request, MAX_RESPONSE_BYTES + 1)).await)
        .await
        .unwrap_err();
    assert!(matches!(error, ChainError::BadAnswer { .. }), "{error:?}");
}

#[tokio::test]
async fn malformed_urls_are_refused_without_a_connection() {
    for url in ["", "localhost:8545", "ftp://localhost", "http://"] {
        assert!(matches!(connect(url).await, Err(ChainError::BadAnswer { .. })), "{url}");
    }
}

#[tokio::test]
async fn contract_answers_of_any_shape_are_errors_and_never_panics() {
    let shapes: [Answer; 5] = [
        |request| answer_calls(request, "0x".into()),
        |request| answer_calls(request, "0x00".into()),
        |request| answer_calls(request, format!("0x{}", "ff".repeat(96)).into()),
        |request| answer_calls(request, serde_json::Value::Null),
        |request| answer_calls(request, serde_json::json!({"not": "bytes"})),
    ];
    for (number, shape) in shapes.into_iter().enumerate() {
        let chain = chain(shape).await;
        let membership = chain.membership().await;
        assert!(membership.is_err(), "shape {number}: {membership:?}");
        let key = chain.key(U256::from(1)).await;
        assert!(!matches!(key, Ok(Some(_))), "shape {number}: {key:?}");
        let methods = [AuthMethod::address(Address::ZERO)];
        let authorisation = chain.authorisation(U256::from(1), &methods).await;
        assert!(authorisation.is_err(), "shape {number}: {authorisation:?}");
        let network_key = chain.network_key().await;
        assert!(!matches!(network_key, Ok(Some(_))), "shape {number}: {network_key:?}");
    }
}

fn answer_calls(request: &serde_json::Value, answer: serde_json::Value) -> (u16, String) {
    if request["method"] == "eth_call" {
        result(request, answer)
    } else {
        result(request, "0x7a69".into())
    }
}

#[tokio::test]
async fn without_a_finalized_tag_blocks_are_final_after_some_confirmations() {
    fn block(request: &serde_json::Value, number: u64) -> (u16, String) {
        let zero = format!("0x{}", "00".repeat(32));
        let block = serde_json::json!({
            "number": format!("0x{number:x}"), "hash": format!("0x{number:064x}"), "timestamp": "0x5",
            "parentHash": zero, "sha3Uncles": zero, "stateRoot": zero, "transactionsRoot": zero,
            "receiptsRoot": zero, "mixHash": zero, "miner": format!("0x{}", "00".repeat(20)),
            "logsBloom": format!("0x{}", "00".repeat(256)), "difficulty": "0x0", "gasLimit": "0x1",
            "gasUsed": "0x0", "extraData": "0x", "nonce": "0x0000000000000000", "uncles": [], "transactions": [],
        });
        result(request, block)
    }
    fn answer(request: &serde_json::Value, without_tag: (u16, String)) -> (u16, String) {
        match request["params"][0].as_str() {
            Some("finalized") => without_tag,
            Some("latest") => block(request, 1000),
            Some(number) => {
                block(request, u64::from_str_radix(number.trim_start_matches("0x"), 16).unwrap())
            }
            None => result(request, "0x7a69".into()),
        }
    }
    let variants: [Answer; 2] = [
        |request| answer(request, error(request, -32602, "unknown block tag")),
        |request| answer(request, result(request, serde_json::Value::Null)),
    ];
    for variant in variants {
        let chain = chain(variant).await;
        let latest = chain.latest_block().await.unwrap();
        assert_eq!((latest.number, latest.timestamp), (1000, 5));
        assert_eq!(latest.hash, B256::from(U256::from(1000)));
        assert_eq!(chain.finalized_block().await.unwrap().number, 1000 - FALLBACK_CONFIRMATIONS);
    }
}
