//! An unsigned transaction, put to a chain as a question.

use alloy::consensus::{TxEip1559, TxEip2930, TxLegacy};
use alloy::primitives::{Address, Bytes, ChainId, TxKind, U256};
use alloy::providers::Provider;
use alloy::rlp::{self, Decodable};
use alloy::rpc::types::TransactionRequest;
use thiserror::Error;

use crate::rpc::within;
use crate::{ChainError, Rpc};

/// What a call may use when it does not say: ample for a view, and what existing applications rely
/// on.
pub const DEFAULT_CALL_GAS: u64 = 10_000_000;

/// What an unsigned transaction asks of a contract. Nobody signs it, so it is put as nobody, and
/// prices and nonces mean nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractCall {
    chain_id: Option<ChainId>,
    to: Address,
    input: Bytes,
    value: U256,
    gas: u64,
}

/// Bytes that are no question to a contract.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotACall {
    /// Not a transaction of type 0, 1 or 2 without signature.
    #[error("it is no unsigned transaction in RLP of type 0, 1 or 2: {0}")]
    Malformed(String),
    /// It would create a contract.
    #[error("it names no contract")]
    NoContract,
}

impl ContractCall {
    /// Reads what wallets call the serialised unsigned transaction: RLP of a legacy one, or the
    /// type's byte and RLP.
    pub fn read(bytes: &[u8]) -> Result<Self, NotACall> {
        match bytes.split_first() {
            Some((1, rest)) => {
                let TxEip2930 { chain_id, to, input, value, gas_limit, .. } = whole(rest)?;
                Self::new(Some(chain_id), to, input, value, gas_limit)
            }
            Some((2, rest)) => {
                let TxEip1559 { chain_id, to, input, value, gas_limit, .. } = whole(rest)?;
                Self::new(Some(chain_id), to, input, value, gas_limit)
            }
            // A list; whatever else begins with another byte is not.
            Some((0xc0.., _)) => {
                let TxLegacy { chain_id, to, input, value, gas_limit, .. } = whole(bytes)?;
                Self::new(chain_id, to, input, value, gas_limit)
            }
            Some((kind, _)) => Err(NotACall::Malformed(format!("it begins with {kind}"))),
            None => Err(NotACall::Malformed("it is empty".into())),
        }
    }

    fn new(
        chain_id: Option<ChainId>,
        to: TxKind,
        input: Bytes,
        value: U256,
        gas: u64,
    ) -> Result<Self, NotACall> {
        let to = *to.to().ok_or(NotACall::NoContract)?;
        // Libraries leave out what they were not told: zero then.
        let chain_id = chain_id.filter(|id| *id != 0);
        let gas = if gas == 0 { DEFAULT_CALL_GAS } else { gas };
        Ok(Self { chain_id, to, input, value, gas })
    }
}

fn whole<T: Decodable>(bytes: &[u8]) -> Result<T, NotACall> {
    rlp::decode_exact(bytes).map_err(|error| NotACall::Malformed(error.to_string()))
}

impl Rpc {
    /// What the contract answers, at the latest block.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`] when the call is made out for another chain;
    /// [`ChainError::Reverted`] when the contract says no.
    pub async fn call_contract(&self, call: &ContractCall) -> Result<Bytes, ChainError> {
        if let Some(expected) = call.chain_id.filter(|id| *id != self.chain_id()) {
            return Err(ChainError::WrongChain { expected, found: self.chain_id() });
        }
        let ContractCall { to, input, value, gas, .. } = call.clone();
        let request =
            TransactionRequest::default().to(to).input(input.into()).value(value).gas_limit(gas);
        within("call a contract", self.provider().call(request).await)
    }

    /// Number of the account's next transaction, without those that wait for a block.
    pub async fn latest_nonce(&self, account: Address) -> Result<u64, ChainError> {
        within("read a nonce", self.provider().get_transaction_count(account).latest().await)
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{address, hex};

    use super::*;

    const TO: Address = address!("0x5FbDB2315678afecb367f032d93F642f64180aa3");

    fn expected(chain_id: Option<ChainId>, value: u64, gas: u64) -> ContractCall {
        ContractCall {
            chain_id,
            to: TO,
            input: hex!("18160ddd").into(),
            value: U256::from(value),
            gas,
        }
    }

    // What ethers 5.7.2 makes of `{ to, data: '0x18160ddd' }` and of more.
    #[test]
    fn transactions_as_wallets_serialise_them_are_read() {
        let bare = hex!("de808080945fbdb2315678afecb367f032d93f642f64180aa3808418160ddd");
        assert_eq!(ContractCall::read(&bare), Ok(expected(None, 0, DEFAULT_CALL_GAS)));
        let with_chain =
            hex!("e3808080945fbdb2315678afecb367f032d93f642f64180aa3808418160ddd827a698080");
        assert_eq!(
            ContractCall::read(&with_chain),
            Ok(expected(Some(31_337), 0, DEFAULT_CALL_GAS))
        );
        let priced =
            hex!("02e5827a69070102825208945fbdb2315678afecb367f032d93f642f64180aa3098418160dddc0");
        assert_eq!(ContractCall::read(&priced), Ok(expected(Some(31_337), 9, 21_000)));
        let listed =
            hex!("01e4827a690702825208945fbdb2315678afecb367f032d93f642f64180aa3098418160dddc0");
        assert_eq!(ContractCall::read(&listed), Ok(expected(Some(31_337), 9, 21_000)));
        let for_chain_zero =
            hex!("02e18080808080945fbdb2315678afecb367f032d93f642f64180aa3808418160dddc0");
        assert_eq!(ContractCall::read(&for_chain_zero), Ok(expected(None, 0, DEFAULT_CALL_GAS)));
    }

    #[test]
    fn whatever_else_is_refused_without_a_panic() {
        let bare = hex!("de808080945fbdb2315678afecb367f032d93f642f64180aa3808418160ddd");
        for end in 0..bare.len() {
            assert!(
                matches!(ContractCall::read(&bare[..end]), Err(NotACall::Malformed(_))),
                "{end} bytes"
            );
        }
        let more = [&bare[..], &[0]].concat();
        for bad in [&more[..], &[3, 0xc0], &[0x7f], &[0xff; 40], &[2], &[1, 0xc0], b"0xde80"] {
            assert!(matches!(ContractCall::read(bad), Err(NotACall::Malformed(_))), "{bad:x?}");
        }
        let creation = hex!("ca80808080808418160ddd");
        assert_eq!(ContractCall::read(&creation), Err(NotACall::NoContract));
    }
}
