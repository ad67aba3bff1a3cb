use super::support::{Conduct, patient, start_with};
use conclave_client::{Ability, Grant, HandshakeError, Network, NodeFault};
use conclave_threshold::ids::Digest;

#[tokio::test]
async fn the_network_s_key_is_what_the_threshold_says() {
    let fake = start_with(3, &[Conduct::OldEpoch], patient()).await;
    let handshake = fake.network.handshake().await.expect("two agree");
    assert_eq!(
        (handshake.network_key, handshake.nonce),
        ([1; 48], format!("0x{}", "ab".repeat(32)))
    );
}

#[tokio::test]
async fn no_key_counts_that_too_few_agree_on() {
    let fake =
        start_with(3, &[Conduct::OldEpoch, Conduct::Honest, Conduct::Says("{}")], patient()).await;
    let HandshakeError::Shortfall(shortfall) =
        fake.network.handshake().await.expect_err("one each")
    else {
        panic!()
    };
    assert!(
        shortfall
            .failures
            .iter()
            .any(|failure| failure.fault == NodeFault::NotJson { status: 200 }),
        "{shortfall}"
    );
}

#[tokio::test]
async fn a_session_made_with_the_network_s_nonce_signs() {
    let fake = start_with(3, &[], patient()).await;
    let grants = vec![Grant::any(Ability::PkpSigning)];
    let session = fake
        .network
        .session(&fake.wallet, grants, Network::SESSION_LIFETIME)
        .await
        .expect("a nonce");
    fake.network
        .sign(&session, &fake.ceremony.public_key(), Digest::new([1; 32]))
        .await
        .expect("the nodes accept it");
    assert!(!format!("{session:?}").contains("SigningKey"));
}
