use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// An endpoint that says its chain id to whoever asks anything.
async fn endpoint(chain_id: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret-token", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).await.unwrap_or(0);
            let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
            let id = text
                .split("\"id\":")
                .nth(1)
                .and_then(|rest| rest.split(['}', ',']).next())
                .unwrap_or("0")
                .to_owned();
            let body = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":\"{chain_id:#x}\"}}");
            let head = format!(
                "HTTP/1.1 200 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all([head, body].concat().as_bytes()).await;
        }
    });
    url
}

async fn own() -> Rpc {
    Rpc::connect(&endpoint(31_337).await, None, DEFAULT_TIMEOUT).await.unwrap()
}

fn named(text: &str) -> NamedUrl {
    text.parse().unwrap()
}

fn name(text: &str) -> ChainName {
    text.parse().unwrap()
}

#[tokio::test]
async fn every_chain_is_found_under_its_names_and_an_unknown_one_is_told_the_known() {
    let config = ChainsConfig {
        own_names: vec![name("anvil"), name("localhost")],
        endpoints: vec![
            named(&format!("polygon={}", endpoint(137).await)),
            named("gone=http://127.0.0.1:9/"),
        ],
        public: vec![],
    };
    let chains = Chains::new(&own().await, config).unwrap();
    for (name, id) in [("anvil", 31_337), ("localhost", 31_337), ("polygon", 137), ("polygon", 137)]
    {
        assert_eq!(chains.rpc(name).await.unwrap().chain_id(), id, "{name}");
    }
    for unknown in ["ethereum", "Polygon", "", "a b", &"x".repeat(1_000)] {
        let error = chains.rpc(unknown).await.unwrap_err().to_string();
        assert_eq!(
            error,
            "this node knows no chain of that name; it knows anvil, gone, localhost, polygon"
        );
    }
    assert!(matches!(
        chains.rpc("gone").await,
        Err(AskError::Chain(ChainError::RpcUnreachable { .. }))
    ));
}

#[tokio::test]
async fn actions_get_the_public_url_of_a_chain_and_never_the_operators_own() {
    let config = ChainsConfig {
        own_names: vec![],
        endpoints: vec![
            named("a=https://node.example/v3/secret"),
            named("b=https://node.example/v3/secret"),
        ],
        public: vec![named("a=https://public.example"), named("localhost=http://127.0.0.1:8545")],
    };
    assert!(!format!("{config:?}").contains("secret"));
    let chains = Chains::new(&own().await, config).unwrap();
    assert_eq!(chains.public_url("a").unwrap(), "https://public.example");
    assert_eq!(chains.public_url("localhost").unwrap(), "http://127.0.0.1:8545");
    let refused = chains.public_url("b").unwrap_err();
    assert!(
        matches!(refused, AskError::NotPublic) && !refused.to_string().contains("secret"),
        "{refused}"
    );
    assert!(matches!(chains.public_url("c"), Err(AskError::Unknown { .. })));
}

#[tokio::test]
async fn contradictions_and_too_many_chains_are_refused() {
    let own = own().await;
    let with = |endpoints: Vec<NamedUrl>, public: Vec<NamedUrl>| {
        Chains::new(&own, ChainsConfig { own_names: vec![], endpoints, public }).map(|_| ())
    };
    let a = || named("a=http://a");
    assert_eq!(with(vec![a(), a()], vec![]), Err(ChainsError::Twice { name: name("a") }));
    assert_eq!(
        with(vec![named("localhost=http://a")], vec![]),
        Err(ChainsError::Twice { name: name("localhost") })
    );
    assert_eq!(with(vec![a()], vec![a(), a()]), Err(ChainsError::Twice { name: name("a") }));
    assert_eq!(with(vec![], vec![a()]), Err(ChainsError::PublicOnly { name: name("a") }));
    let many =
        |count: usize| (0..count).map(|number| named(&format!("c{number}=http://a"))).collect();
    assert_eq!(with(many(MAX_CHAINS - 1), vec![]), Ok(()));
    assert_eq!(with(many(MAX_CHAINS), vec![]), Err(ChainsError::TooMany { given: MAX_CHAINS + 1 }));
}

#[test]
fn a_chain_is_given_as_its_name_and_a_web_url() {
    assert_eq!(named("a-1_B=https://x/?k=v").url, "https://x/?k=v");
    assert!("x".repeat(MAX_CHAIN_NAME).parse::<ChainName>().is_ok());
    assert_eq!("x".repeat(MAX_CHAIN_NAME + 1).parse::<ChainName>(), Err(ChainsError::Name));
    assert_eq!("http://a".parse::<NamedUrl>(), Err(ChainsError::NoName));
    assert_eq!("=http://a".parse::<NamedUrl>(), Err(ChainsError::Name));
    assert_eq!("ä=http://a".parse::<NamedUrl>(), Err(ChainsError::Name));
    assert_eq!("a=ws://a".parse::<NamedUrl>(), Err(ChainsError::Url { name: name("a") }));
}
