use super::grantee::{Grantee, describe};
use crate::account::AccountOptions;
use crate::failure::Failure;
use crate::output::Output;
use crate::pkp::{PkpName, token_text};
use crate::place::PlaceOptions;
use clap::Args;
use serde_json::json;

const EXAMPLES: &str = "\
Example:
  conclave revoke 0x04.. --action QmSMaw2wTp3Bm5mpumNAw34jQ6AVvVXzhYAqVEypWLFpM7

Takes the permission away with all its scopes. Only the owner of the key can do this.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Revoke {
    /// The key, by public key, token id or address
    #[arg(value_name = "KEY")]
    pkp: PkpName,
    #[command(flatten)]
    grantee: Grantee,
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    account: AccountOptions,
}

impl Revoke {
    pub async fn run(self, output: &Output) -> Result<(), Failure> {
        let method = self.grantee.method()?;
        let place = self.place.find()?;
        let key = self.account.key(&place)?;
        let chain = place.chain().await?;
        let pkp = self.pkp.resolve(&chain).await?;
        output.progress("revoking: waiting for the transaction");
        let receipt = chain.revoke(&key.account(&chain)?, pkp.token_id(), &method).await?;
        let who = describe(&method);
        output.result(
            &format!("{who} may no longer use the key {}", pkp.address().to_checksum(None)),
            json!({ "tokenId": token_text(pkp.token_id()), "who": who, "transaction": receipt.transaction.to_string() }),
        );
        Ok(())
    }
}
