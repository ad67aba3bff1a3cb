//! Secrets that can be told apart from everything else, and the memory of another process searched
//! for them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

/// Not as one text, so that what is read of this program does not count.
const PREFIX: [&str; 2] = ["can", "ary-"];

const RANDOM_BYTES: usize = 16;

/// A fresh secret.
pub fn canary() -> String {
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).unwrap();
    format!("{}{}", PREFIX.concat(), hex::encode(random))
}

/// What the memory of a process holds.
pub struct Seen {
    pub found: BTreeSet<String>,
    pub bytes: u64,
}

/// All secrets in what the process may write to. A process that is gone holds none.
pub fn canaries(process: u32) -> io::Result<Seen> {
    let mut seen = Seen { found: BTreeSet::new(), bytes: 0 };
    let maps = fs::read_to_string(format!("/proc/{process}/maps"));
    let memory = match (File::open(format!("/proc/{process}/mem")), maps) {
        (Ok(memory), Ok(maps)) => (memory, maps),
        (Err(error), _) | (_, Err(error)) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(error);
        }
        _ => return Ok(seen),
    };
    for region in memory.1.lines().filter_map(writable) {
        let mut bytes = vec![0; region.len];
        // It may have given the region back by now.
        let Ok(read) = memory.0.read_at(&mut bytes, region.start) else { continue };
        search(&bytes[..read], &mut seen.found);
        seen.bytes += read as u64;
    }
    Ok(seen)
}

struct Region {
    start: u64,
    len: usize,
}

/// `start-end permissions ...`, of a line of a process's map.
fn writable(line: &str) -> Option<Region> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let [start, end] = [start, end].map(|text| u64::from_str_radix(text, 16).ok());
    let (start, end) = (start?, end?);
    rest.starts_with("rw").then_some(Region { start, len: usize::try_from(end - start).ok()? })
}

/// As letters of one byte, as letters of two, and as hex.
fn search(bytes: &[u8], found: &mut BTreeSet<String>) {
    let prefix = PREFIX.concat();
    let wide: Vec<u8> = prefix.bytes().flat_map(|byte| [byte, 0]).collect();
    let hexed = hex::encode(&prefix);
    let length = 2 * RANDOM_BYTES;
    for (needle, step) in [(prefix.as_bytes(), 1), (&wide, 2), (hexed.as_bytes(), 0)] {
        for at in positions(bytes, needle) {
            let after = &bytes[at + needle.len()..];
            let letters: Vec<u8> = match step {
                0 => hex::decode(after.get(..2 * length).unwrap_or_default()).unwrap_or_default(),
                _ => after.iter().step_by(step).take(length).copied().collect(),
            };
            if letters.len() == length && letters.iter().all(u8::is_ascii_hexdigit) {
                found.insert(prefix.clone() + &String::from_utf8_lossy(&letters));
            }
        }
    }
}

fn positions<'a>(bytes: &'a [u8], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let first = needle[0];
    let candidates =
        bytes.iter().enumerate().filter(move |(_, byte)| **byte == first).map(|(at, _)| at);
    candidates.filter(move |&at| bytes[at..].starts_with(needle))
}

#[test]
fn the_search_finds_each_form_of_a_secret() {
    let secret = canary();
    let wide: Vec<u8> = secret.bytes().flat_map(|byte| [byte, 0]).collect();
    for form in [secret.clone().into_bytes(), wide, hex::encode(&secret).into_bytes()] {
        let mut found = BTreeSet::new();
        search(&[b"before".as_slice(), &form, b"after"].concat(), &mut found);
        assert_eq!(found, BTreeSet::from([secret.clone()]));
        let mut found = BTreeSet::new();
        search(&form[..form.len() - 2], &mut found);
        assert!(found.is_empty());
    }
}
