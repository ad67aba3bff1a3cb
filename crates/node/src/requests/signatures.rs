//! The signatures that one request makes for its client, by name: those of the action and of its
//! children together.

use super::failure::Failure;
use crate::lock::locked;
use conclave_wire::limits::MAX_USES_OF_A_NAME;
use conclave_wire::{CertificateField, ErrorCode, ExecuteResponse, SignedData};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Mutex;

#[derive(Default)]
pub struct Signatures {
    /// How often each name was used.
    uses: Mutex<BTreeMap<String, u32>>,
    made: Mutex<BTreeMap<String, Made>>,
}

struct Made {
    earlier: u32,
    data: SignedData,
    certificate: Option<CertificateField>,
}

impl Signatures {
    /// Counts one more use of a name; returns how often it was used before.
    pub fn use_name(&self, name: &str) -> Result<u32, Failure> {
        let mut uses = locked(&self.uses);
        let count = uses.entry(name.to_owned()).or_default();
        if *count >= MAX_USES_OF_A_NAME {
            let message = format!(
                "sigName: a request may use one name for at most {MAX_USES_OF_A_NAME} signatures"
            );
            return Err(Failure::new(ErrorCode::NodeBadInput, message));
        }
        *count += 1;
        Ok(*count - 1)
    }

    /// Keeps what this node gives to the client. Of two signatures under one name the later asked
    /// for stays, whichever is made first: so all nodes keep the same.
    pub fn put(
        &self,
        name: String,
        earlier: u32,
        data: SignedData,
        certificate: Option<CertificateField>,
    ) {
        let made = Made { earlier, data, certificate };
        match locked(&self.made).entry(name) {
            Entry::Vacant(place) => _ = place.insert(made),
            Entry::Occupied(mut place) if place.get().earlier < earlier => _ = place.insert(made),
            Entry::Occupied(_) => (),
        }
    }

    /// Puts everything into the answer.
    pub fn hand_over(&self, response: &mut ExecuteResponse) {
        for (name, Made { data, certificate, .. }) in core::mem::take(&mut *locked(&self.made)) {
            response.conclave.extend(certificate.map(|certificate| (name.clone(), certificate)));
            response.signed_data.insert(name, data);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_used_so_often_and_no_further_one_is_affected() {
        let signatures = Signatures::default();
        for earlier in 0..MAX_USES_OF_A_NAME {
            assert_eq!(signatures.use_name("sig").unwrap(), earlier);
        }
        let refused = signatures.use_name("sig").unwrap_err();
        assert!(
            refused.code == ErrorCode::NodeBadInput && refused.message.starts_with("sigName"),
            "{}",
            refused.message
        );
        assert_eq!(signatures.use_name("other").unwrap(), 0);
    }

    #[test]
    fn of_two_signatures_under_one_name_the_client_gets_the_later_asked_for() {
        for order in [[0, 1], [1, 0]] {
            let signatures = Signatures::default();
            for earlier in order {
                let certificate =
                    (earlier == 1).then(|| CertificateField { certificate: "later".into() });
                signatures.put(
                    "both".into(),
                    earlier,
                    SignedData::empty("both", &[earlier as u8; 32]),
                    certificate,
                );
            }
            signatures.put("own".into(), 0, SignedData::empty("own", &[9; 32]), None);
            let mut response = ExecuteResponse::new(String::new(), String::new());
            signatures.hand_over(&mut response);
            assert_eq!(response.signed_data.keys().collect::<Vec<_>>(), ["both", "own"]);
            assert_eq!(response.signed_data["both"].data_signed, "01".repeat(32));
            assert_eq!(response.conclave["both"].certificate, "later");
        }
    }
}
