use alloy::primitives::{Address, Bytes, U256};

use crate::bindings::PKPPermissions::{
    AuthMethod as ContractAuthMethod, addPermittedAuthMethodCall, authorisationCall,
    authorisationReturn, batchAddRemoveAuthMethodsCall, getPermittedAuthMethodsCall,
    removePermittedAuthMethodCall,
};
use crate::keys::wallet_key;
use crate::permission::{Asker, Authorisation, Denied, Grounds, Need, decide};
use crate::{Account, AuthMethod, Chain, ChainError, Grant, Receipt, Scope, Scopes};

/// Most auth methods that one token permits.
pub const MAX_GRANTS: usize = 256;
/// Most auth methods in one question or one transaction.
const MAX_METHODS_AT_ONCE: usize = 64;

impl Chain {
    /// What the chain says of this token and these auth methods, in one call at the latest block.
    pub async fn authorisation(
        &self,
        token: U256,
        methods: &[AuthMethod],
    ) -> Result<Authorisation, ChainError> {
        const OPERATION: &str = "read who may use a key";
        if methods.len() > MAX_METHODS_AT_ONCE {
            let (found, maximum) = (methods.len(), MAX_METHODS_AT_ONCE);
            return Err(ChainError::TooMany { operation: OPERATION, found, maximum });
        }
        let call = authorisationCall {
            tokenId: token,
            types: methods.iter().map(|method| method.kind).collect(),
            ids: methods.iter().map(|method| method.id.clone().into()).collect(),
        };
        let answer = self.rpc().call(OPERATION, self.addresses().pkp_permissions, call).await?;
        checked(OPERATION, token, methods, answer)
    }

    /// Whether the asker may have what it needs, at the latest block.
    pub async fn decide(
        &self,
        token: U256,
        asker: &Asker,
        need: Need,
    ) -> Result<Result<Grounds, Denied>, ChainError> {
        let authorisation = self.authorisation(token, &asker.methods()).await?;
        Ok(decide(&authorisation, asker, need))
    }

    /// Everything that the token permits; the owner's own right is not among it.
    pub async fn grants(&self, token: U256) -> Result<Vec<Grant>, ChainError> {
        const OPERATION: &str = "read the grants";
        let call = getPermittedAuthMethodsCall { tokenId: token };
        let listed = self.rpc().call(OPERATION, self.addresses().pkp_permissions, call).await?;
        if listed.len() > MAX_GRANTS {
            return Err(ChainError::bad_answer(
                OPERATION,
                format!("{} grants are too many", listed.len()),
            ));
        }
        let methods: Vec<AuthMethod> = listed
            .into_iter()
            .map(|method| AuthMethod { kind: method.authMethodType, id: method.id.to_vec() })
            .collect();
        let mut grants = Vec::new();
        for methods in methods.chunks(MAX_METHODS_AT_ONCE) {
            grants.extend(self.authorisation(token, methods).await?.grants);
        }
        Ok(grants)
    }

    /// Permits an auth method. If it is permitted already, it gets these scopes too. Only the
    /// token's owner can.
    pub async fn grant(
        &self,
        account: &Account,
        token: U256,
        method: &AuthMethod,
        scopes: &[Scope],
    ) -> Result<Receipt, ChainError> {
        let call = addPermittedAuthMethodCall {
            tokenId: token,
            authMethod: ContractAuthMethod {
                authMethodType: method.kind,
                id: method.id.clone().into(),
                userPubkey: Bytes::new(),
            },
            scopes: scopes.iter().map(|scope| U256::from(*scope as u8)).collect(),
        };
        account.call("grant", self.addresses().pkp_permissions, U256::ZERO, call).await
    }

    /// Takes a permission away with all its scopes. Only the token's owner can.
    pub async fn revoke(
        &self,
        account: &Account,
        token: U256,
        method: &AuthMethod,
    ) -> Result<Receipt, ChainError> {
        let call = removePermittedAuthMethodCall {
            tokenId: token,
            authMethodType: method.kind,
            id: method.id.clone().into(),
        };
        account.call("revoke", self.addresses().pkp_permissions, U256::ZERO, call).await
    }

    /// Takes all permissions away and returns them. Above 64 of them it takes several transactions.
    pub async fn revoke_all(
        &self,
        account: &Account,
        token: U256,
    ) -> Result<Vec<Grant>, ChainError> {
        let grants = self.grants(token).await?;
        for some in grants.chunks(MAX_METHODS_AT_ONCE) {
            let call = batchAddRemoveAuthMethodsCall {
                tokenId: token,
                typesToAdd: Vec::new(),
                idsToAdd: Vec::new(),
                pubkeysToAdd: Vec::new(),
                scopesToAdd: Vec::new(),
                typesToRemove: some.iter().map(|grant| grant.method.kind).collect(),
                idsToRemove: some.iter().map(|grant| grant.method.id.clone().into()).collect(),
            };
            account.call("revoke all", self.addresses().pkp_permissions, U256::ZERO, call).await?;
        }
        Ok(grants)
    }
}

fn checked(
    operation: &'static str,
    token: U256,
    methods: &[AuthMethod],
    answer: authorisationReturn,
) -> Result<Authorisation, ChainError> {
    if answer.permitted.len() != methods.len() || answer.scopeBitmaps.len() != methods.len() {
        return Err(ChainError::bad_answer(operation, "the lists differ in length"));
    }
    let public_key =
        if answer.minted { Some(wallet_key(operation, token, &answer.pubkey)?) } else { None };
    let owner = (answer.owner != Address::ZERO).then_some(answer.owner);
    let grants = methods
        .iter()
        .zip(answer.permitted.iter().zip(answer.scopeBitmaps))
        .filter(|(_, (permitted, _))| **permitted)
        .map(|(method, (_, bitmap))| Grant { method: method.clone(), scopes: Scopes(bitmap) })
        .collect();
    Ok(Authorisation { owner, public_key, grants })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WalletKey;

    const KEY: [u8; 65] = [4; 65];

    fn token() -> U256 {
        WalletKey::try_from(KEY).unwrap().token_id()
    }

    fn answer(minted: bool) -> authorisationReturn {
        authorisationReturn {
            owner: Address::repeat_byte(1),
            minted,
            pubkey: if minted { KEY.to_vec().into() } else { Bytes::new() },
            scopeBitmaps: vec![U256::ZERO, U256::from(2)],
            permitted: vec![false, true],
        }
    }

    fn methods() -> [AuthMethod; 2] {
        [1, 2].map(|byte| AuthMethod::address(Address::repeat_byte(byte)))
    }

    #[test]
    fn only_what_is_permitted_becomes_a_grant() {
        let authorisation = checked("test", token(), &methods(), answer(true)).unwrap();
        let scopes = Scopes::from([Scope::SignAnything]);
        assert_eq!(authorisation.grants, [Grant { method: methods()[1].clone(), scopes }]);
        assert_eq!(authorisation.owner, Some(Address::repeat_byte(1)));
    }

    #[test]
    fn a_zero_owner_is_no_owner() {
        let burned = authorisationReturn { owner: Address::ZERO, ..answer(true) };
        assert_eq!(checked("test", token(), &methods(), burned).unwrap().owner, None);
    }

    #[test]
    fn an_answer_about_another_key_or_other_askers_is_refused() {
        assert!(checked("test", U256::from(1), &methods(), answer(true)).is_err());
        assert!(checked("test", token(), &methods()[..1], answer(true)).is_err());
        let lopsided = authorisationReturn { permitted: vec![true], ..answer(true) };
        assert!(checked("test", token(), &methods(), lopsided).is_err());
    }
}
