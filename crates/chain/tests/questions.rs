//! What actions ask of a chain: contract calls put as unsigned transactions, nonces, and who a key
//! permits.

mod common;

use alloy::primitives::hex;
use common::*;
use conclave_chain::*;

const ACTION: [u8; 34] = [0x12; 34];

/// `totalSupply()` of a contract, as ethers serialises the unsigned transaction, with or without a
/// chain id.
fn total_supply(contract: Address, chain_id: &str) -> ContractCall {
    let fields = format!("80808094{}808418160ddd{chain_id}", hex::encode(contract));
    let list = hex::decode(fields).unwrap();
    ContractCall::read(&[&[0xc0 + list.len() as u8][..], &list].concat()).unwrap()
}

#[tokio::test]
async fn a_contract_answers_an_unsigned_transaction_made_out_for_its_chain() {
    let network = Network::start(3).await;
    network.register(1, 1).await;
    network.chain.mint(&network.users[0]).await.unwrap();
    let (rpc, contract) = (network.anvil.rpc(), network.chain.addresses().pkp_nft);
    for chain_id in ["", "827a698080"] {
        let answer = rpc.call_contract(&total_supply(contract, chain_id)).await.unwrap();
        assert_eq!(U256::from_be_slice(&answer), U256::ONE);
    }
    let elsewhere = rpc.call_contract(&total_supply(contract, "018080")).await;
    assert_eq!(elsewhere, Err(ChainError::WrongChain { expected: 1, found: 31_337 }));
    let nobody = rpc.call_contract(&total_supply(Address::repeat_byte(9), "")).await.unwrap();
    assert!(nobody.is_empty());
    let refused =
        rpc.call_contract(&total_supply(network.chain.addresses().staking, "")).await.unwrap_err();
    assert!(refused.revert().is_some(), "{refused}");
}

#[tokio::test]
async fn the_latest_nonce_counts_what_is_in_blocks() {
    let network = Network::start(3).await;
    let user = &network.users[0];
    let before = network.anvil.rpc().latest_nonce(user.address()).await.unwrap();
    user.send_value(Address::repeat_byte(9), U256::ONE).await.unwrap();
    assert_eq!(network.anvil.rpc().latest_nonce(user.address()).await.unwrap(), before + 1);
}

#[tokio::test]
async fn what_a_key_permits_is_listed_and_found_one_by_one() {
    let network = Network::start(3).await;
    let [alice, bob] = &network.users;
    network.register(1, 1).await;
    let (chain, token) =
        (&network.chain, network.chain.mint(alice).await.unwrap().public_key.token_id());
    let login = AuthMethod { kind: U256::from(90_000), id: vec![7; 32] };
    let (action, account) = (AuthMethod::action(ACTION), AuthMethod::address(bob.address()));
    for (method, scopes) in
        [(&login, &[Scope::PersonalSign][..]), (&action, &[Scope::SignAnything]), (&account, &[])]
    {
        chain.grant(alice, token, method, scopes).await.unwrap();
    }

    for (method, permitted) in
        [(&login, true), (&action, true), (&AuthMethod::action([0x13; 34]), false)]
    {
        assert_eq!(chain.is_permitted(token, method).await.unwrap(), permitted);
    }
    for (address, permitted) in
        [(alice.address(), true), (bob.address(), true), (Address::repeat_byte(9), false)]
    {
        assert_eq!(chain.is_permitted_address(token, address).await.unwrap(), permitted);
    }
    assert_eq!(chain.permitted_actions(token).await.unwrap(), [ACTION.to_vec()]);
    assert_eq!(chain.permitted_addresses(token).await.unwrap(), [alice.address(), bob.address()]);
    let methods = [login.clone(), action, account]
        .map(|method| PermittedMethod { method, user_pubkey: Vec::new() });
    assert_eq!(chain.permitted_methods(token).await.unwrap(), methods);
    assert_eq!(
        chain.permitted_scopes(token, &login, 4).await.unwrap(),
        [false, false, true, false]
    );
    assert_eq!(
        chain.permitted_scopes(token, &login, SCOPE_COUNT).await.unwrap().len(),
        SCOPE_COUNT as usize
    );
    let too_many = chain.permitted_scopes(token, &login, SCOPE_COUNT + 1).await;
    assert!(
        matches!(too_many, Err(ChainError::TooMany { found: 257, maximum: 256, .. })),
        "{too_many:?}"
    );
}
