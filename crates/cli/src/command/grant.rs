use super::grantee::{Grantee, ScopeName, describe};
use crate::account::AccountOptions;
use crate::failure::Failure;
use crate::output::Output;
use crate::pkp::{PkpName, token_text};
use crate::place::PlaceOptions;
use clap::Args;
use conclave_chain::Scope;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  conclave grant 0x04.. --action guard.js
  conclave grant 0x04.. --address 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --scope personal-sign

Only the owner of the key can do this. The permission stays in force when the key is transferred.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Grant {
    /// The key, by public key, token id or address
    #[arg(value_name = "KEY")]
    pkp: PkpName,
    #[command(flatten)]
    grantee: Grantee,
    /// What it may do; may be given several times
    #[arg(long, value_enum, default_values_t = [ScopeName::SignAnything])]
    scope: Vec<ScopeName>,
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    account: AccountOptions,
}

impl Grant {
    pub async fn run(self, output: &Output) -> Result<(), Failure> {
        let method = self.grantee.method()?;
        let place = self.place.find()?;
        let key = self.account.key(&place)?;
        let chain = place.chain().await?;
        let pkp = self.pkp.resolve(&chain).await?;
        let scopes: Vec<Scope> = self.scope.iter().map(|scope| scope.scope()).collect();
        output.progress("granting: waiting for the transaction");
        let receipt = chain.grant(&key.account(&chain)?, pkp.token_id(), &method, &scopes).await?;
        let who = describe(&method);
        output.result(
            &format!("{who} may now use the key {}", pkp.address().to_checksum(None)),
            json!({ "tokenId": token_text(pkp.token_id()), "who": who, "transaction": receipt.transaction.to_string() }),
        );
        Ok(())
    }
}
