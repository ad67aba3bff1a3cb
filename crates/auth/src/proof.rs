//! What was proved of who asks, kind by kind.

use crate::address::Address;

/// One thing that was proved of who asks. Each kind has its own place here, and its own key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// The wallet of this address signed.
    Wallet(Address),
}

impl Proof {
    /// Bytes that no other proof has: of a wallet, its address. Any other kind takes more than 20
    /// bytes, of which the first name the kind.
    pub fn key(&self) -> Vec<u8> {
        match self {
            Self::Wallet(address) => address.to_vec(),
        }
    }
}
