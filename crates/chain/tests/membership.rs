//! Deployment, and what the chain says of the members.

mod common;

use common::*;
use conclave_chain::*;

#[tokio::test]
async fn a_deployed_network_names_its_members_and_starts_once() {
    let network = Network::deploy(3).await;
    let before = network.chain.membership().await.unwrap();
    assert!(!before.is_started());
    assert_eq!(before.members.len(), 3);

    network.chain.start(&network.deployer).await.unwrap();
    let membership = network.chain.membership().await.unwrap();
    assert_eq!((membership.chain_id, membership.epoch, membership.threshold), (31337, 1, 2));
    assert_eq!(membership.staking, network.chain.addresses().staking);
    for (found, id) in membership.members.iter().zip(1..) {
        let expected = member(network.nodes[usize::from(id) - 1].address(), id);
        assert_eq!(
            (found.id, found.address, found.identity),
            (id, expected.address, expected.identity)
        );
        assert_eq!((found.http, found.mesh), (expected.http, expected.mesh));
    }

    let again = network.chain.start(&network.deployer).await.unwrap_err();
    assert_eq!(again.revert().unwrap().name, "MembershipIsFixed");
    let stranger = network.chain.start(&network.users[0]).await.unwrap_err();
    assert_eq!(stranger.revert().unwrap().name, "OwnableUnauthorizedAccount");
}

#[tokio::test]
async fn the_resolver_leads_to_all_contracts() {
    let network = Network::deploy(3).await;
    let addresses = *network.chain.addresses();
    let resolved = Chain::connect(
        &network.anvil.url(),
        Some(31337),
        Contracts::ResolvedBy(addresses.contract_resolver),
        DEFAULT_TIMEOUT,
    )
    .await
    .unwrap();
    assert_eq!(*resolved.addresses(), addresses);
}

#[tokio::test]
async fn an_endpoint_of_another_chain_is_refused() {
    let network = Network::deploy(0).await;
    let connected = Rpc::connect(&network.anvil.url(), Some(1), DEFAULT_TIMEOUT).await;
    assert_eq!(connected.unwrap_err(), ChainError::WrongChain { expected: 1, found: 31337 });

    // The URL may come to mean another chain later.
    network.anvil_method("anvil_setChainId", serde_json::json!([5])).await;
    let asked = network.chain.membership().await;
    assert_eq!(asked.unwrap_err(), ChainError::WrongChain { expected: 31337, found: 5 });
}

#[tokio::test]
async fn an_address_without_contract_is_a_bad_answer() {
    let network = Network::deploy(0).await;
    let nowhere = Addresses { staking: Address::repeat_byte(9), ..*network.chain.addresses() };
    let chain = Chain::new(network.anvil.rpc().clone(), Contracts::Known(nowhere)).await.unwrap();
    assert!(matches!(chain.membership().await, Err(ChainError::BadAnswer { .. })));
    let resolver = Contracts::ResolvedBy(network.chain.addresses().pkp_nft);
    assert!(Chain::new(network.anvil.rpc().clone(), resolver).await.is_err());
}

#[tokio::test]
async fn contradictory_members_are_refused_by_name() {
    let network = Network::deploy(0).await;
    let [first, second] = [1, 2].map(|id| member(network.users[usize::from(id) - 1].address(), id));
    let twice = NewMember { identity: first.identity, ..second };
    let refused = deploy(&network.deployer, &[first.clone(), twice]).await.unwrap_err();
    assert_eq!(refused.revert().unwrap().text, "DuplicateMember(\"identityKey\", 1)");
    let many = vec![first; MAX_MEMBERS + 1];
    assert!(matches!(deploy(&network.deployer, &many).await, Err(ChainError::TooMany { .. })));
}
