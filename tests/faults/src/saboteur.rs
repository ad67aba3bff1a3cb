//! The faults themselves, done from a tap on the node's links.

use crate::fault::{Fault, Moment};
use crate::process::{STOPPING, signal_self};
use conclave_agreement::exchange::{ExchangeMessage, SignedWord, Word};
use conclave_agreement::signing::SigningMessage;
use conclave_node::tap::{MemberMessage, Tap};
use conclave_threshold::party::PartyId;
use k256::Scalar;
use rustix::process::Signal;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What the links need to get a small message out.
const FLUSH: Duration = Duration::from_millis(20);

/// Watches for the moment of a [`Fault`].
pub struct Saboteur {
    fault: Fault,
    arm: PathBuf,
    /// The bind messages are on their way, and the stall follows.
    stall_is_due: AtomicBool,
}

impl Saboteur {
    /// Does `fault` once whenever the file `arm` is there.
    pub fn new(fault: Fault, arm: PathBuf) -> Self {
        Saboteur { fault, arm, stall_is_due: AtomicBool::new(false) }
    }

    /// Whether the fault is to happen now. Removing the file is what decides, so it happens once.
    fn fires(&self) -> bool {
        std::fs::remove_file(&self.arm).is_ok()
    }

    /// What happens when the node is about to say this in an exchange.
    fn at(&self, moment: Option<Moment>) {
        match (self.fault, moment) {
            (Fault::DieAt(fatal), Some(moment)) if fatal == moment && self.fires() => {
                signal_self(Signal::KILL);
                std::thread::sleep(STOPPING);
            }
            (Fault::StallAt(awkward), Some(moment)) if awkward == moment && self.fires() => stall(),
            _ => (),
        }
    }

    fn stall_if_due(&self) {
        if self.stall_is_due.swap(false, Ordering::SeqCst) {
            std::thread::sleep(FLUSH);
            stall();
        }
    }
}

fn stall() {
    signal_self(Signal::STOP);
    // The whole process stops a moment after the signal; nothing may leave in that moment.
    std::thread::sleep(STOPPING);
}

fn moment(signed: &SignedWord) -> Option<Moment> {
    match &signed.word {
        // Not that it found another that runs it.
        Word::Claim(runner) if *runner == signed.author => Some(Moment::Claim),
        Word::Settled(_) => Some(Moment::Settled),
        Word::Share(_) => Some(Moment::Share),
        _ => None,
    }
}

impl Tap for Saboteur {
    fn outgoing(&self, to: PartyId, message: &MemberMessage) -> bool {
        self.stall_if_due();
        if let MemberMessage::Exchange(ExchangeMessage::Word(signed)) = message {
            self.at(moment(signed));
            return true;
        }
        // A node sends this kind of message for itself only; what it shows of others' has a kind of
        // its own.
        let MemberMessage::Signing(SigningMessage::Bind(bind)) = message else { return true };
        let mut others = bind.assignment.assignment.set.iter().filter(|id| **id != bind.from);
        match self.fault {
            Fault::DieBeforeBind if self.fires() => {
                signal_self(Signal::KILL);
                std::thread::sleep(STOPPING);
            }
            Fault::StallBeforeBind if self.fires() => stall(),
            Fault::StallAfterBind if others.next_back() == Some(&to) && self.fires() => {
                self.stall_is_due.store(true, Ordering::SeqCst)
            }
            _ => (),
        }
        true
    }

    fn incoming(&self, _from: PartyId, _message: &MemberMessage) -> bool {
        self.stall_if_due();
        true
    }
}

/// A scalar that whoever searches a memory knows. It is computed, so that no program has its bytes
/// as a constant.
pub fn planted_scalar() -> Scalar {
    (0..100).fold(Scalar::from(0x5eed_u64), |scalar, _| scalar.square() + Scalar::from(7u64))
}
