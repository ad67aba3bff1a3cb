//! Who asks to store an action.

use conclave_wire::{NetworkId, StoreActionRequest, store_action_message};
use time::{Duration, OffsetDateTime};

use crate::address::{self, Address, checksummed};
use crate::error::{AuthError, AuthFault};
use crate::personal::recover_personal;
use crate::policy::SKEW;
use crate::timestamp::Timestamp;
use crate::wallet::Wallet;

/// How long after it was signed a request to store an action is accepted.
pub const STORE_ACTION_WINDOW: Duration = Duration::minutes(10);

/// Authenticates a request to store an action. `cid` must be that of the request's code, computed
/// by the caller; whether the account may store anything is for the caller to say. A request
/// replayed within its window stores what is stored.
pub fn authenticate_store_action(
    request: &StoreActionRequest,
    network: &NetworkId,
    cid: &str,
    now: OffsetDateTime,
) -> Result<Address, AuthError> {
    let account = address::parse(&request.address)
        .ok_or_else(|| AuthError::new("address", AuthFault::UnreadableAddress))?;
    let issued_at = Timestamp::parse(&request.issued_at)
        .ok_or_else(|| AuthError::new("issuedAt", AuthFault::UnreadableTime))?
        .at();
    if issued_at > now.saturating_add(SKEW) {
        return Err(AuthError::new("issuedAt", AuthFault::NotYetValid));
    }
    if issued_at < now.saturating_sub(STORE_ACTION_WINDOW) {
        return Err(AuthError::new("issuedAt", AuthFault::Expired));
    }
    let message = store_action_message(network, cid, &request.issued_at);
    match recover_personal(&message, &request.signature) {
        Ok(signer) if signer == account => Ok(account),
        Ok(_) => Err(AuthError::new("signature", AuthFault::OtherSigner)),
        Err(fault) => Err(AuthError::new("signature", AuthFault::Signature(fault))),
    }
}

/// Makes such a request; `cid` must be that of `code`.
pub fn sign_store_action(
    wallet: &Wallet,
    network: &NetworkId,
    code: String,
    cid: &str,
    now: OffsetDateTime,
) -> StoreActionRequest {
    let issued_at = Timestamp::from(now).to_string();
    let signature = wallet.sign_personal(&store_action_message(network, cid, &issued_at));
    StoreActionRequest { code, address: checksummed(&wallet.address()), issued_at, signature }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETWORK: NetworkId = NetworkId { chain_id: 31337, staking: [7; 20] };
    const CID: &str = "QmSMaw2wTp3Bm5mpumNAw34jQ6AVvVXzhYAqVEypWLFpM7";
    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn wallet() -> Wallet {
        Wallet::from_secret(&[3; 32]).expect("a secret key")
    }

    fn request() -> StoreActionRequest {
        sign_store_action(&wallet(), &NETWORK, "code".into(), CID, NOW)
    }

    fn verdict(
        request: &StoreActionRequest,
        network: &NetworkId,
        cid: &str,
        now: OffsetDateTime,
    ) -> Result<Address, String> {
        authenticate_store_action(request, network, cid, now).map_err(|error| error.field)
    }

    #[test]
    fn accepts_its_own_request_within_the_window_and_not_a_second_later() {
        assert_eq!(verdict(&request(), &NETWORK, CID, NOW), Ok(wallet().address()));
        assert!(verdict(&request(), &NETWORK, CID, NOW + STORE_ACTION_WINDOW).is_ok());
        let late = NOW + STORE_ACTION_WINDOW + Duration::SECOND;
        assert_eq!(verdict(&request(), &NETWORK, CID, late), Err("issuedAt".into()));
        assert!(verdict(&request(), &NETWORK, CID, NOW - SKEW).is_ok());
        assert_eq!(
            verdict(&request(), &NETWORK, CID, NOW - SKEW - Duration::SECOND),
            Err("issuedAt".into())
        );
    }

    #[test]
    fn refuses_another_network_content_account_and_time() {
        let refused = Err("signature".to_owned());
        assert_eq!(verdict(&request(), &NetworkId { chain_id: 1, ..NETWORK }, CID, NOW), refused);
        assert_eq!(
            verdict(&request(), &NetworkId { staking: [8; 20], ..NETWORK }, CID, NOW),
            refused
        );
        assert_eq!(verdict(&request(), &NETWORK, "QmOther", NOW), refused);
        let other_time =
            StoreActionRequest { issued_at: "1970-01-01T00:00:01Z".into(), ..request() };
        assert_eq!(verdict(&other_time, &NETWORK, CID, NOW), refused);
        let other_account =
            StoreActionRequest { address: format!("0x{}", "11".repeat(20)), ..request() };
        assert_eq!(verdict(&other_account, &NETWORK, CID, NOW), refused);
        let unreadable = StoreActionRequest { address: "0x".into(), ..request() };
        assert_eq!(verdict(&unreadable, &NETWORK, CID, NOW), Err("address".into()));
        let timeless = StoreActionRequest { issued_at: "now".into(), ..request() };
        assert_eq!(verdict(&timeless, &NETWORK, CID, NOW), Err("issuedAt".into()));
    }
}
