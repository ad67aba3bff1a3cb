use alloy::primitives::{Address, U256};

use crate::bindings::PKPNFT::safeTransferFromCall;
use crate::{Account, Chain, ChainError, Receipt};

impl Chain {
    /// Hands a token of the account to somebody else. Its grants stay in force: see
    /// [`Chain::grants`] and [`Chain::revoke_all`].
    pub async fn transfer(
        &self,
        account: &Account,
        token: U256,
        to: Address,
    ) -> Result<Receipt, ChainError> {
        let call = safeTransferFromCall { from: account.address(), to, tokenId: token };
        account.call("transfer", self.addresses().pkp_nft, U256::ZERO, call).await
    }
}
