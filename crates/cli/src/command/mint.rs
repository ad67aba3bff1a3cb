use crate::account::AccountOptions;
use crate::failure::Failure;
use crate::output::Output;
use crate::pkp::token_text;
use crate::place::PlaceOptions;
use clap::Args;
use conclave_chain::{Account, Chain, MintError, Minted};
use serde_json::json;
use std::time::{Duration, Instant};

use super::grantee::parse_action;

/// How often the pool is looked at while it is empty.
const POOL_POLL: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
Examples:
  conclave mint
  conclave mint --json | jq -r .publicKey
  conclave mint --only-for guard.js        a key that this action alone can use, for ever

Keys are made before anybody asks for one. While a node is away no new ones are made: when the pool is empty, this ends with exit code 3.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Mint {
    /// Let this action sign with the key and burn the token: nobody else can ever use the key, or
    /// change that
    #[arg(long, value_name = "CID|FILE", value_parser = parse_action)]
    only_for: Option<conclave_client::Cid>,
    /// Wait this long for an empty pool to be filled
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    account: AccountOptions,
}

impl Mint {
    pub async fn run(self, output: &Output) -> Result<(), Failure> {
        let place = self.place.find()?;
        let key = self.account.key(&place)?;
        let chain = place.chain().await?;
        let account = key.account(&chain)?;
        let deadline = Instant::now() + Duration::from_secs(self.wait);
        output.progress("minting: waiting for the transaction");
        let minted = loop {
            match self.mint(&chain, &account).await {
                Err(MintError::PoolEmpty) if Instant::now() < deadline => {
                    wait_for_key(&chain, output, deadline).await?
                }
                minted => break minted?,
            }
        };
        let key = minted.public_key;
        let (token, public_key, address) =
            (token_text(key.token_id()), key.to_string(), key.address().to_checksum(None));
        let transaction = minted.receipt.transaction;
        output.result(
            &format!("token id   {token}\npublic key {public_key}\naddress    {address}"),
            json!({ "tokenId": token, "publicKey": public_key, "address": address, "transaction": transaction.to_string() }),
        );
        Ok(())
    }

    async fn mint(&self, chain: &Chain, account: &Account) -> Result<Minted, MintError> {
        match &self.only_for {
            Some(action) => chain.mint_grant_and_burn(account, action.multihash()).await,
            None => chain.mint(account).await,
        }
    }
}

async fn wait_for_key(chain: &Chain, output: &Output, deadline: Instant) -> Result<(), Failure> {
    output.progress("the pool of unminted keys is empty: waiting for the nodes to refill it");
    while chain.pool_size().await? == 0 && Instant::now() < deadline {
        tokio::time::sleep(POOL_POLL).await;
    }
    Ok(())
}
