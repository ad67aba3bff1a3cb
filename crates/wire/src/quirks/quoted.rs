//! Share values as JSON text inside a JSON string, `"\"ab\""`: what the original nodes send. Every
//! SDK strips all quotes before use, so both forms are read.

/// Wraps a value in quotes; an empty one stays empty, because an SDK counts a share as absent by
/// its empty string.
pub fn quote(value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("\"{value}\"") }
}

/// The value without its quotes, as an SDK reads it.
pub fn unquote(value: &str) -> &str {
    value.trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_a_value_and_reads_it_back() {
        assert_eq!(quote("ab"), "\"ab\"");
        assert_eq!(unquote(&quote("ab")), "ab");
        assert_eq!(unquote("ab"), "ab");
    }

    #[test]
    fn an_empty_share_stays_an_empty_string() {
        assert_eq!(quote(""), "");
    }
}
