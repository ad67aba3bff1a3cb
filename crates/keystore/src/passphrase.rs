use std::fmt;

use zeroize::Zeroizing;

use crate::PassphraseError;

/// Longest passphrase, in bytes of UTF-8.
pub const MAX_PASSPHRASE_BYTES: usize = 1024;

/// What the operator types or mounts to open a keystore. Wiped when dropped, never printed.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes the passphrase as it is: trimming a trailing newline is the caller's business.
    ///
    /// # Errors
    /// Refuses an empty passphrase and one above [`MAX_PASSPHRASE_BYTES`].
    pub fn new(passphrase: impl Into<String>) -> Result<Self, PassphraseError> {
        let passphrase = Zeroizing::new(passphrase.into());
        match passphrase.len() {
            0 => Err(PassphraseError::Empty),
            length if length > MAX_PASSPHRASE_BYTES => Err(PassphraseError::TooLong),
            _ => Ok(Self(passphrase)),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(redacted)")
    }
}
