//! CIDs against values made by npm `ipfs-only-hash` 4.0.0, which client libraries use.

use conclave_content::{Cid, CidError};
use proptest::prelude::*;

/// Bytes that differ from one chunk to the next.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 + (i >> 8) * 7 + (i >> 16) * 13) as u8).collect()
}

#[test]
fn equals_the_cid_of_known_files() {
    for (content, cid) in [
        ("", "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"),
        ("hello world", "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD"),
        ("hello world\n", "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"),
    ] {
        assert_eq!(Cid::of(content.as_bytes()).to_string(), cid, "{content:?}");
    }
}

#[test]
fn equals_the_cid_at_the_borders_of_chunks() {
    const CHUNK: usize = 256 * 1024;
    for (length, cid) in [
        (1, "QmS9JArPwa55ePgDnyg6TzX24mYTS1b1vLqWNebyVotKxQ"),
        (120, "QmQ1uGVo9nroHmjw1yJPstmUZeAZmeV8n3tgPebZuuRLQd"),
        (CHUNK - 1, "QmWcaZ3uGGEZttacQiBJ1HuWFfqVEYGMaD4Nj38VoYuR8g"),
        (CHUNK, "QmR7mwzKpt7e4UKRMjGKnEExpjq4Ykf6LYwoMmyQ3P3HEf"),
        (CHUNK + 1, "QmT2Vf8Pxn4TDcB3eBvfqK7YWhQhm21efgytY8QdXxLkws"),
        (2 * CHUNK, "QmcjFqdPNWjgfUN9JL4KKN84b4vQJ5HuJ6LN4EhTSyiQGG"),
        (780_017, "QmZkeQEe23u3PUmCFQrSzXGsZrjewrHFWGmug4sZVkcQCK"),
    ] {
        assert_eq!(Cid::of(&pattern(length)).to_string(), cid, "{length} bytes");
    }
}

#[test]
fn equals_the_cid_of_files_with_a_second_level_of_nodes() {
    const FULL_NODE: usize = 174 * 256 * 1024;
    let content = pattern(FULL_NODE + 1);
    assert_eq!(
        Cid::of(&content[..FULL_NODE]).to_string(),
        "QmanGGvBsKN1QXPiRAQxSk9JxMept7RfPZNxEmBZpqY1Yy"
    );
    assert_eq!(Cid::of(&content).to_string(), "QmRKVJ1hvesMutcjEyAphKJsGNzBoedjsqtEDraoY6r5nr");
}

#[test]
fn has_the_multihash_that_contracts_hold() {
    let cid = Cid::of(b"hello world");
    let multihash = cid.multihash();
    assert_eq!(multihash[..2], [0x12, 0x20]);
    assert_eq!(Cid::from_multihash(&multihash), Ok(cid));
}

#[test]
fn rejects_what_is_not_a_cid_of_version_0() {
    let good = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o";
    for text in [
        "",
        "Qm",
        &good[1..],
        &format!("{good}5"),
        &format!(" {}", &good[1..]),
        &good.replace('8', "0"),
        &good.replace('8', "é"),
        "bafybeibbnfl4u3ebo3nvgjqd5y5gyxr4ctg7yqdqsqtmsoaqbpsbfzxhbe",
        "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
        "1111111111111111111111111111111111111111111111",
    ] {
        assert!(text.parse::<Cid>().is_err(), "{text}");
    }
}

#[test]
fn rejects_a_multihash_of_another_function_or_length() {
    let good = Cid::of(b"x").multihash();
    for length in [0, 1, 2, 33] {
        assert_eq!(Cid::from_multihash(&good[..length]), Err(CidError::Malformed), "{length}");
    }
    assert_eq!(Cid::from_multihash(&[&good[..], &[0]].concat()), Err(CidError::Malformed));
    for (index, value) in [(0, 0x13), (1, 0x1f)] {
        let mut other = good;
        other[index] = value;
        assert_eq!(Cid::from_multihash(&other), Err(CidError::NotSha256));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn reads_what_it_prints(content in proptest::collection::vec(any::<u8>(), 0..64)) {
        let cid = Cid::of(&content);
        prop_assert_eq!(cid.to_string().parse(), Ok(cid));
    }

    #[test]
    fn never_panics_on_text(text in "\\PC{0,60}") {
        let _ = text.parse::<Cid>();
    }
}
