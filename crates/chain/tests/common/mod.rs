//! A network on a chain of its own, for one test.

#![allow(dead_code, reason = "each test binary uses a part")]

use alloy::signers::local::PrivateKeySigner;
use conclave_chain::anvil::{AnvilOptions, AnvilProcess, funded_key};
use conclave_chain::*;

/// Nobody's business but the tests': far enough away.
pub const EXPIRY: u64 = 1_000_000;

pub struct Network {
    pub anvil: AnvilProcess,
    pub chain: Chain,
    /// Owns the contracts.
    pub deployer: Account,
    /// Accounts of the members.
    pub nodes: Vec<Account>,
    /// Two users.
    pub users: [Account; 2],
}

impl Network {
    /// Deployed and started, without a key.
    pub async fn start(count: usize) -> Self {
        let network = Self::deploy(count).await;
        network.chain.start(&network.deployer).await.unwrap();
        network
    }

    /// Deployed, not started.
    pub async fn deploy(count: usize) -> Self {
        let anvil = AnvilProcess::start(&AnvilOptions::default()).await.unwrap();
        let account = |number| Account::new(anvil.rpc().clone(), funded_key(number));
        let deployer = account(0);
        let nodes: Vec<_> = (3..3 + count).map(account).collect();
        let members: Vec<_> =
            nodes.iter().zip(1..).map(|(node, id)| member(node.address(), id)).collect();
        let addresses = deploy(&deployer, &members).await.unwrap();
        let chain = Chain::new(anvil.rpc().clone(), Contracts::Known(addresses)).await.unwrap();
        Self { users: [account(1), account(2)], anvil, chain, deployer, nodes }
    }

    /// Registers wallet keys, attested by all members.
    pub async fn register(&self, first: u8, count: u8) -> Vec<WalletKey> {
        let keys = public_keys(first, count);
        let batch = Batch::of_wallets([first; 32], 1, EXPIRY, &keys).unwrap();
        self.chain
            .register_batch(&self.nodes[0], &batch, &self.attestations(&batch))
            .await
            .unwrap();
        keys
    }

    pub fn attestations(&self, batch: &Batch) -> Vec<Attestation> {
        self.nodes.iter().map(|node| self.chain.attest(batch, node.key())).collect()
    }

    /// One of anvil's own methods.
    pub async fn anvil_method(
        &self,
        method: &str,
        parameters: serde_json::Value,
    ) -> serde_json::Value {
        let request =
            serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
        let answer =
            reqwest::Client::new().post(self.anvil.url()).json(&request).send().await.unwrap();
        let answer: serde_json::Value = answer.json().await.unwrap();
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    /// How many transactions wait for a block.
    pub async fn pending_transactions(&self) -> u64 {
        let status = self.anvil_method("txpool_status", serde_json::json!([])).await;
        u64::from_str_radix(status["pending"].as_str().unwrap().trim_start_matches("0x"), 16)
            .unwrap()
    }
}

pub fn member(address: Address, id: u16) -> NewMember {
    NewMember {
        address,
        http: format!("127.0.0.1:{}", 7470 + id).parse().unwrap(),
        mesh: format!("127.0.0.1:{}", 7570 + id).parse().unwrap(),
        identity: [id as u8; 32],
    }
}

/// Public keys of known private keys, which no test but this one uses.
pub fn public_keys(first: u8, count: u8) -> Vec<WalletKey> {
    (first..first + count)
        .map(|byte| {
            let signer = PrivateKeySigner::from_slice(&[byte; 32]).unwrap();
            let coordinates = signer.public_key();
            let mut key = [4; 65];
            key[1..].copy_from_slice(&coordinates[..]);
            let key = WalletKey::try_from(key).unwrap();
            assert_eq!(key.address(), signer.address());
            key
        })
        .collect()
}
