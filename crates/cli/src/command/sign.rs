use crate::account::AccountOptions;
use crate::failure::Failure;
use crate::output::{Output, failures_json};
use crate::pkp::PkpName;
use crate::place::{PlaceOptions, nodes};
use clap::Args;
use conclave_client::{Digest, Grant, Needed, Network, Signature};
use serde_json::{Map, Value, json};

const EXAMPLES: &str = "\
Examples:
  conclave sign 0x04.. --message 'hello'
  conclave sign 0x04.. --digest 0x1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8
  conclave sign 0x04.. --message 'hello' --json | jq -r .signature

Two thirds of the nodes are enough. The signature has been verified before it is printed: r, s and v, as Ethereum's tools read it.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Sign {
    /// The key, by public key, token id or address
    #[arg(value_name = "KEY")]
    pkp: PkpName,
    #[command(flatten)]
    content: Content,
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    account: AccountOptions,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Content {
    /// Sign this text as a personal message (EIP-191), as wallets do
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// Sign these 32 bytes as they are
    #[arg(long, value_name = "HEX", value_parser = parse_digest)]
    digest: Option<Digest>,
}

impl Sign {
    pub async fn run(self, output: &Output) -> Result<(), Failure> {
        let digest = match (self.content.digest, &self.content.message) {
            (Some(digest), _) => digest,
            (None, Some(message)) => {
                Digest::new(conclave_auth::personal_digest(message.as_bytes()))
            }
            (None, None) => return Err(Failure::usage("say what to sign: --message or --digest")),
        };
        let place = self.place.find()?;
        let wallet = self.account.key(&place)?.wallet()?;
        let chain = place.chain().await?;
        let pkp = self.pkp.resolve(&chain).await?;
        let network = nodes(&chain).await?;
        output.progress(&format!(
            "asking {} nodes; {} must sign",
            network.nodes().len(),
            network.threshold()
        ));
        // No more than this one command needs: a session that leaks is of no other use.
        let needed = Needed::PkpSigning { token_id: pkp.token_id().to_be_bytes() };
        let session =
            network.session(&wallet, vec![Grant::only(&needed)], Network::SESSION_LIFETIME).await?;
        let signed = network.sign(&session, &pkp, digest).await?;
        output.warn(&signed.failures);
        let mut object = signature_json(&signed.signature);
        object.extend([
            ("address".to_owned(), json!(pkp.address().to_checksum(None))),
            ("requestId".to_owned(), json!(signed.request_id.as_str())),
            ("failures".to_owned(), failures_json(&signed.failures)),
        ]);
        output.result(&signed.signature.to_hex(), object.into());
        Ok(())
    }
}

pub fn signature_json(signature: &Signature) -> Map<String, Value> {
    let text = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
    let fields = [
        ("signature", json!(signature.to_hex())),
        ("r", json!(text(&signature.r))),
        ("s", json!(text(&signature.s))),
        ("recoveryId", json!(signature.recovery_id)),
        ("publicKey", json!(signature.public_key.to_string())),
        ("digest", json!(format!("0x{}", signature.digest))),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn parse_digest(text: &str) -> Result<Digest, String> {
    let mut digest = [0; 32];
    let read = hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut digest);
    read.map(|()| Digest::new(digest)).map_err(|_| "a digest is 64 hexadecimal digits".into())
}
