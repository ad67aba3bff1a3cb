//! What users do with keys, and what nodes then read.

mod common;

use common::*;
use conclave_chain::permission::*;
use conclave_chain::*;

const ACTION: [u8; 34] = [0x12; 34];

fn by(account: &Account) -> Asker {
    Asker { addresses: vec![account.address()], ..Asker::default() }
}

fn running(account: &Account) -> Asker {
    Asker { action: Some(ACTION), ..by(account) }
}

async fn may(network: &Network, token: U256, asker: &Asker, need: Need) -> Result<Grounds, Denied> {
    network.chain.decide(token, asker, need).await.unwrap()
}

#[tokio::test]
async fn an_empty_pool_has_its_own_error() {
    let network = Network::start(3).await;
    assert_eq!(network.chain.mint(&network.users[0]).await.unwrap_err(), MintError::PoolEmpty);
    let burned = network.chain.mint_grant_and_burn(&network.users[0], ACTION).await;
    assert_eq!(burned.unwrap_err(), MintError::PoolEmpty);
}

#[tokio::test]
async fn a_minted_key_belongs_to_its_minter_until_it_is_transferred() {
    let network = Network::start(3).await;
    let [alice, bob] = &network.users;
    let keys = network.register(1, 2).await;
    let token = keys[0].token_id();
    assert_eq!(may(&network, token, &by(alice), Need::SignAnything).await, Err(Denied::NotMinted));

    let minted = network.chain.mint(alice).await.unwrap();
    assert_eq!((minted.public_key.token_id(), minted.public_key), (token, keys[0]));
    assert_eq!(minted.public_key.address(), keys[0].address());
    assert!(network.chain.key(token).await.unwrap().unwrap().minted);
    assert_eq!(network.chain.pool_size().await.unwrap(), 1);
    assert_eq!(may(&network, token, &by(alice), Need::SignAnything).await, Ok(Grounds::Owner));
    assert_eq!(may(&network, token, &by(bob), Need::SignAnything).await, Err(Denied::NotPermitted));

    network.chain.transfer(alice, token, bob.address()).await.unwrap();
    assert_eq!(may(&network, token, &by(bob), Need::SignAnything).await, Ok(Grounds::Owner));
    assert_eq!(
        may(&network, token, &by(alice), Need::SignAnything).await,
        Err(Denied::NotPermitted)
    );
    let again = network.chain.transfer(alice, token, bob.address()).await.unwrap_err();
    assert!(again.revert().unwrap().name.starts_with("ERC721"), "{again}");
}

#[tokio::test]
async fn grants_give_what_their_scopes_say_until_they_are_revoked() {
    let network = Network::start(3).await;
    let [alice, bob] = &network.users;
    network.register(1, 1).await;
    let token = network.chain.mint(alice).await.unwrap().public_key.token_id();
    let account = AuthMethod::address(bob.address());

    network.chain.grant(alice, token, &account, &[]).await.unwrap();
    assert_eq!(may(&network, token, &by(bob), Need::PersonalSign).await, Err(Denied::ScopeMissing));
    network.chain.grant(alice, token, &account, &[Scope::PersonalSign]).await.unwrap();
    assert!(may(&network, token, &by(bob), Need::PersonalSign).await.is_ok());
    assert_eq!(may(&network, token, &by(bob), Need::SignAnything).await, Err(Denied::ScopeMissing));

    let action = AuthMethod::action(ACTION);
    network.chain.grant(alice, token, &action, &[Scope::SignAnything]).await.unwrap();
    assert!(may(&network, token, &running(bob), Need::SignAnything).await.is_ok());
    let expected = [
        Grant { method: account.clone(), scopes: [Scope::PersonalSign].into() },
        Grant { method: action.clone(), scopes: [Scope::SignAnything].into() },
    ];
    assert_eq!(network.chain.grants(token).await.unwrap(), expected);

    network.chain.revoke(alice, token, &account).await.unwrap();
    assert_eq!(may(&network, token, &by(bob), Need::PersonalSign).await, Err(Denied::NotPermitted));
    let missing = network.chain.revoke(alice, token, &account).await.unwrap_err();
    assert_eq!(missing.revert().unwrap().name, "AuthMethodNotPermitted");
    let stranger =
        network.chain.grant(bob, token, &account, &[Scope::SignAnything]).await.unwrap_err();
    assert_eq!(stranger.revert().unwrap().name, "NotTokenOwner");
}

#[tokio::test]
async fn a_wallet_login_counts_for_its_account() {
    let network = Network::start(3).await;
    let [alice, bob] = &network.users;
    network.register(1, 1).await;
    let token = network.chain.mint(alice).await.unwrap().public_key.token_id();
    for login in
        [AuthMethod::wallet(bob.address()), AuthMethod::wallet_in_lower_case(bob.address())]
    {
        network.chain.grant(alice, token, &login, &[Scope::SignAnything]).await.unwrap();
        assert!(may(&network, token, &by(bob), Need::SignAnything).await.is_ok());
        network.chain.revoke(alice, token, &login).await.unwrap();
        assert!(may(&network, token, &by(bob), Need::SignAnything).await.is_err());
    }
}

