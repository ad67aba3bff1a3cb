//! Somebody with an account, who asks all nodes.

use crate::call::{Call, Reply};
use crate::run::RunReply;
use crate::site::Devnet;
use crate::wait::until;
use conclave_auth::{Ability, Grant, SessionSigner, SessionTerms, Wallet};
use conclave_chain::anvil::{FUNDED_KEYS, funded_key};
use conclave_chain::{Account, Chain, Minted, WalletKey};
use conclave_threshold::ids::Digest;
use conclave_wire::{ActionSource, ExecuteRequest, PkpSignRequest, Status, headers, paths};
use futures_util::future::join_all;
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use time::OffsetDateTime;

/// Longer than any node takes for its answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(40);
/// How long the network may take until all nodes say that they are ready again.
const READY_AGAIN: Duration = Duration::from_secs(180);

/// No two digests and request ids of one program are the same.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// One of the chain's funded accounts, with a session.
pub struct User {
    pub chain: Chain,
    pub account: Account,
    session: SessionSigner,
    http: reqwest::Client,
    nodes: Vec<String>,
}

impl User {
    /// The funded account of this number, from 1. (The devnet itself sends from number 0.)
    pub async fn new(devnet: &Devnet, number: usize) -> Self {
        let mut secret = [0; 32];
        hex::decode_to_slice(FUNDED_KEYS[number], &mut secret).expect("the constants are hex");
        let wallet = Wallet::from_secret(&secret).expect("the constants are keys");
        let now = OffsetDateTime::now_utc();
        let terms = SessionTerms {
            domain: "localhost".into(),
            statement: None,
            chain_id: 1,
            nonce: "0123456789abcdef".into(),
            issued_at: now,
            expiration: now + time::Duration::hours(1),
            grants: vec![Grant::any(Ability::PkpSigning), Grant::any(Ability::ActionExecution)],
        };
        let chain = devnet.chain().await;
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(ANSWER_TIMEOUT)
            .build()
            .expect("a client");
        User {
            account: Account::new(chain.rpc().clone(), funded_key(number)),
            chain,
            session: SessionSigner::new(&wallet, &[number as u8 + 1; 32], terms),
            http,
            nodes: devnet.description.nodes.clone(),
        }
    }

    /// A key of the user's own.
    pub async fn mint(&self) -> Minted {
        self.chain.mint(&self.account).await.expect("a ready network has keys to mint")
    }

    /// Asks every node to sign a fresh digest, and waits until each has answered or was given up.
    pub async fn sign(&self, key: &WalletKey) -> Call {
        self.sign_at(key, self.nodes.iter().collect()).await
    }

    /// The same, but asks every node except `absent`, a number from 1.
    pub async fn sign_without(&self, key: &WalletKey, absent: u16) -> Call {
        let asked = self.nodes.iter().enumerate().filter(|(at, _)| at + 1 != usize::from(absent));
        self.sign_at(key, asked.map(|(_, node)| node).collect()).await
    }

    async fn sign_at(&self, key: &WalletKey, nodes: Vec<&String>) -> Call {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut bytes = [0xd1; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        let digest = Digest::new(bytes);
        let id = format!("faults-{}-{number}", std::process::id());
        let replies = nodes.into_iter().map(|node| self.ask(node, &id, key, digest));
        Call::new(key, digest, join_all(replies).await)
    }

    /// Has every node run an action, and waits until each has answered or was given up.
    pub async fn run(
        &self,
        code: &str,
        params: serde_json::Map<String, serde_json::Value>,
    ) -> Vec<RunReply> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let id = format!("faults-{}-{number}", std::process::id());
        let replies = self.nodes.iter().map(|node| {
            let request = ExecuteRequest {
                source: ActionSource::Inline(code.to_owned()),
                js_params: params.clone(),
                auth_sig: Some(self.session.sign_for(node, OffsetDateTime::now_utc())),
                credentials: Vec::new(),
                epoch: 0,
            };
            self.post(format!("{node}{}", paths::EXECUTE_V1), &id, request)
        });
        let answers = join_all(replies).await;
        answers
            .into_iter()
            .map(|answer| {
                answer.map_or_else(RunReply::Silent, |(status, body)| RunReply::read(status, &body))
            })
            .collect()
    }

    /// Status and body of the answer, or why there is none.
    async fn post(
        &self,
        url: String,
        id: &str,
        request: impl Serialize,
    ) -> Result<(u16, Vec<u8>), String> {
        let sent = self.http.post(url).header(headers::REQUEST_ID, id).json(&request).send().await;
        let response = sent.map_err(|error| error.without_url().to_string())?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(|error| error.without_url().to_string())?;
        Ok((status, body.to_vec()))
    }

    async fn ask(&self, node: &str, id: &str, key: &WalletKey, digest: Digest) -> Reply {
        let auth_sig = Some(self.session.sign_for(node, OffsetDateTime::now_utc()));
        let request = PkpSignRequest {
            to_sign: *digest.as_bytes(),
            pubkey: *key.uncompressed(),
            auth_sig,
            credentials: Vec::new(),
            epoch: 0,
        };
        let answer = self.post(format!("{node}{}", paths::PKP_SIGN_V1), id, request).await;
        answer.map_or_else(Reply::Silent, |(status, body)| Reply::read(status, &body))
    }

    /// What a node says of itself, if it answers.
    pub async fn status(&self, node: &str) -> Option<Status> {
        self.http.get(format!("{node}{}", paths::STATUS)).send().await.ok()?.json().await.ok()
    }

    /// Waits until every node is linked to all others and can sign with any of them.
    pub async fn until_all_are_ready(&self) {
        until("all nodes are ready", READY_AGAIN, async || {
            let answers = join_all(self.nodes.iter().map(|node| self.status(node))).await;
            answers.iter().all(|status| status.as_ref().is_some_and(|status| status.ready))
        })
        .await;
    }
}
