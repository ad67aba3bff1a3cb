//! Attested batches on the way to the chain.

mod common;

use std::time::Duration;

use common::*;
use conclave_chain::*;

#[tokio::test]
async fn an_attested_batch_is_registered_and_waits_unminted() {
    let network = Network::start(3).await;
    let chain = &network.chain;
    let keys = public_keys(1, 2);
    let asked: Vec<&[u8]> = keys.iter().map(|key| &key.uncompressed()[..]).collect();
    assert_eq!(chain.is_registered(&asked, None).await.unwrap(), [false, false]);
    assert_eq!((chain.pool_size().await.unwrap(), chain.batch_count().await.unwrap()), (0, 0));
    assert_eq!(chain.key(keys[0].token_id()).await.unwrap(), None);

    let batch = Batch::of_wallets([9; 32], 1, EXPIRY, &keys).unwrap();
    let attestations = network.attestations(&batch);
    let digest = chain.attestation_digest(&batch);
    assert!(attestations.iter().all(|attestation| verify_attestation(digest, attestation)));
    let receipt = chain.register_batch(&network.nodes[1], &batch, &attestations).await.unwrap();

    assert_eq!(chain.is_registered(&asked, None).await.unwrap(), [true, true]);
    assert_eq!(chain.is_registered(&asked, Some(receipt.block - 1)).await.unwrap(), [false, false]);
    assert_eq!((chain.pool_size().await.unwrap(), chain.batch_count().await.unwrap()), (2, 1));
    let info = chain.key(keys[1].token_id()).await.unwrap().unwrap();
    assert_eq!((info.minted, info.public_key, info.epoch), (false, keys[1], 1));
    assert_eq!(info.transcript, B256::repeat_byte(9));
}

#[tokio::test]
async fn the_network_s_key_is_registered_once() {
    let network = Network::start(3).await;
    assert_eq!(network.chain.network_key().await.unwrap(), None);
    let key: [u8; 48] = std::array::from_fn(|at| if at == 0 { 0x80 } else { at as u8 });
    let batch = Batch::of_network([1; 32], 1, EXPIRY, &key);
    network
        .chain
        .register_batch(&network.nodes[0], &batch, &network.attestations(&batch))
        .await
        .unwrap();
    assert_eq!(network.chain.network_key().await.unwrap(), Some(key));
    assert_eq!(network.chain.pool_size().await.unwrap(), 0, "it is no wallet's key");
    let as_token = alloy::primitives::keccak256(key).into();
    assert_eq!(network.chain.key(as_token).await.unwrap(), None, "it is no wallet's key");

    let other = Batch::of_network([2; 32], 1, EXPIRY, &key);
    let refused = network
        .chain
        .register_batch(&network.nodes[0], &other, &network.attestations(&other))
        .await;
    let Err(RegisterBatchError::Chain(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.revert().unwrap().name, "NetworkKeyAlreadySet");
}

#[tokio::test]
async fn refusals_say_why() {
    let network = Network::start(3).await;
    let chain = &network.chain;
    let node = &network.nodes[0];
    let keys = public_keys(1, 1);
    let batch = Batch::of_wallets([9; 32], 1, EXPIRY, &keys).unwrap();
    let attestations = network.attestations(&batch);
    let reason = async |account: &Account, batch: &Batch, attestations: &[Attestation]| match chain
        .register_batch(account, batch, attestations)
        .await
    {
        Err(RegisterBatchError::Chain(error)) => error.revert().unwrap().name.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(&network.users[0], &batch, &attestations).await, "NotAMember");
    assert_eq!(reason(node, &batch, &attestations[..1]).await, "TooFewAttesters");
    let mut forged = attestations.clone();
    forged[0].signature = forged[1].signature;
    assert_eq!(reason(node, &batch, &forged).await, "InvalidAttestation");
    let twice = [attestations[0], attestations[0]];
    assert_eq!(reason(node, &batch, &twice).await, "AttestersNotAscending");
    let late = Batch::of_wallets([9; 32], 2, EXPIRY, &keys).unwrap();
    assert_eq!(reason(node, &late, &network.attestations(&late)).await, "WrongEpoch");

    let expired = Batch::of_wallets([9; 32], 1, 1, &keys).unwrap();
    let outcome = chain.register_batch(node, &expired, &network.attestations(&expired)).await;
    assert_eq!(outcome.unwrap_err(), RegisterBatchError::Expired);
    let many = vec![attestations[0]; MAX_MEMBERS + 1];
    let outcome = chain.register_batch(node, &batch, &many).await;
    assert!(matches!(outcome, Err(RegisterBatchError::Chain(ChainError::TooMany { .. }))));

    chain.register_batch(node, &batch, &attestations).await.unwrap();
    let outcome = chain.register_batch(&network.nodes[1], &batch, &attestations).await;
    assert_eq!(outcome.unwrap_err(), RegisterBatchError::AlreadyRegistered);
}

#[tokio::test]
async fn of_two_members_that_register_at_once_one_learns_that_it_was_late() {
    let network = Network::start(3).await;
    let batch = Batch::of_wallets([9; 32], 1, EXPIRY, &public_keys(1, 1)).unwrap();
    let attestations = network.attestations(&batch);
    // Both transactions wait for the same block, so neither sees the other's before it is sent.
    network.anvil_method("evm_setAutomine", serde_json::json!([false])).await;
    let register =
        |node: usize| network.chain.register_batch(&network.nodes[node], &batch, &attestations);
    let mine = async {
        while network.pending_transactions().await < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        network.anvil_method("evm_mine", serde_json::json!([])).await;
    };
    let (first, second, ()) = tokio::join!(register(0), register(1), mine);
    let (winner, loser) = if first.is_ok() { (first, second) } else { (second, first) };
    winner.unwrap();
    assert_eq!(loser.unwrap_err(), RegisterBatchError::AlreadyRegistered);
}

#[tokio::test]
async fn questions_about_many_keys_are_bounded() {
    let network = Network::start(3).await;
    let key = public_keys(1, 1)[0];
    let asked = vec![&key.uncompressed()[..]; MAX_KEYS_ASKED + 1];
    assert_eq!(network.chain.is_registered(&asked[1..], None).await.unwrap().len(), MAX_KEYS_ASKED);
    assert!(matches!(
        network.chain.is_registered(&asked, None).await,
        Err(ChainError::TooMany { .. })
    ));
}
