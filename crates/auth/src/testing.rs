//! For the tests of whoever accepts sessions: a session as SDK 7.4.0 makes it, and a table of
//! altered ones.
//!
//! Each altered session differs from the good one in one field. What lies above the alteration is
//! signed anew, so that exactly the check of that field refuses it.

#![expect(clippy::indexing_slicing, reason = "JSON of its own making, in tests")]

mod consent;
mod envelope;

use conclave_wire::{AuthSig, ErrorCode};
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use crate::ability::{Ability, Grant, Needed};
use crate::session::{SessionSigner, SessionTerms};
use crate::siwe::SiweMessage;
use crate::wallet::Wallet;

/// Who asks which node for what, and when.
#[derive(Clone, Debug)]
pub struct SessionCase {
    /// Who asks.
    pub wallet: Wallet,
    /// The node asked, as the session names it.
    pub node_url: String,
    /// What is asked.
    pub needed: Needed,
    /// When.
    pub now: OffsetDateTime,
}

/// A session with one field altered.
#[derive(Clone, Debug)]
pub struct AlteredSession {
    /// What was altered.
    pub name: &'static str,
    /// The session.
    pub auth_sig: AuthSig,
    /// The end of the path of the field that the error names.
    pub field: &'static str,
    /// The code with which a node refuses it.
    pub code: ErrorCode,
}

/// The session that every node named by `case` accepts.
pub fn unaltered_session(case: &SessionCase) -> AuthSig {
    case.build(&At::Envelope(|_| {}))
}

/// The same session, altered in each of more than ninety ways.
pub fn altered_sessions(case: &SessionCase) -> Vec<AlteredSession> {
    let rows = envelope::TABLE.iter().chain(consent::TABLE);
    rows.map(|(name, field, code, at)| AlteredSession {
        name,
        auth_sig: case.build(at),
        field,
        code: *code,
    })
    .collect()
}

/// A row of a table: name, end of the path of the field at fault, code, alteration.
type Row = (&'static str, &'static str, ErrorCode, At);

/// The layer at which an alteration is made; every signature above it is made afterwards.
enum At {
    /// The fields of the text that the wallet signs.
    Siwe(fn(&mut SiweMessage, &SessionCase)),
    /// That text.
    SiweText(fn(&str) -> String),
    /// That text without the line that begins with this.
    SiweWithout(&'static str),
    /// The wallet's signature object.
    Capability(fn(&mut AuthSig, &SessionCase)),
    /// The fields of the JSON that the session key signs.
    Message(fn(&mut Map<String, Value>, &SessionCase)),
    /// One field of the resource of each entry in `resourceAbilityRequests`.
    EachRequest(&'static str, &'static str),
    /// That JSON as text.
    MessageText(fn(&str) -> String),
    /// The session's signature object.
    Envelope(fn(&mut AuthSig)),
}

impl SessionCase {
    /// What the good session is made of: wildcards for both abilities, a day long.
    pub fn terms(&self) -> SessionTerms {
        SessionTerms {
            domain: "localhost".into(),
            statement: Some(
                "This is a test statement.  You can put anything you want here.".into(),
            ),
            chain_id: 1,
            nonce: format!("0x{}", "7c".repeat(32)),
            issued_at: self.now,
            expiration: self.now.saturating_add(Duration::DAY),
            grants: vec![Grant::any(Ability::PkpSigning), Grant::any(Ability::ActionExecution)],
        }
    }

    fn build(&self, at: &At) -> AuthSig {
        let consent = |mut siwe: SiweMessage| {
            if let At::Siwe(alter) = at {
                alter(&mut siwe, self);
            }
            let text = siwe.to_string();
            let mut capability = self.wallet.sign_text(match at {
                At::SiweText(alter) => alter(&text),
                At::SiweWithout(line) => without_line(&text, line),
                _ => text,
            });
            if let At::Capability(alter) = at {
                alter(&mut capability, self);
            }
            capability
        };
        let signer =
            SessionSigner::with_consent(self.wallet.address(), &[0x5e; 32], self.terms(), consent);
        let mut message = signer.message(&self.node_url, self.now);
        if let (At::Message(alter), Some(fields)) = (at, message.as_object_mut()) {
            alter(fields, self);
        }
        if let (At::EachRequest(field, value), Some(list)) =
            (at, message["resourceAbilityRequests"].as_array_mut())
        {
            list.iter_mut().for_each(|request| request["resource"][*field] = Value::from(*value));
        }
        let text = message.to_string();
        let mut envelope =
            signer.sign_text(if let At::MessageText(alter) = at { alter(&text) } else { text });
        if let At::Envelope(alter) = at {
            alter(&mut envelope);
        }
        envelope
    }

    /// The good session's time of issue, shifted, as a timestamp.
    fn time(&self, shift: Duration) -> String {
        crate::timestamp::Timestamp::from(self.now.saturating_add(shift)).to_string()
    }
}

/// Flips the lowest bit of the hexadecimal digit at `index`.
fn flip(text: &mut String, index: usize) {
    let digit =
        |character: char| character.to_digit(16).and_then(|value| char::from_digit(value ^ 1, 16));
    let altered =
        |(at, character)| if at == index { digit(character).unwrap_or('0') } else { character };
    *text = text.chars().enumerate().map(altered).collect();
}

fn without_line(text: &str, start: &str) -> String {
    text.split('\n').filter(|line| !line.starts_with(start)).collect::<Vec<_>>().join("\n")
}
