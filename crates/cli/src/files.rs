//! Reading files that a user named, with a limit and an error that names them.

use crate::failure::Failure;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// The longest configuration or key file, in bytes.
pub const MAX_SMALL_FILE: u64 = 1 << 20;

/// A text of at most `limit` bytes. It is wiped when dropped, because it may be a secret.
pub fn read_text(path: &Path, limit: u64) -> Result<Zeroizing<String>, Failure> {
    let failed =
        |reason: String| Failure::new(format!("{} cannot be read: {reason}", path.display()));
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let size = file.metadata().map_err(|error| failed(error.to_string()))?.len();
    // Room from the start: growing would leave copies behind that nobody wipes.
    let mut text = Zeroizing::new(String::with_capacity(size.min(limit) as usize + 2));
    file.take(limit + 1).read_to_string(&mut text).map_err(|error| failed(error.to_string()))?;
    if text.len() as u64 > limit {
        return Err(failed(format!("it is longer than {limit} bytes")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_longest_file_and_refuses_one_byte_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, "12345678").expect("written");
        assert_eq!(*read_text(&path, 8).expect("fits"), "12345678");
        let refused = read_text(&path, 7).expect_err("one byte too long");
        assert!(refused.message.contains("longer than 7 bytes"), "{}", refused.message);
    }
}
