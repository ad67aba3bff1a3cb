use super::grantee::{describe_grant, grant_json};
use crate::account::AccountOptions;
use crate::failure::Failure;
use crate::output::Output;
use crate::pkp::{PkpName, parse_address, token_text};
use crate::place::PlaceOptions;
use clap::Args;
use conclave_chain::{Address, Grant};
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  conclave transfer 0x04.. 0x70997970C51812dc3A010C7d01b50e0d17dc79C8
  conclave transfer 0x04.. 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --clear

Permissions do not go away with a transfer: whoever could use the key can still use it, until the new owner revokes that. The ones that
stay in force are printed. --clear revokes all of them first.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Transfer {
    /// The key, by public key, token id or address
    #[arg(value_name = "KEY")]
    pkp: PkpName,
    /// The new owner
    #[arg(value_name = "ADDRESS", value_parser = parse_address)]
    to: Address,
    /// Revoke all permissions first
    #[arg(long)]
    clear: bool,
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    account: AccountOptions,
}

impl Transfer {
    pub async fn run(self, output: &Output) -> Result<(), Failure> {
        let place = self.place.find()?;
        let key = self.account.key(&place)?;
        let chain = place.chain().await?;
        let account = key.account(&chain)?;
        let pkp = self.pkp.resolve(&chain).await?;
        let mut cleared = Vec::new();
        if self.clear {
            output.progress("revoking all permissions");
            cleared = chain.revoke_all(&account, pkp.token_id()).await?;
        }
        output.progress("transferring: waiting for the transaction");
        let receipt = chain.transfer(&account, pkp.token_id(), self.to).await?;
        // Read afterwards: nothing that the old owner does can add to it any more.
        let staying = chain.grants(pkp.token_id()).await?;

        let to = self.to.to_checksum(None);
        let mut lines =
            format!("the key {} now belongs to {to}\n", pkp.address().to_checksum(None));
        let mut tell = |title: &str, grants: &[Grant]| {
            let told: String =
                grants.iter().map(|grant| format!("  {}\n", describe_grant(grant))).collect();
            lines.push_str(&format!("{title}\n{told}"));
        };
        if !cleared.is_empty() {
            tell("revoked:", &cleared);
        }
        tell(
            if staying.is_empty() {
                "no permissions stay in force"
            } else {
                "permissions that stay in force:"
            },
            &staying,
        );
        let list = |grants: &[Grant]| grants.iter().map(grant_json).collect::<Value>();
        output.result(
            &lines,
            json!({
                "tokenId": token_text(pkp.token_id()),
                "to": to,
                "transaction": receipt.transaction.to_string(),
                "cleared": list(&cleared),
                "staying": list(&staying),
            }),
        );
        Ok(())
    }
}
