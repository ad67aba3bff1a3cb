//! Pairs of host and port that an operator allows by name.

use std::fmt;
use std::str::FromStr;

use url::Host;

/// One host at one port, as `localhost:9000`, `127.0.0.1:9000` or `[::1]:9000`. It is compared as
/// written, not resolved: `localhost` does not allow `127.0.0.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    host: Host,
    port: u16,
}

/// Not a pair of host and port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a pair of host and port, such as localhost:9000")]
pub struct HostPortError(String);

impl HostPort {
    pub(super) fn is(&self, host: &Host<&str>, port: u16) -> bool {
        self.port == port && self.host == host.to_owned()
    }
}

impl FromStr for HostPort {
    type Err = HostPortError;

    fn from_str(text: &str) -> Result<Self, HostPortError> {
        let error = || HostPortError(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(error)?;
        let host = Host::parse(host).map_err(|_| error())?;
        let port = port.parse().map_err(|_| error())?;
        Ok(Self { host, port })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_addresses_of_both_families() {
        for text in ["localhost:9000", "127.0.0.1:80", "[::1]:8080"] {
            assert_eq!(text.parse::<HostPort>().unwrap().to_string(), text);
        }
        for text in ["", "localhost", "localhost:", "localhost:99999", "::1:80", "a b:80", ":80"] {
            assert!(text.parse::<HostPort>().is_err(), "{text}");
        }
    }

    #[test]
    fn is_this_host_at_this_port_only() {
        let pair: HostPort = "localhost:9000".parse().unwrap();
        assert!(pair.is(&Host::Domain("localhost"), 9000));
        assert!(!pair.is(&Host::Domain("localhost"), 9001));
        assert!(!pair.is(&Host::Domain("localhost.example"), 9000));
        assert!(!pair.is(&Host::Ipv4([127, 0, 0, 1].into()), 9000));
    }
}
