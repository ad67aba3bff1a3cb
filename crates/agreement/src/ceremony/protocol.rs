//! A protocol while it runs, whatever it makes, and what it leaves behind.

use conclave_threshold::envelope::Envelope;
use conclave_threshold::fault::Fault;
use conclave_threshold::party::PartyId;
use conclave_threshold::presignature::{Batch, BatchCertificate};

/// What a ceremony left behind.
pub enum CeremonyOutput {
    /// Generated keys, attested by every participant; their shares are already on disk,
    /// provisionally.
    Keys(GeneratedKeys),
    /// This member's part of a batch.
    Presignatures(Batch),
}

/// Keys that every participant has attested.
#[derive(Clone, Debug)]
pub struct GeneratedKeys {
    /// What was attested.
    pub batch: KeyBatch,
    /// Each participant's signature, in the chain's form.
    pub attestations: Vec<(PartyId, Vec<u8>)>,
}

/// What an attestation is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyBatch {
    /// [`KEY_TYPE_BLS`] or [`KEY_TYPE_ECDSA`].
    pub key_type: u8,
    /// Hash of the ceremony's public messages.
    pub transcript: [u8; 32],
    /// The last block in which the batch can be registered.
    pub expiry: u64,
    /// In the chain's form.
    pub public_keys: Vec<Vec<u8>>,
}

/// The ERC-721 contracts' number for BLS12-381 keys.
pub const KEY_TYPE_BLS: u8 = 1;
/// The ERC-721 contracts' number for secp256k1 keys.
pub const KEY_TYPE_ECDSA: u8 = 2;

/// One member's run of a protocol. It computes, so it is called in jobs only.
pub trait Protocol: Send {
    /// Takes one message from the authenticated link of `from` and returns what is to be sent.
    ///
    /// # Errors
    /// A [`Stop`] whose fault is not fatal drops the message. Any other ends the run.
    fn receive(&mut self, from: PartyId, envelope: Envelope) -> Result<Vec<Envelope>, Stop>;

    /// Takes the certificate of a presigning run that is complete elsewhere.
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    fn certificate(&mut self, _: PartyId, _: &BatchCertificate) -> Result<(), Stop> {
        Ok(())
    }

    /// The result, once, when the run is complete.
    fn output(&mut self) -> Option<CeremonyOutput>;

    /// Participants whose messages the present round still lacks.
    fn waiting_for(&self) -> Vec<PartyId>;
}

/// A run that has begun.
pub struct Started {
    /// The run.
    pub protocol: Box<dyn Protocol>,
    /// Its first messages.
    pub first: Vec<Envelope>,
}

/// Why a run ended without a result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stop {
    /// For people.
    pub reason: String,
    /// The check that failed, if one did.
    pub fault: Option<Fault>,
}

impl Stop {
    /// Whether only the message at hand was bad, and the run goes on without it.
    pub(crate) fn harmless(&self) -> Option<&Fault> {
        self.fault.as_ref().filter(|fault| !fault.is_fatal())
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop { reason: fault.to_string(), fault: Some(fault) }
    }
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Stop { reason, fault: None }
    }
}
