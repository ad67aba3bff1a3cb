//! Words of 32 bytes that name things, a type each: none is taken for another.

use crate::codec::{Decode, DecodeError, Encode, Reader};
use core::fmt;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),* $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Says what the bytes are.
            pub const fn new(bytes: [u8; 32]) -> Self {
                $name(bytes)
            }

            /// The bytes, to be hashed or shown.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// Changes one bit, for tests of what depends on it.
            #[cfg(any(test, feature = "testing"))]
            pub fn flip(&mut self, bit: usize) {
                self.0[bit / 8] ^= 1 << (bit % 8);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Encode for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                self.0.encode(out);
            }
        }

        impl Decode for $name {
            fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Ok($name(reader.array()?))
            }
        }
    )*};
}

ids! {
    /// Names one request for all members: see [`request_key`](crate::online::request_key).
    RequestKey,
    /// Hash of the name that a request gives a signature: see
    /// [`name_hash`](crate::online::name_hash).
    NameHash,
    /// What a key signs: the hash of a message, made by whoever asks.
    Digest,
    /// Names an epoch: see [`Epoch::digest`](crate::party::Epoch::digest).
    EpochDigest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_bytes_on_the_link_and_their_hex_when_shown() {
        let bytes: [u8; 32] = core::array::from_fn(|at| at as u8);
        let id = Digest::new(bytes);
        assert_eq!((id.encoded(), id.as_bytes()), (bytes.to_vec(), &bytes));
        assert_eq!(Digest::decode_all(&bytes), Ok(id));
        assert_eq!(Digest::decode_all(&bytes[1..]), Err(DecodeError::TooShort));
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        assert_eq!((id.to_string(), format!("{id:?}")), (hex.to_owned(), hex.to_owned()));
    }
}
