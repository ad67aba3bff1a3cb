//! The chain for tests and local networks.

use std::net::TcpStream;

use conclave_chain::anvil::*;
use conclave_chain::*;

#[tokio::test]
async fn it_funds_the_known_accounts_and_finalizes_soon() {
    let anvil = AnvilProcess::start(&AnvilOptions::default()).await.unwrap();
    let accounts: Vec<_> = (0..FUNDED_KEYS.len()).map(funded_key).collect();
    for account in &accounts {
        assert!(anvil.rpc().balance(account.address()).await.unwrap() > U256::ZERO, "{account:?}");
    }
    let to = accounts[1].address();
    let from = Account::new(anvil.rpc().clone(), funded_key(0));
    let chain = Chain::new(anvil.rpc().clone(), Contracts::Known(nowhere())).await.unwrap();
    for _ in 0..4 {
        from.send_value(to, U256::from(1)).await.unwrap();
    }
    let latest = chain.latest_block().await.unwrap();
    let finalized = chain.finalized_block().await.unwrap();
    assert_eq!((latest.number, finalized.number), (4, 2));
    assert_ne!(latest.hash, finalized.hash);
}

#[tokio::test]
async fn it_is_gone_when_it_is_dropped() {
    let anvil = AnvilProcess::start(&AnvilOptions::default()).await.unwrap();
    let port = anvil.port();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    drop(anvil);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[tokio::test]
async fn a_taken_port_is_an_error_and_not_somebody_else_s_chain() {
    let first = AnvilProcess::start(&AnvilOptions::default()).await.unwrap();
    let options = AnvilOptions { port: Some(first.port()), ..AnvilOptions::default() };
    let second = AnvilProcess::start(&options).await;
    assert!(
        matches!(second, Err(AnvilError::PortTaken { port }) if port == first.port()),
        "{second:?}"
    );
}

#[tokio::test]
async fn a_stopped_chain_continues_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let options = AnvilOptions {
        chain_id: Some(175_177),
        state: Some(folder.path().join("chain.json")),
        ..AnvilOptions::default()
    };
    let anvil = AnvilProcess::start(&options).await.unwrap();
    let stranger = Address::repeat_byte(0x5a);
    Account::new(anvil.rpc().clone(), funded_key(0))
        .send_value(stranger, U256::from(42))
        .await
        .unwrap();
    anvil.stop().await.unwrap();

    let anvil = AnvilProcess::start(&options).await.unwrap();
    assert_eq!(anvil.rpc().chain_id(), 175_177);
    assert_eq!(anvil.rpc().balance(stranger).await.unwrap(), U256::from(42));
}

fn nowhere() -> Addresses {
    let zero = Address::ZERO;
    Addresses {
        staking: zero,
        pkp_nft: zero,
        pkp_permissions: zero,
        pubkey_router: zero,
        pkp_helper: zero,
        contract_resolver: zero,
    }
}
