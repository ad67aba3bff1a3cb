//! This node's shares: on disk from before anybody can use them, final once the chain knows the
//! key, erased only when it never will.

use crate::lock::locked;
use conclave_chain::WalletKey;
use conclave_keystore::{Keystore, KeystoreError, Record, RecordId, Secret, State};
use conclave_threshold::codec::Encode;
use conclave_threshold::group::{Bls12381G1, Curve, Secp256k1};
use conclave_threshold::key::KeyShare;
use k256::elliptic_curve::sec1::ToSec1Point;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

const WALLET: u8 = 16;
const NETWORK_KEY: u8 = 17;

/// Shares kept decoded in memory. Beyond this the least useful thing to do is to evict at random,
/// which is what happens.
pub const MAX_CACHED: usize = 10_000;

/// A share that the chain has not confirmed yet.
#[derive(Clone, Debug)]
pub struct Provisional {
    pub id: RecordId,
    /// The key in the chain's form.
    pub public_key: Vec<u8>,
    /// The last block in which the batch can be registered.
    pub expiry: u64,
}

pub struct KeyBook {
    keystore: Arc<Keystore>,
    epoch: u64,
    wallets: Mutex<HashMap<[u8; 32], Arc<KeyShare<Secp256k1>>>>,
    provisional: Mutex<BTreeMap<RecordId, Provisional>>,
}

/// A share's key in the form in which the chain holds it; `None` for the point at infinity, which
/// no ceremony makes.
fn wallet_key(share: &KeyShare<Secp256k1>) -> Option<WalletKey> {
    WalletKey::try_from(share.public_key().to_affine().to_sec1_point(false).as_bytes()).ok()
}

fn metadata(transcript: &[u8; 32], expiry: u64, public_key: &[u8], public: &[u8]) -> Vec<u8> {
    [
        transcript.as_slice(),
        &expiry.to_be_bytes(),
        &(public_key.len() as u16).to_be_bytes(),
        public_key,
        public,
    ]
    .concat()
}

/// (expiry, public key, public part of the share)
fn parse_metadata(metadata: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let (_, rest) = metadata.split_at_checked(32)?;
    let (expiry, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (public_key, public) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((u64::from_be_bytes(*expiry), public_key, public))
}

impl KeyBook {
    pub fn open(keystore: Arc<Keystore>, epoch: u64) -> Result<Self, KeystoreError> {
        let book =
            KeyBook { keystore, epoch, wallets: Mutex::default(), provisional: Mutex::default() };
        let mut after = None;
        loop {
            let records = book.keystore.list(epoch..=epoch, after)?;
            let Some(last) = records.last().map(|record| record.id) else { break };
            for record in records.iter().filter(|record| record.state == State::Provisional) {
                if let Some((expiry, public_key, _)) = parse_metadata(&record.metadata) {
                    let entry =
                        Provisional { id: record.id, public_key: public_key.to_vec(), expiry };
                    locked(&book.provisional).insert(record.id, entry);
                }
            }
            after = Some(last);
        }
        Ok(book)
    }

    /// Stores shares before their keys can be registered.
    pub fn keep_wallets(
        &self,
        transcript: &[u8; 32],
        expiry: u64,
        keys: &[KeyShare<Secp256k1>],
    ) -> Result<Vec<Vec<u8>>, KeystoreError> {
        let named = keys.iter().filter_map(|share| {
            let key = wallet_key(share)?;
            Some((key.token_id().to_be_bytes(), key.uncompressed().to_vec(), share))
        });
        self.keep(WALLET, transcript, expiry, named)
    }

    pub fn keep_network_key(
        &self,
        transcript: &[u8; 32],
        expiry: u64,
        key: &KeyShare<Bls12381G1>,
    ) -> Result<Vec<Vec<u8>>, KeystoreError> {
        let public_key = key.public_key().encoded();
        let name = public_key.first_chunk().copied();
        let named = name.map(|name| (name, public_key, key));
        self.keep(NETWORK_KEY, transcript, expiry, named.into_iter())
    }

    fn keep<'a, C: Curve>(
        &self,
        kind: u8,
        transcript: &[u8; 32],
        expiry: u64,
        keys: impl Iterator<Item = ([u8; 32], Vec<u8>, &'a KeyShare<C>)>,
    ) -> Result<Vec<Vec<u8>>, KeystoreError> {
        let (mut records, mut entries) = (Vec::new(), Vec::new());
        for (key, public_key, share) in keys {
            let id = RecordId { epoch: self.epoch, key, kind };
            records.push(Record {
                id,
                state: State::Provisional,
                metadata: metadata(transcript, expiry, &public_key, &share.encode_public()),
                secret: Secret::new(share.encode_secret().to_vec()),
            });
            entries.push(Provisional { id, public_key, expiry });
        }
        self.keystore.put(&records)?;
        let public_keys = entries.iter().map(|entry| entry.public_key.clone()).collect();
        locked(&self.provisional).extend(entries.into_iter().map(|entry| (entry.id, entry)));
        Ok(public_keys)
    }

    /// Shares that wait for the chain.
    pub fn provisional(&self) -> Vec<Provisional> {
        locked(&self.provisional).values().cloned().collect()
    }

    /// The chain knows these keys.
    pub fn finalize(&self, ids: &[RecordId]) -> Result<(), KeystoreError> {
        self.keystore.finalize(ids)?;
        let mut provisional = locked(&self.provisional);
        ids.iter().for_each(|id| drop(provisional.remove(id)));
        Ok(())
    }

    /// The chain will never know these keys: a finalised block past their expiry does not.
    pub fn erase(&self, ids: &[RecordId]) -> Result<(), KeystoreError> {
        self.keystore.erase(ids)?;
        let mut provisional = locked(&self.provisional);
        ids.iter().for_each(|id| drop(provisional.remove(id)));
        Ok(())
    }

    /// The share of a wallet key, provisional or final: whether the key may be used is the chain's
    /// word. `None` when this node has none.
    pub fn wallet(
        &self,
        token: &[u8; 32],
    ) -> Result<Option<Arc<KeyShare<Secp256k1>>>, KeystoreError> {
        if let Some(share) = locked(&self.wallets).get(token) {
            return Ok(Some(share.clone()));
        }
        let id = RecordId { epoch: self.epoch, key: *token, kind: WALLET };
        let Some(record) = self.keystore.get(id)? else { return Ok(None) };
        let share = parse_metadata(&record.metadata)
            .and_then(|(_, _, public)| {
                KeyShare::<Secp256k1>::decode(public, record.secret.expose()).ok()
            })
            .filter(KeyShare::verify);
        let Some(share) = share.map(Arc::new) else {
            tracing::error!(token = %hex::encode(token), "a stored share does not fit its key");
            return Ok(None);
        };
        let mut cache = locked(&self.wallets);
        if cache.len() >= MAX_CACHED
            && let Some(evicted) = cache.keys().next().copied()
        {
            cache.remove(&evicted);
        }
        cache.insert(*token, share.clone());
        Ok(Some(share))
    }
}

#[cfg(test)]
mod tests;
