//! What must hold after every step.

use conclave_agreement::signing::CallId;
use conclave_threshold::online::Answer;
use conclave_threshold::session::SessionId;
use std::collections::BTreeMap;

/// Every share that an honest node told anybody.
#[derive(Default)]
pub struct Told {
    /// The one use of each presignature: its call, and the nonce point.
    uses: BTreeMap<(SessionId, u32), (CallId, [u8; 33])>,
    /// The one nonce of each call.
    nonces: BTreeMap<CallId, [u8; 33]>,
}

impl Told {
    /// One more share.
    ///
    /// # Errors
    /// Which invariant it breaks.
    pub fn share(&mut self, call: CallId, answer: &Answer) -> Result<(), String> {
        let assignment = &answer.assignment.assignment;
        let (place, nonce) = ((assignment.sid, assignment.index), answer.big_r());
        let served = *self.uses.entry(place).or_insert((call, nonce));
        if served != (call, nonce) {
            let index = assignment.index;
            return Err(format!("index {index} of a batch served two uses ({})", answer.from));
        }
        if *self.nonces.entry(call).or_insert(nonce) != nonce {
            return Err(format!("one call was answered under two nonces ({})", answer.from));
        }
        Ok(())
    }
}
