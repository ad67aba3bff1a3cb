//! The pieces of a presignature that are functions of their own, measured alone, as one party runs
//! them with all its peers.

use super::network::Network;
use crate::meter::{milliseconds, timed};
use conclave_threshold::group::{Curve, Secp256k1};
use conclave_threshold::multiplication::{INPUTS, Multiplier, TRANSFERS};
use conclave_threshold::ot::Pair;
use conclave_threshold::ot::base::{AliceStart, bob_respond};
use conclave_threshold::ot::extension::{Receiver, Sender};
use k256::Scalar;
use std::time::Duration;

/// Milliseconds for each presignature.
pub struct Parts {
    pub extension_receiver: f64,
    pub extension_sender: f64,
    pub multiplication_send: f64,
    pub multiplication_receive: f64,
}

pub fn measure(network: &Network, size: u32) -> Parts {
    let set = network.signers();
    let (alice, bob) = (&set[0], &set[1]);
    let pair = Pair { epoch: network.epoch.digest(), alice: alice.id, bob: bob.id };
    let sid = network.session("parts", set, &[]);
    let (start, question) = AliceStart::new(pair, alice.randomness(&sid));
    let (bob_seeds, answer) =
        bob_respond(pair, &question, bob.randomness(&sid)).expect("an honest message");
    let alice_seeds = start.finish(&answer).expect("an honest answer");

    let rows = size as usize * TRANSFERS;
    let randomness = bob.randomness(&sid);
    let ((receiver, message, corrections), extension_receiver) =
        timed(|| Receiver::extend(bob_seeds, &sid, rows, randomness));
    let (sender, extension_sender) = timed(|| {
        Sender::extend(alice_seeds, &sid, rows, &message, &corrections).expect("an honest message")
    });

    let multiplier = Multiplier::new(&sid, size);
    let mut randomness = alice.randomness(&sid);
    let inputs: Vec<[Scalar; INPUTS]> = (0..size)
        .map(|_| [(); INPUTS].map(|()| Secp256k1::random_scalar(&mut randomness)))
        .collect();
    let ((_, rows, check), multiplication_send) =
        timed(|| multiplier.send(&sender, &inputs, &mut randomness));
    let ((), multiplication_receive) = timed(|| {
        (0..size).for_each(|index| _ = multiplier.multiplier(&receiver, index));
        multiplier.receive(&receiver, &rows, &check).expect("an honest message");
    });
    let each = |took: Duration| milliseconds(took) * (set.len() - 1) as f64 / f64::from(size);
    Parts {
        extension_receiver: each(extension_receiver),
        extension_sender: each(extension_sender),
        multiplication_send: each(multiplication_send),
        multiplication_receive: each(multiplication_receive),
    }
}