#[tokio::test]
async fn a_transfer_keeps_grants_unless_all_are_revoked() {
    let network = Network::start(3).await;
    let [alice, bob] = &network.users;
    network.register(1, 1).await;
    let token = network.chain.mint(alice).await.unwrap().public_key.token_id();
    for byte in 0..3 {
        let method = AuthMethod { kind: U256::from(6), id: vec![byte; 32] };
        network.chain.grant(alice, token, &method, &[Scope::SignAnything]).await.unwrap();
    }
    network.chain.transfer(alice, token, bob.address()).await.unwrap();
    assert_eq!(network.chain.grants(token).await.unwrap().len(), 3);
    assert_eq!(network.chain.revoke_all(bob, token).await.unwrap().len(), 3);
    assert_eq!(network.chain.grants(token).await.unwrap(), []);
    assert_eq!(network.chain.revoke_all(bob, token).await.unwrap(), []);
}

#[tokio::test]
async fn a_burned_key_is_used_by_its_action_and_nobody_else() {
    let network = Network::start(3).await;
    let [alice, bob] = &network.users;
    network.register(1, 1).await;
    let minted = network.chain.mint_grant_and_burn(alice, ACTION).await.unwrap();
    let authorisation = network
        .chain
        .authorisation(minted.public_key.token_id(), &[AuthMethod::action(ACTION)])
        .await
        .unwrap();
    assert_eq!(authorisation.owner, None);
    assert_eq!(authorisation.public_key, Some(minted.public_key));
    assert!(
        may(&network, minted.public_key.token_id(), &running(bob), Need::SignAnything)
            .await
            .is_ok()
    );
    let without_action =
        may(&network, minted.public_key.token_id(), &by(alice), Need::PersonalSign).await;
    assert_eq!(without_action, Err(Denied::NotPermitted));
    let changed = network.chain.revoke_all(alice, minted.public_key.token_id()).await.unwrap_err();
    assert_eq!(changed.revert().unwrap().name, "NotTokenOwner");
}

#[tokio::test]
async fn an_unknown_token_is_not_minted() {
    let network = Network::start(3).await;
    let denied = may(&network, U256::from(5), &by(&network.users[0]), Need::SignAnything).await;
    assert_eq!(denied, Err(Denied::NotMinted));
    assert_eq!(network.chain.grants(U256::from(5)).await.unwrap(), []);
    let methods = vec![AuthMethod::action(ACTION); 65];
    assert!(network.chain.authorisation(U256::from(5), &methods[1..]).await.is_ok());
    let refused = network.chain.authorisation(U256::from(5), &methods).await;
    assert!(matches!(refused, Err(ChainError::TooMany { .. })));
}

#[tokio::test]
async fn many_transactions_of_one_account_at_once_are_numbered_one_after_the_other() {
    let network = Network::start(3).await;
    let [alice, bob] = &network.users;
    let before = network.chain.rpc().balance(bob.address()).await.unwrap();
    let sent = (0..8).map(|_| {
        let alice = alice.clone();
        let to = bob.address();
        tokio::spawn(async move { alice.send_value(to, U256::from(7)).await })
    });
    for task in sent.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    let after = network.chain.rpc().balance(bob.address()).await.unwrap();
    assert_eq!(after - before, U256::from(56));
}

#[tokio::test]
async fn an_account_without_funds_is_refused_in_words() {
    let network = Network::deploy(0).await;
    let pauper =
        Account::new(network.anvil.rpc().clone(), EthereumKey::from_bytes(&[0x77; 32]).unwrap());
    let sent = pauper.send_value(network.users[0].address(), U256::from(1)).await;
    assert!(matches!(sent, Err(ChainError::Refused { .. })), "{sent:?}");
}

#[tokio::test]
async fn a_transaction_that_somebody_else_signed_is_sent_and_waited_for() {
    use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
    use alloy::eips::eip2718::Encodable2718;
    use alloy::primitives::{Signature, TxKind};

    let network = Network::deploy(0).await;
    let rpc = network.chain.rpc();
    let [alice, bob] = &network.users;
    let fees = rpc.fees().await.unwrap();
    let transaction = TxEip1559 {
        chain_id: rpc.chain_id(),
        nonce: rpc.next_nonce(alice.address()).await.unwrap(),
        gas_limit: 21_000,
        max_fee_per_gas: fees.max_fee_per_gas,
        max_priority_fee_per_gas: fees.max_priority_fee_per_gas,
        to: TxKind::Call(bob.address()),
        value: U256::from(9),
        ..Default::default()
    };
    let signature = alice.key().sign_digest(transaction.signature_hash());
    let signed: TxEnvelope =
        transaction.into_signed(Signature::from_raw_array(&signature).unwrap()).into();
    let before = rpc.balance(bob.address()).await.unwrap();
    let hash = rpc.send_raw_transaction(&signed.encoded_2718()).await.unwrap();
    assert_eq!(rpc.wait_for(hash).await.unwrap().transaction, hash);
    assert_eq!(rpc.balance(bob.address()).await.unwrap() - before, U256::from(9));
    assert!(matches!(rpc.send_raw_transaction(&[1, 2, 3]).await, Err(ChainError::Refused { .. })));
}

#[tokio::test]
async fn a_token_is_found_by_the_address_of_its_key() {
    let network = Network::start(3).await;
    network.register(1, 20).await;
    let mut minted = Vec::new();
    for _ in 0..18 {
        minted.push(network.chain.mint(&network.users[0]).await.unwrap());
    }
    for token in [&minted[0], &minted[17]] {
        assert_eq!(
            network.chain.token_with_address(token.public_key.address()).await.unwrap(),
            Some(token.public_key.token_id())
        );
    }
    assert_eq!(network.chain.token_with_address(network.users[0].address()).await.unwrap(), None);
}
