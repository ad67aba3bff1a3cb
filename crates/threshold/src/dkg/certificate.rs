//! What makes provisional keys final: every participant's attestation of one transcript.

use crate::codec::{Bytes, Decode, DecodeError, Encode, Reader};
use crate::party::{MAX_MEMBERS, PartyId};
use std::collections::BTreeMap;

/// The longest attestation, in bytes.
pub const MAX_ATTESTATION: usize = 1024;

/// Whether the bytes are the party's attestation of the keys at hand. The caller's: this crate does
/// not know what a chain can check.
pub type AttestationCheck = Box<dyn Fn(PartyId, &[u8]) -> bool + Send>;

/// All participants' attestations. It also completes a participant who missed some.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// Hash of what every participant saw.
    pub transcript: [u8; 32],
    /// Every participant's signature over it, in the caller's own form.
    pub attestations: BTreeMap<PartyId, Vec<u8>>,
}

impl Certificate {
    /// Whether exactly `participants` attested `transcript`.
    pub fn verify(
        &self,
        transcript: &[u8; 32],
        participants: &[PartyId],
        check: &AttestationCheck,
    ) -> bool {
        self.transcript == *transcript
            && self.attestations.keys().eq(participants)
            && self.attestations.iter().all(|(id, attestation)| {
                attestation.len() <= MAX_ATTESTATION && check(*id, attestation)
            })
    }
}

impl Encode for Certificate {
    fn encode(&self, out: &mut Vec<u8>) {
        self.transcript.encode(out);
        (self.attestations.len() as u16).encode(out);
        for (id, attestation) in &self.attestations {
            id.encode(out);
            (attestation.len() as u32).encode(out);
            out.extend_from_slice(attestation);
        }
    }
}

impl Decode for Certificate {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let transcript = reader.array()?;
        let count = u16::decode(reader)?;
        if usize::from(count) > MAX_MEMBERS {
            return Err(DecodeError::NotCanonical("attestations"));
        }
        let mut attestations = BTreeMap::new();
        for _ in 0..count {
            let (id, attestation) = (PartyId::decode(reader)?, Bytes::decode(reader)?.0);
            let ascends = attestations.last_key_value().is_none_or(|(last, _)| *last < id);
            if !ascends || attestation.len() > MAX_ATTESTATION {
                return Err(DecodeError::NotCanonical("attestations"));
            }
            attestations.insert(id, attestation);
        }
        Ok(Certificate { transcript, attestations })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(number: u16) -> PartyId {
        PartyId::new(number).unwrap()
    }

    fn certificate() -> Certificate {
        Certificate {
            transcript: [7; 32],
            attestations: (1..=3).map(|number| (party(number), vec![number as u8; 65])).collect(),
        }
    }

    #[test]
    fn verifies_for_exactly_its_participants_and_transcript() {
        let check: AttestationCheck = Box::new(|id, bytes| bytes == vec![id.number() as u8; 65]);
        let all = [party(1), party(2), party(3)];
        assert!(certificate().verify(&[7; 32], &all, &check));
        assert!(!certificate().verify(&[8; 32], &all, &check));
        assert!(!certificate().verify(&[7; 32], &all[..2], &check));
        assert!(!certificate().verify(&[7; 32], &[party(1), party(2), party(3), party(4)], &check));
        let mut altered = certificate();
        altered.attestations.insert(party(2), vec![9; 65]);
        assert!(!altered.verify(&[7; 32], &all, &check));
    }

    #[test]
    fn decodes_only_what_it_encoded() {
        let bytes = certificate().encoded();
        assert_eq!(Certificate::decode_all(&bytes), Ok(certificate()));
        let mut repeated = bytes.clone();
        repeated[34 + 71 + 1] = 1;
        assert!(Certificate::decode_all(&repeated).is_err());
    }

    #[test]
    fn an_attestation_of_the_limit_is_one_and_one_byte_more_is_not() {
        let check: AttestationCheck = Box::new(|_, _| true);
        for (length, accepted) in [(MAX_ATTESTATION, true), (MAX_ATTESTATION + 1, false)] {
            let mut certificate = certificate();
            certificate.attestations.insert(party(2), vec![0; length]);
            assert_eq!(Certificate::decode_all(&certificate.encoded()).is_ok(), accepted);
            assert_eq!(certificate.verify(&[7; 32], &[1, 2, 3].map(party), &check), accepted);
        }
    }

    #[test]
    fn attestations_of_the_largest_epoch_decode_and_one_more_does_not() {
        for (count, accepted) in [(MAX_MEMBERS, true), (MAX_MEMBERS + 1, false)] {
            let attestations =
                (1..=count as u16).map(|number| (party(number), Vec::new())).collect();
            let certificate = Certificate { transcript: [7; 32], attestations };
            assert_eq!(Certificate::decode_all(&certificate.encoded()).is_ok(), accepted);
        }
    }
}
