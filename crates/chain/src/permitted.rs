//! What the permissions contract tells anybody who asks: lists and single facts, for applications
//! to look at.

use alloy::primitives::{Address, U256};

use crate::bindings::PKPPermissions::{
    getPermittedActionsCall, getPermittedAddressesCall, getPermittedAuthMethodScopesCall,
    getPermittedAuthMethodsCall, isPermittedAddressCall, isPermittedAuthMethodCall,
};
use crate::{AuthMethod, Chain, ChainError, MAX_GRANTS};

/// Scope ids are below this number.
pub const SCOPE_COUNT: u32 = 256;

/// An auth method that a token permits, as it was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermittedMethod {
    /// Who.
    pub method: AuthMethod,
    /// The COSE public key of a WebAuthn credential, empty for all others.
    pub user_pubkey: Vec<u8>,
}

impl Chain {
    /// Whether the token permits the auth method, with or without scopes.
    pub async fn is_permitted(&self, token: U256, method: &AuthMethod) -> Result<bool, ChainError> {
        let call = isPermittedAuthMethodCall {
            tokenId: token,
            authMethodType: method.kind,
            id: method.id.clone().into(),
        };
        self.rpc().call("read a permission", self.addresses().pkp_permissions, call).await
    }

    /// Whether the account is permitted, with or without scopes, or owns the token.
    pub async fn is_permitted_address(
        &self,
        token: U256,
        account: Address,
    ) -> Result<bool, ChainError> {
        let call = isPermittedAddressCall { tokenId: token, user: account };
        self.rpc().call("read a permission", self.addresses().pkp_permissions, call).await
    }

    /// Ids of the permitted actions, as they were registered.
    pub async fn permitted_actions(&self, token: U256) -> Result<Vec<Vec<u8>>, ChainError> {
        const OPERATION: &str = "read the permitted actions";
        let call = getPermittedActionsCall { tokenId: token };
        let listed = self.rpc().call(OPERATION, self.addresses().pkp_permissions, call).await?;
        Ok(limited(OPERATION, listed, MAX_GRANTS)?.into_iter().map(|id| id.to_vec()).collect())
    }

    /// The owner, unless the token is burned, and then the permitted accounts.
    pub async fn permitted_addresses(&self, token: U256) -> Result<Vec<Address>, ChainError> {
        const OPERATION: &str = "read the permitted accounts";
        let call = getPermittedAddressesCall { tokenId: token };
        let listed = self.rpc().call(OPERATION, self.addresses().pkp_permissions, call).await?;
        limited(OPERATION, listed, MAX_GRANTS + 1)
    }

    /// All auth methods that the token permits: accounts and actions too, the owner not.
    pub async fn permitted_methods(&self, token: U256) -> Result<Vec<PermittedMethod>, ChainError> {
        const OPERATION: &str = "read the permitted auth methods";
        let call = getPermittedAuthMethodsCall { tokenId: token };
        let listed = self.rpc().call(OPERATION, self.addresses().pkp_permissions, call).await?;
        let listed = limited(OPERATION, listed, MAX_GRANTS)?.into_iter();
        let listed = listed.map(|method| PermittedMethod {
            method: AuthMethod { kind: method.authMethodType, id: method.id.to_vec() },
            user_pubkey: method.userPubkey.to_vec(),
        });
        Ok(listed.collect())
    }

    /// For each scope id below `count`, at most [`SCOPE_COUNT`], whether the auth method has that
    /// scope.
    pub async fn permitted_scopes(
        &self,
        token: U256,
        method: &AuthMethod,
        count: u32,
    ) -> Result<Vec<bool>, ChainError> {
        const OPERATION: &str = "read the scopes of an auth method";
        if count > SCOPE_COUNT {
            let (found, maximum) = (count as usize, SCOPE_COUNT as usize);
            return Err(ChainError::TooMany { operation: OPERATION, found, maximum });
        }
        let call = getPermittedAuthMethodScopesCall {
            tokenId: token,
            authMethodType: method.kind,
            id: method.id.clone().into(),
            maxScopeId: U256::from(count),
        };
        let present = self.rpc().call(OPERATION, self.addresses().pkp_permissions, call).await?;
        if present.len() != count as usize {
            return Err(ChainError::bad_answer(
                OPERATION,
                format!("{} scopes instead of {count}", present.len()),
            ));
        }
        Ok(present)
    }
}

fn limited<T>(
    operation: &'static str,
    listed: Vec<T>,
    maximum: usize,
) -> Result<Vec<T>, ChainError> {
    if listed.len() > maximum {
        return Err(ChainError::bad_answer(
            operation,
            format!("{} entries are too many", listed.len()),
        ));
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_taken_up_to_their_limit_and_no_further() {
        assert_eq!(
            limited("test", vec![0; MAX_GRANTS], MAX_GRANTS).map(|list| list.len()),
            Ok(MAX_GRANTS)
        );
        assert!(limited("test", vec![0; MAX_GRANTS + 1], MAX_GRANTS).is_err());
    }
}
