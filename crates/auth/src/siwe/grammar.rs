//! The character classes and small productions of RFC 3986 that EIP-4361 refers to.

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

const fn is_sub_delim(byte: u8) -> bool {
    matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=')
}

const fn is_gen_delim(byte: u8) -> bool {
    matches!(byte, b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@')
}

/// `1*( reserved / unreserved / " " )`: no control character, no quote, nothing beyond ASCII.
pub(super) fn is_statement(text: &str) -> bool {
    let allowed =
        |byte: u8| is_unreserved(byte) || is_sub_delim(byte) || is_gen_delim(byte) || byte == b' ';
    !text.is_empty() && text.bytes().all(allowed)
}

/// `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`.
pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// `*pchar`.
pub(super) fn is_request_id(text: &str) -> bool {
    escapes_are_whole(text)
        && text.bytes().all(|byte| {
            is_unreserved(byte) || is_sub_delim(byte) || matches!(byte, b':' | b'@' | b'%')
        })
}

/// A scheme, a colon, and characters of a URI with at most one fragment.
pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let allowed =
        |byte: u8| is_unreserved(byte) || is_sub_delim(byte) || is_gen_delim(byte) || byte == b'%';
    is_scheme(scheme)
        && rest.bytes().all(allowed)
        && rest.matches('#').count() <= 1
        && escapes_are_whole(rest)
}

/// `host [ ":" port ]`; a user part could only deceive.
pub(super) fn is_domain(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((literal, "")) => return is_ip_literal(literal),
        Some((literal, rest)) if is_ip_literal(literal) => match rest.strip_prefix(':') {
            Some(port) => return is_port(port),
            None => return false,
        },
        Some(_) => return false,
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let allowed = |byte: u8| is_unreserved(byte) || is_sub_delim(byte) || byte == b'%';
    !host.is_empty()
        && host.bytes().all(allowed)
        && escapes_are_whole(host)
        && port.is_none_or(is_port)
}

fn is_ip_literal(text: &str) -> bool {
    text.parse::<std::net::Ipv6Addr>().is_ok()
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// Every `%` begins an escape of two digits.
fn escapes_are_whole(text: &str) -> bool {
    let starts_with_two_digits = |rest: &str| {
        rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    text.split('%').skip(1).all(starts_with_two_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains() {
        for good in [
            "localhost",
            "a.example:3000",
            "127.0.0.1",
            "[::1]",
            "[::1]:80",
            "xn--bcher-kva.example",
        ] {
            assert!(is_domain(good), "{good}");
        }
        for bad in [
            "",
            ":80",
            "a:b",
            "a:65536",
            "a:",
            "u@a",
            "a/b",
            "a b",
            "bücher.example",
            "[::1",
            "[x]",
            "[::1]80",
            "a%2",
        ] {
            assert!(!is_domain(bad), "{bad}");
        }
    }

    #[test]
    fn uris() {
        for good in [
            "lit:session:00",
            "https://a.example/p?q=1#f",
            "urn:recap:e30",
            "did:key:z6Mk",
            "a:%20",
            "a:",
        ] {
            assert!(is_uri(good), "{good}");
        }
        for bad in
            ["", "a", ":a", "1a:b", "a:b c", "a:\"", "a:%2", "a:%zz", "a:#b#c", "a:ü", "a:\n"]
        {
            assert!(!is_uri(bad), "{bad}");
        }
    }

    #[test]
    fn statements_and_request_ids() {
        assert!(is_statement("I agree (1) 'to': this, that. #3 [x] @ *"));
        for bad in ["", "\"", "é", "a\tb", "a\rb", "a%b", "<b>", "a\\b"] {
            assert!(!is_statement(bad), "{bad}");
        }
        assert!(is_request_id("") && is_request_id("a-1:%20@"));
        assert!(!is_request_id("a/b") && !is_request_id("%2") && !is_request_id("a b"));
    }
}
