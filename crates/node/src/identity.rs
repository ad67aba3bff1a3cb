//! A node's own keys, made once and kept in its keystore: the Ed25519 identity that links and
//! messages are signed with, the secp256k1 account that attests and registers keys on chain, and
//! the secret that hedges all randomness.

use crate::entropy::{EntropyError, fresh};
use conclave_chain::{Address, EthereumKey};
use conclave_keystore::{
    CreateError, DerivationCost, Keystore, KeystoreError, OpenError, Passphrase, Record, RecordId,
    Secret, State,
};
use ed25519_dalek::SigningKey;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The keystore's file in a node's data folder.
pub fn keystore_path(folder: &Path) -> PathBuf {
    folder.join("keystore.redb")
}

/// Why a node's keys cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The operating system refuses the folder.
    #[error("the data folder {path} cannot be used: {error}")]
    Folder {
        /// Where.
        path: PathBuf,
        /// Its words.
        error: std::io::Error,
    },
    /// A new keystore cannot be made.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// The keystore cannot be opened, with this passphrase or at all.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The keystore fails.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The operating system gives no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A record of the node's own is missing or malformed.
    #[error("the keystore has no usable {0}: it was not made by `conclave node init`")]
    Incomplete(&'static str),
}

/// The kinds of a node's own records; shares begin at 16, see [`crate::keys`].
const IDENTITY: u8 = 1;
const ACCOUNT: u8 = 2;
const HEDGE: u8 = 3;

fn record_id(kind: u8) -> RecordId {
    RecordId { epoch: 0, key: [0; 32], kind }
}

/// The keys in memory.
pub struct NodeIdentity {
    /// Signs links and messages.
    pub signing_key: SigningKey,
    /// That the signing key comes from.
    pub seed: Zeroizing<[u8; 32]>,
    /// Attests and registers keys on chain.
    pub account: EthereumKey,
    /// Hedges all randomness.
    pub hedge: Zeroizing<[u8; 32]>,
}

/// What others may know of a node's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicIdentity {
    /// Ed25519 public key.
    pub identity: [u8; 32],
    /// Of its account on chain.
    pub address: Address,
}

impl NodeIdentity {
    /// The public parts.
    pub fn public(&self) -> PublicIdentity {
        PublicIdentity {
            identity: self.signing_key.verifying_key().to_bytes(),
            address: self.account.address(),
        }
    }
}

/// Makes a node's data folder, keystore and keys. Never overwrites an existing keystore.
///
/// # Errors
/// Nothing is left half made, but for the folder.
pub fn create(
    folder: &Path,
    passphrase: &Passphrase,
    cost: DerivationCost,
) -> Result<PublicIdentity, IdentityError> {
    std::fs::create_dir_all(folder)
        .map_err(|error| IdentityError::Folder { path: folder.into(), error })?;
    let seed = Zeroizing::new(fresh::<32>()?);
    let identity = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    let account = loop {
        let bytes = Zeroizing::new(fresh::<32>()?);
        if EthereumKey::from_bytes(&bytes).is_ok() {
            break bytes;
        }
    };
    let hedge = Zeroizing::new(fresh::<32>()?);
    let keystore = Keystore::create(&keystore_path(folder), passphrase, identity, cost)?;
    let record = |kind: u8, secret: &[u8; 32]| Record {
        id: record_id(kind),
        state: State::Final,
        metadata: Vec::new(),
        secret: Secret::new(secret.to_vec()),
    };
    keystore.put(&[record(IDENTITY, &seed), record(ACCOUNT, &account), record(HEDGE, &hedge)])?;
    let address = EthereumKey::from_bytes(&account)
        .map_err(|_| IdentityError::Incomplete("account"))?
        .address();
    Ok(PublicIdentity { identity, address })
}

/// Opens an existing keystore and reads the node's keys from it.
///
/// # Errors
/// A wrong passphrase, a damaged or an incomplete keystore.
pub fn open(
    folder: &Path,
    passphrase: &Passphrase,
) -> Result<(Keystore, NodeIdentity), IdentityError> {
    let keystore = Keystore::open(&keystore_path(folder), passphrase)?;
    let secret = |kind: u8, what: &'static str| -> Result<Zeroizing<[u8; 32]>, IdentityError> {
        let record = keystore.get(record_id(kind))?.ok_or(IdentityError::Incomplete(what))?;
        let bytes: [u8; 32] =
            record.secret.expose().try_into().map_err(|_| IdentityError::Incomplete(what))?;
        Ok(Zeroizing::new(bytes))
    };
    let seed = secret(IDENTITY, "identity key")?;
    let account = EthereumKey::from_bytes(&*secret(ACCOUNT, "account")?)
        .map_err(|_| IdentityError::Incomplete("account"))?;
    let identity = NodeIdentity {
        signing_key: SigningKey::from_bytes(&seed),
        seed,
        account,
        hedge: secret(HEDGE, "hedge")?,
    };
    Ok((keystore, identity))
}
