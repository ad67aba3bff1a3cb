//! Who asks: the one place in which a token is looked at, and in which proofs become what the
//! chain's permissions are about.

use super::concurrency::{Concurrency, UnderWay};
use super::failure::Failure;
use conclave_auth::{
    AuthError, AuthFault, Needed, Policy, Principal, Proof, authenticate_session,
    authenticate_wallet,
};
use conclave_chain::permission::Asker;
use conclave_wire::{AuthSig, Credential, ErrorCode};
use time::OffsetDateTime;

/// Which kinds of signature a path takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Sessions, and wallets that sign the request themselves.
    SessionsAndWallets,
    /// Sessions only.
    Sessions,
}

/// Finds out who asks, and whether there is room for one more request of theirs.
pub struct Askers {
    pub policy: Policy,
    pub concurrency: Concurrency,
}

/// A principal, and its place among the requests under way until this is dropped.
pub struct Asking {
    pub principal: Principal,
    _under_way: UnderWay,
}

impl Askers {
    /// Who asks, if they may ask for what is `needed`. After this nothing looks at a token again.
    pub fn identify(
        &self,
        auth_sig: Option<&AuthSig>,
        credentials: &[Credential],
        needed: &Needed,
        accepted: Accepted,
    ) -> Result<Asking, Failure> {
        let now = OffsetDateTime::now_utc();
        let principal = self.authenticate(auth_sig, credentials, needed, accepted, now)?;
        let under_way = self.concurrency.begin(principal.key())?;
        Ok(Asking { principal, _under_way: under_way })
    }

    fn authenticate(
        &self,
        auth_sig: Option<&AuthSig>,
        credentials: &[Credential],
        needed: &Needed,
        accepted: Accepted,
        now: OffsetDateTime,
    ) -> Result<Principal, Failure> {
        if !credentials.is_empty() {
            let message =
                "authMethods: this version takes session signatures and wallet signatures only";
            return Err(Failure::new(ErrorCode::NodeCannotProvideAuthMethodForEndpoint, message));
        }
        let auth_sig = auth_sig
            .ok_or_else(|| Failure::new(ErrorCode::NodeInvalidAuthSig, "authSig: is missing"))?;
        match authenticate_session(auth_sig, needed, &self.policy, now) {
            Err(AuthError { fault: AuthFault::SessionWanted, .. })
                if accepted == Accepted::SessionsAndWallets =>
            {
                Ok(authenticate_wallet(auth_sig, &self.policy, now)?)
            }
            result => Ok(result?),
        }
    }
}

/// The principal as the chain's permissions see it, without any action.
pub fn asker_of(principal: &Principal) -> Asker {
    let mut asker = Asker::default();
    for proof in &principal.proofs {
        match proof {
            Proof::Wallet(address) => asker.addresses.push(address.into()),
        }
    }
    asker
}
