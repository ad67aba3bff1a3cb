//! A node's address as a session names it.

use std::fmt;

/// Host and port of a node. Sessions carry a URL; what counts is `host:port`, so the scheme is
/// stripped (and supplies the port when there is none), `localhost` is 127.0.0.1, and a trailing
/// slash does not matter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeAddress {
    host: String,
    port: u16,
}

/// The text is no node address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a node's URL without a path, such as http://127.0.0.1:7470")]
pub struct NodeAddressError;

impl NodeAddress {
    /// Reads a URL, or `host:port`.
    pub fn parse(text: &str) -> Result<Self, NodeAddressError> {
        let (default_port, rest) = match text.split_once("://") {
            Some(("http", rest)) => (Some(80), rest),
            Some(("https", rest)) => (Some(443), rest),
            Some(_) => return Err(NodeAddressError),
            None => (None, text),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = split_port(authority);
        let port = match port {
            Some(digits)
                if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                digits.parse().map_err(|_| NodeAddressError)?
            }
            Some(_) => return Err(NodeAddressError),
            None => default_port.ok_or(NodeAddressError)?,
        };
        let allowed = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']')
        };
        if host.is_empty() || !host.bytes().all(allowed) {
            return Err(NodeAddressError);
        }
        let host = host.to_ascii_lowercase();
        let host = if host == "localhost" { "127.0.0.1".to_owned() } else { host };
        Ok(Self { host, port })
    }
}

/// Splits at the last colon that is not inside an IPv6 literal.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((_, tail)) if tail.ends_with(']') => (authority, None),
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

impl fmt::Display for NodeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_spellings_of_one_node_are_equal() {
        let node = NodeAddress::parse("http://127.0.0.1:7470");
        for text in [
            "127.0.0.1:7470",
            "http://localhost:7470",
            "https://LOCALHOST:7470/",
            "http://127.0.0.1:7470/",
        ] {
            assert_eq!(NodeAddress::parse(text), node, "{text}");
        }
        assert_eq!(
            NodeAddress::parse("https://a.example"),
            NodeAddress::parse("https://A.example:443")
        );
        assert_eq!(NodeAddress::parse("http://[::1]"), NodeAddress::parse("[::1]:80"));
    }

    #[test]
    fn refuses_paths_users_and_nonsense() {
        for text in [
            "",
            "http://",
            "127.0.0.1",
            "http://a/b",
            "http://u@a:1",
            "http://a:",
            "http://a:65536",
            "http://a:+1",
            "ftp://a:1",
            "http://a:1//",
            "http://a:1?x",
            "http://a b:1",
            "http://http://a:1",
        ] {
            assert_eq!(NodeAddress::parse(text), Err(NodeAddressError), "{text:?}");
        }
    }
}
