//! Whom a permission is for, and how permissions read.

use crate::failure::Failure;
use crate::files::read_text;
use crate::pkp::parse_address;
use clap::{Args, ValueEnum};
use conclave_chain::{Address, AuthMethod, Grant, Scope, U256};
use conclave_client::Cid;
use serde_json::{Value, json};
use std::path::Path;

/// The longest action code, in bytes.
pub const MAX_CODE_FILE: u64 = conclave_actions::CODE_BYTES_MAX as u64;

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Grantee {
    /// An action, by its CID or by the file with its code
    #[arg(long, value_name = "CID|FILE", value_parser = parse_action)]
    action: Option<Cid>,
    /// An account, by its address
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    address: Option<Address>,
    /// A login with the wallet of this address
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    wallet: Option<Address>,
}

/// What somebody may do with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScopeName {
    /// Sign any digest
    SignAnything,
    /// Sign personal messages (EIP-191) only
    PersonalSign,
}

impl ScopeName {
    pub fn scope(self) -> Scope {
        match self {
            Self::SignAnything => Scope::SignAnything,
            Self::PersonalSign => Scope::PersonalSign,
        }
    }
}

impl Grantee {
    pub fn method(&self) -> Result<AuthMethod, Failure> {
        let action = self.action.map(|cid| AuthMethod::action(cid.multihash()));
        let address = self.address.map(AuthMethod::address);
        let wallet = self.wallet.map(AuthMethod::wallet);
        action
            .or(address)
            .or(wallet)
            .ok_or_else(|| Failure::usage("say for whom: --action, --address or --wallet"))
    }
}

/// The CID itself, or that of a file's content.
pub fn parse_action(text: &str) -> Result<Cid, String> {
    if let Ok(cid) = text.parse() {
        return Ok(cid);
    }
    let path = Path::new(text);
    if !path.exists() {
        return Err("neither a CID (Qm..) nor a file".into());
    }
    let code = read_text(path, MAX_CODE_FILE).map_err(|failure| failure.message)?;
    Ok(Cid::of(code.as_bytes()))
}

/// Who a method is, in words.
pub fn describe(method: &AuthMethod) -> String {
    let number = u64::try_from(method.kind).ok();
    match (number, method.id.as_slice()) {
        (Some(1), id) if id.len() == 20 => format!("address {}", Address::from_slice(id)),
        (Some(1), id) => format!("wallet login 0x{}", hex::encode(id)),
        (Some(2), id) => match Cid::from_multihash(id) {
            Ok(cid) => format!("action {cid}"),
            Err(_) => format!("action 0x{}", hex::encode(id)),
        },
        (_, id) => format!("auth method {} 0x{}", method.kind, hex::encode(id)),
    }
}

/// A permission with its scopes, in words.
pub fn describe_grant(grant: &Grant) -> String {
    let scopes = scope_names(grant);
    let scopes = if scopes.is_empty() { "nothing".to_owned() } else { scopes.join(", ") };
    format!("{} may: {scopes}", describe(&grant.method))
}

pub fn grant_json(grant: &Grant) -> Value {
    json!({
        "who": describe(&grant.method),
        "type": grant.method.kind.to_string(),
        "id": format!("0x{}", hex::encode(&grant.method.id)),
        "scopes": scope_names(grant),
    })
}

fn scope_names(grant: &Grant) -> Vec<String> {
    let set = (0..U256::BITS).filter(|bit| grant.scopes.0.bit(*bit));
    let name = |bit| match bit {
        1 => "sign-anything".to_owned(),
        2 => "personal-sign".to_owned(),
        other => format!("scope {other}"),
    };
    set.map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_chain::Scopes;

    #[test]
    fn grants_read_as_sentences() {
        let account = Address::repeat_byte(7);
        let grant = |method, scopes| describe_grant(&Grant { method, scopes });
        let both = Scopes::from([Scope::SignAnything, Scope::PersonalSign]);
        assert_eq!(
            grant(AuthMethod::address(account), both),
            format!("address {account} may: sign-anything, personal-sign")
        );
        let cid = Cid::of(b"go()");
        assert_eq!(
            grant(AuthMethod::action(cid.multihash()), Scopes::default()),
            format!("action {cid} may: nothing")
        );
        assert!(grant(AuthMethod::wallet(account), both).starts_with("wallet login 0x"));
    }

    #[test]
    fn an_action_is_named_by_its_cid_or_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("action.js");
        std::fs::write(&file, "go()").expect("written");
        let cid = Cid::of(b"go()");
        assert_eq!(parse_action(&cid.to_string()), Ok(cid));
        assert_eq!(parse_action(file.to_str().expect("a path")), Ok(cid));
        assert!(parse_action("missing.js").is_err());
    }
}
