//! Quantities in prose: `30 s`, `256 MiB`, `2 000 bytes`, `ten minutes`, `an hour`.

const NUMBERS: [(&str, u64); 10] = [
    ("a", 1),
    ("an", 1),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("ten", 10),
    ("twenty", 20),
];

/// Times count in milliseconds, sizes in bytes.
const UNITS: [(&str, u64); 13] = [
    ("ms", 1),
    ("s", 1_000),
    ("second", 1_000),
    ("seconds", 1_000),
    ("minute", 60_000),
    ("minutes", 60_000),
    ("hour", 3_600_000),
    ("hours", 3_600_000),
    ("days", 24 * 3_600_000),
    ("byte", 1),
    ("bytes", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
];

/// All quantities of a text, in its order. Articles count only before a unit.
pub fn quantities(text: &str) -> Vec<u64> {
    let words: Vec<_> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut rest = words.as_slice();
    let mut found = Vec::new();
    while let [word, behind @ ..] = rest {
        rest = behind;
        let article = matches!(*word, "a" | "an");
        let Some(mut number) = number(word) else { continue };
        // Thousands stand apart: `2 000`.
        while let [next, behind @ ..] = rest
            && next.len() == 3
            && let Ok(thousandth) = next.parse::<u64>()
        {
            number = number * 1_000 + thousandth;
            rest = behind;
        }
        let unit = rest.first().and_then(|word| UNITS.iter().find(|(unit, _)| unit == word));
        match unit {
            Some((_, factor)) => found.push(number * factor),
            None if article => {}
            None => found.push(number),
        }
    }
    found
}

fn number(word: &str) -> Option<u64> {
    let spelt = NUMBERS.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
    spelt.or_else(|| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_their_units() {
        assert_eq!(quantities("64 KiB; 32 KiB each"), [64 << 10, 32 << 10]);
        assert_eq!(quantities("20 s, 5 redirects"), [20_000, 5]);
        assert_eq!(quantities("2 000 bytes; 1 000"), [2_000, 1_000]);
        assert_eq!(quantities("after ten minutes, within an hour, a node"), [600_000, 3_600_000]);
        assert_eq!(quantities("ERC-721 of t - 1"), [721, 1]);
    }
}
