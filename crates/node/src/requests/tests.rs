//! Who may sign, from the request to the verdict that the node announces.

mod sessions;
mod who_may_sign;

use super::member::{CoreLink, EpochMember, WalletShares};
use super::signer::{PermissionReads, Signer};
use crate::core::{Command, Ended};
use conclave_agreement::signing::{Outcome, Verdict, Wish};
use conclave_chain::permission::Authorisation;
use conclave_chain::{Address, AuthMethod, ChainError, Grant, Membership, U256, WalletKey};
use conclave_keystore::KeystoreError;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::KeyShare;
use conclave_threshold::party::PartyId;
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::{deal_epoch, deal_key};
use futures_util::future::{BoxFuture, ready};
use k256::elliptic_curve::sec1::ToSec1Point;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// What the chain holds of the one key of these tests.
#[derive(Clone)]
pub struct Ledger {
    key: WalletKey,
    minted: bool,
    owner: Option<Address>,
    grants: Vec<Grant>,
}

/// Answers as the permissions contract does, or not at all.
struct FakeChain(Mutex<Result<Ledger, ChainError>>);

impl PermissionReads for FakeChain {
    fn authorisation<'a>(
        &'a self,
        token: U256,
        methods: &'a [AuthMethod],
    ) -> BoxFuture<'a, Result<Authorisation, ChainError>> {
        let ledger = self.0.lock().unwrap().clone();
        let answer = ledger.map(|Ledger { key, minted, owner, grants }| {
            let known = minted && token == key.token_id();
            let asked = grants.into_iter().filter(|grant| known && methods.contains(&grant.method));
            Authorisation {
                owner: owner.filter(|_| known),
                public_key: known.then_some(key),
                grants: asked.collect(),
            }
        });
        Box::pin(ready(answer))
    }
}

/// Holds one share, or none.
struct FakeShares(Option<([u8; 32], Arc<KeyShare<Secp256k1>>)>);

impl WalletShares for FakeShares {
    fn share(&self, token: &[u8; 32]) -> Result<Option<Arc<KeyShare<Secp256k1>>>, KeystoreError> {
        Ok(self.0.as_ref().filter(|(own, _)| own == token).map(|(_, share)| share.clone()))
    }
}

/// One node, with a chain and a core that remember what they were told.
pub struct Scene {
    key: WalletKey,
    chain: Arc<FakeChain>,
    member: Arc<EpochMember>,
    announced: Arc<Mutex<Vec<Wish>>>,
}

impl Scene {
    /// `holds_share`: whether this node has a share of the key.
    fn new(holds_share: bool) -> Self {
        let mut randomness = Randomness::from_seed([7; 32]);
        let (epoch, _) = deal_epoch(&[1, 2, 3], 2, &mut randomness);
        let me = PartyId::new(1).unwrap();
        let share = deal_key::<Secp256k1>(2, &epoch.ids(), &mut randomness).remove(&me).unwrap();
        let point = share.public_key().to_affine().to_sec1_point(false);
        let key = WalletKey::try_from(point.as_bytes()).unwrap();
        let held = holds_share.then(|| (key.token_id().to_be_bytes(), Arc::new(share)));
        let ledger = Ledger { key, minted: true, owner: None, grants: Vec::new() };
        let (commands, asked) = mpsc::channel(1);
        let announced = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(play_core(asked, announced.clone()));
        let membership = Membership {
            chain_id: 1,
            staking: Address::ZERO,
            epoch: epoch.number(),
            threshold: epoch.threshold(),
            members: Vec::new(),
        };
        let core = CoreLink::new(epoch.digest(), commands);
        let shares = Arc::new(FakeShares(held));
        let member = Arc::new(EpochMember { epoch, me, membership, shares, core });
        Scene { key, chain: Arc::new(FakeChain(Mutex::new(Ok(ledger)))), member, announced }
    }

    /// The chain says this from now on.
    fn chain_says(&self, change: impl FnOnce(&mut Ledger)) {
        let mut ledger = Ledger { key: self.key, minted: true, owner: None, grants: Vec::new() };
        change(&mut ledger);
        *self.chain.0.lock().unwrap() = Ok(ledger);
    }

    fn signer(&self) -> Signer {
        Signer { permissions: self.chain.clone(), member: self.member.clone() }
    }

    /// What the node announced since it was last asked.
    fn announced(&self) -> Vec<Wish> {
        std::mem::take(&mut self.announced.lock().unwrap())
    }
}

/// A core whose calls end as they do where nobody else says anything of weight: a node that says
/// yes stands outside the signing set, and one that says no is refused.
async fn play_core(mut asked: mpsc::Receiver<Command>, announced: Arc<Mutex<Vec<Wish>>>) {
    while let Some(Command::Begin { wish, reply, .. }) = asked.recv().await {
        let outcome = match &wish.verdict {
            Verdict::Yes { .. } => Outcome::Empty,
            Verdict::No { reason } => Outcome::Refused { reason: reason.clone() },
        };
        announced.lock().unwrap().push(*wish);
        let say_before = Instant::now() + Duration::from_secs(60);
        let _ = reply.send(Ended { outcome, say_before });
    }
}
