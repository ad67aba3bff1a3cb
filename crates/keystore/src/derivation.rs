use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::Passphrase;

/// Most memory a keystore file may ask for when it is opened, in KiB (1 GiB).
pub const MAX_MEMORY_KIB: u32 = 1024 * 1024;
/// Most passes over that memory.
pub const MAX_PASSES: u32 = 64;
/// Most lanes.
pub const MAX_LANES: u32 = 16;

pub(crate) const SALT_BYTES: usize = 32;

/// What one guess at the passphrase costs. Stored in the file, so that it can rise later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DerivationCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl DerivationCost {
    /// For real keys: the second recommended choice of RFC 9106, 64 MiB and three passes.
    pub const STANDARD: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
    /// For tests and throw-away networks only: a guess is nearly free.
    pub const THROW_AWAY: Self = Self { memory_kib: 64, passes: 1, lanes: 1 };

    /// Whether the cost is a valid Argon2id choice within the limits.
    pub(crate) fn is_acceptable(self) -> bool {
        self.memory_kib <= MAX_MEMORY_KIB
            && (1..=MAX_PASSES).contains(&self.passes)
            && (1..=MAX_LANES).contains(&self.lanes)
            && self.memory_kib >= 8 * self.lanes
    }

    /// The key-encryption key, or `None` when the cost is not acceptable.
    pub(crate) fn derive(
        self,
        passphrase: &Passphrase,
        salt: &[u8; SALT_BYTES],
    ) -> Option<Zeroizing<[u8; 32]>> {
        if !self.is_acceptable() {
            return None;
        }
        let parameters = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok()?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into(passphrase.bytes(), salt, key.as_mut())
            .ok()?;
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_bounded_on_both_sides() {
        let largest =
            DerivationCost { memory_kib: MAX_MEMORY_KIB, passes: MAX_PASSES, lanes: MAX_LANES };
        assert!(largest.is_acceptable());
        assert!(DerivationCost::STANDARD.is_acceptable());
        assert!(DerivationCost::THROW_AWAY.is_acceptable());
        for refused in [
            DerivationCost { memory_kib: MAX_MEMORY_KIB + 1, ..largest },
            DerivationCost { passes: MAX_PASSES + 1, ..largest },
            DerivationCost { lanes: MAX_LANES + 1, ..largest },
            DerivationCost { passes: 0, ..largest },
            DerivationCost { lanes: 0, ..largest },
            DerivationCost { memory_kib: 8 * MAX_LANES - 1, ..largest },
        ] {
            assert!(!refused.is_acceptable(), "{refused:?}");
        }
    }
}
