use super::grammar::{is_domain, is_request_id, is_scheme, is_statement, is_uri};
use super::{MAX_NONCE_CHARACTERS, MAX_SIWE_BYTES, MAX_SIWE_RESOURCES, SiweFault, SiweMessage};
use crate::address::parse_checksummed;
use crate::timestamp::Timestamp;

pub(super) const HEADER: &str = " wants you to sign in with your Ethereum account:";
const MIN_NONCE_CHARACTERS: usize = 8;

impl SiweMessage {
    /// Reads a message of at most [`MAX_SIWE_BYTES`].
    pub fn parse(text: &str) -> Result<Self, SiweFault> {
        if text.len() > MAX_SIWE_BYTES {
            return Err(SiweFault::TooLong);
        }
        let mut lines = Lines { rest: Some(text) };
        let header = lines.next_if(|_| true).and_then(|line| line.strip_suffix(HEADER));
        let (scheme, domain) = read_origin(header.ok_or(SiweFault::Missing("header line"))?)?;
        let address = lines.next_if(|_| true).ok_or(SiweFault::Missing("address"))?;
        let address = parse_checksummed(address).ok_or(SiweFault::Malformed("address (EIP-55)"))?;
        lines.blank("empty line after the address")?;
        let statement = lines.next_if(|line| !line.is_empty());
        if statement.is_some_and(|text| !is_statement(text)) {
            return Err(SiweFault::Malformed("statement"));
        }
        lines.blank("empty line before the URI")?;
        let uri = lines.required("URI", |text| is_uri(text).then(|| text.to_owned()))?;
        lines.required("Version", |text| (text == "1").then_some(()))?;
        Ok(Self {
            scheme,
            domain,
            address,
            statement: statement.map(str::to_owned),
            uri,
            chain_id: lines.required("Chain ID", read_chain_id)?,
            nonce: lines.required("Nonce", read_nonce)?,
            issued_at: lines.required("Issued At", Timestamp::parse)?,
            expiration_time: lines.optional("Expiration Time", Timestamp::parse)?,
            not_before: lines.optional("Not Before", Timestamp::parse)?,
            request_id: lines
                .optional("Request ID", |text| is_request_id(text).then(|| text.to_owned()))?,
            resources: lines.resources()?,
        })
    }
}

/// `[ scheme "://" ] domain`.
fn read_origin(text: &str) -> Result<(Option<String>, String), SiweFault> {
    let (scheme, domain) =
        text.split_once("://").map_or((None, text), |(scheme, domain)| (Some(scheme), domain));
    if scheme.is_some_and(|scheme| !is_scheme(scheme)) {
        return Err(SiweFault::Malformed("scheme"));
    }
    if !is_domain(domain) {
        return Err(SiweFault::Malformed("domain"));
    }
    Ok((scheme.map(str::to_owned), domain.to_owned()))
}

/// Digits without a leading zero, so that the message can be written back as it was.
fn read_chain_id(text: &str) -> Option<u64> {
    text.parse().ok().filter(|id: &u64| id.to_string() == text)
}

fn read_nonce(text: &str) -> Option<String> {
    let long_enough = (MIN_NONCE_CHARACTERS..=MAX_NONCE_CHARACTERS).contains(&text.len());
    (long_enough && text.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| text.to_owned())
}

/// The lines that are left, `None` after the last.
struct Lines<'text> {
    rest: Option<&'text str>,
}

impl<'text> Lines<'text> {
    /// Takes the next line if there is one and `wanted` says so.
    fn next_if(&mut self, wanted: impl FnOnce(&str) -> bool) -> Option<&'text str> {
        let rest = self.rest?;
        let (line, after) =
            rest.split_once('\n').map_or((rest, None), |(line, after)| (line, Some(after)));
        if !wanted(line) {
            return None;
        }
        self.rest = after;
        Some(line)
    }

    fn blank(&mut self, what: &'static str) -> Result<(), SiweFault> {
        self.next_if(str::is_empty).map(drop).ok_or(SiweFault::Missing(what))
    }

    /// Takes a line `tag: value`.
    fn optional<T>(
        &mut self,
        tag: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, SiweFault> {
        let value = |line: &'text str| line.strip_prefix(tag)?.strip_prefix(": ");
        let Some(line) =
            self.next_if(|line| line.strip_prefix(tag).is_some_and(|rest| rest.starts_with(": ")))
        else {
            return Ok(None);
        };
        value(line).and_then(read).map(Some).ok_or(SiweFault::Malformed(tag))
    }

    fn required<T>(
        &mut self,
        tag: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, SiweFault> {
        self.optional(tag, read)?.ok_or(SiweFault::Missing(tag))
    }

    /// Takes everything to the end.
    fn resources(&mut self) -> Result<Vec<String>, SiweFault> {
        let mut resources = Vec::new();
        if self.next_if(|line| line == "Resources:").is_some() {
            while let Some(line) = self.next_if(|line| line.starts_with("- ")) {
                if resources.len() == MAX_SIWE_RESOURCES {
                    return Err(SiweFault::TooManyResources);
                }
                let uri = line.strip_prefix("- ").filter(|uri| is_uri(uri));
                resources.push(uri.ok_or(SiweFault::Malformed("resource"))?.to_owned());
            }
        }
        if self.rest.is_some() { Err(SiweFault::Trailing) } else { Ok(resources) }
    }
}
