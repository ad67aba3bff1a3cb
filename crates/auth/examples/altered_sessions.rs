//! Prints the table of altered sessions, for tests that send it to running nodes.
//!
//! Each line of standard input is a case: `{"walletKey": "0x..", "nodeUrl": "http://..", "tokenId":
//! "0x.."}`, or with `cid` in place of `tokenId`. For each case one line comes out for the
//! unaltered session, whose `code` is null, and one for each altered one: `{"nodeUrl", "name",
//! "authSig", "code", "field"}`.

use std::io::{self, BufRead, Write};

use conclave_auth::testing::{AlteredSession, SessionCase, altered_sessions, unaltered_session};
use conclave_auth::{Needed, Wallet};
use serde_json::{Value, json};
use time::OffsetDateTime;

type Failure = Box<dyn std::error::Error>;

fn text<'a>(case: &'a Value, field: &str) -> Result<&'a str, Failure> {
    case[field].as_str().ok_or_else(|| format!("{field}: must be a string").into())
}

fn bytes(case: &Value, field: &str) -> Result<[u8; 32], Failure> {
    let digits = text(case, field)?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits.strip_prefix("0x").unwrap_or(digits), &mut bytes)
        .map_err(|_| format!("{field}: must be 32 bytes in hex"))?;
    Ok(bytes)
}

fn read(line: &str) -> Result<SessionCase, Failure> {
    let case: Value = serde_json::from_str(line)?;
    let needed = match case["cid"].as_str() {
        Some(cid) => Needed::ActionExecution { cid: cid.to_owned() },
        None => Needed::PkpSigning { token_id: bytes(&case, "tokenId")? },
    };
    let wallet = Wallet::from_secret(&bytes(&case, "walletKey")?)?;
    Ok(SessionCase {
        wallet,
        node_url: text(&case, "nodeUrl")?.to_owned(),
        needed,
        now: OffsetDateTime::now_utc(),
    })
}

fn main() -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let case = read(&line?)?;
        let url = &case.node_url;
        let good = unaltered_session(&case);
        writeln!(
            out,
            "{}",
            json!({ "nodeUrl": url, "name": "unaltered", "authSig": good, "code": null, "field": null })
        )?;
        for AlteredSession { name, auth_sig, field, code } in altered_sessions(&case) {
            let row = json!({ "nodeUrl": url, "name": name, "authSig": auth_sig, "code": code.as_str(), "field": field });
            writeln!(out, "{row}")?;
        }
    }
    Ok(())
}
