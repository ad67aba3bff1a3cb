//! dkls23-core: the three phases of signing that come before the shares are summed. Its base
//! transfers, and its zero shares, are made with the key and not counted here. Messages are handed
//! over as they are; their size is that of its own encoding.

use crate::measure::{Measure, Size};
use crate::meter::{Meter, Sample};
use crate::ours::network::fresh;
use dkls23_core::protocols::re_key::re_key;
use dkls23_core::protocols::sign_session::SignSession;
use dkls23_core::protocols::signing::{SignData, verify_ecdsa_signature};
use dkls23_core::protocols::{Parameters, Party, PartyIndex};
use k256::{NonZeroScalar, Scalar, Secp256k1};
use serde::Serialize;

pub struct Dkls23 {
    /// The signers.
    parties: Vec<Party<Secp256k1>>,
}

impl Dkls23 {
    /// The key comes from its dealer, which leaves the parties what its key generation does, in far
    /// less time.
    pub fn new(size: Size) -> Self {
        let parameters = Parameters { threshold: size.t as u8, share_count: size.n as u8 };
        let key: Scalar = *NonZeroScalar::from_repr(fresh::<32>().into()).expect("below the order");
        let (mut parties, _) = re_key(&parameters, &fresh::<32>(), &key, None, |_| String::new());
        parties.truncate(usize::from(size.t));
        Dkls23 { parties }
    }

    /// One signature.
    pub fn sign(&self) -> Vec<(Measure, Sample)> {
        let parties = self.parties.len();
        let (mut meter, mut combine) = (Meter::new(parties), Meter::new(1));
        let (sign_id, message_hash): ([u8; 32], [u8; 32]) = (fresh(), fresh());
        let all: Vec<PartyIndex> = self.parties.iter().map(|party| party.party_index).collect();

        let (mut sessions, mut first) = (Vec::new(), Vec::new());
        for (at, party) in self.parties.iter().enumerate() {
            let counterparties = all.iter().filter(|id| **id != all[at]).copied().collect();
            let data = SignData { sign_id: sign_id.to_vec(), counterparties, message_hash };
            let (session, messages) =
                meter.time(at, || SignSession::new(party, data)).expect("phase 1");
            meter.sent(at, encoded_length(&messages));
            sessions.push(session);
            first.extend(messages);
        }
        let mut second = Vec::new();
        for (at, session) in sessions.iter_mut().enumerate() {
            let received: Vec<_> = first
                .iter()
                .filter(|message| message.parties.receiver == all[at])
                .cloned()
                .collect();
            let messages = meter.time(at, || session.phase2(&received)).expect("phase 2");
            meter.sent(at, encoded_length(&messages));
            second.extend(messages);
        }
        let mut third = Vec::new();
        for (at, session) in sessions.iter_mut().enumerate() {
            let received: Vec<_> = second
                .iter()
                .filter(|message| message.parties.receiver == all[at])
                .cloned()
                .collect();
            third.push(meter.time(at, || session.phase3(&received)).expect("phase 3"));
        }
        let session = sessions.swap_remove(0);
        let signature = combine.time(0, || session.phase4(&third, true)).expect("a signature");
        let [r, s] = [&signature.r, &signature.s]
            .map(|half| half.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        assert!(verify_ecdsa_signature::<Secp256k1>(&message_hash, &self.parties[0].pk, &r, &s));
        vec![(Measure::Presignature, meter.sample(1)), (Measure::Combine, combine.sample(1))]
    }
}

/// Of all messages together.
fn encoded_length<M: Serialize>(messages: &[M]) -> usize {
    messages.iter().map(|message| postcard::to_allocvec(message).expect("an encoding").len()).sum()
}
