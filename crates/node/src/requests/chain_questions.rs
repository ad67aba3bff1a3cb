//! What an action asks about chains and permissions: its words read, the chain asked, the answer
//! written as JSON.

use super::code::read_cid;
use super::failure::{Failure, chain_code};
use crate::chains::{AskError, Chains};
use conclave_actions::ChainQuery;
use conclave_chain::{Address, AuthMethod, Chain, ChainError, ContractCall, PermittedMethod, U256};
use conclave_content::Cid;
use conclave_wire::ErrorCode;
use serde_json::{Value, json};

/// Answers what actions ask about the network's own contracts and about the operator's chains.
pub struct ChainQuestions {
    pub own: Chain,
    pub chains: Chains,
}

impl ChainQuestions {
    /// The answer as JSON.
    pub async fn ask(&self, query: ChainQuery) -> Result<String, Failure> {
        Ok(self.answer(query).await?.to_string())
    }

    async fn answer(&self, query: ChainQuery) -> Result<Value, Failure> {
        let chain = &self.own;
        Ok(match query {
            ChainQuery::CallContract { chain, transaction } => {
                let bytes =
                    hex::decode(digits(&transaction)).map_err(|_| bad("txn: must be hex"))?;
                let call =
                    ContractCall::read(&bytes).map_err(|error| bad(format!("txn: {error}")))?;
                let answer = self
                    .chains
                    .rpc(&chain)
                    .await?
                    .call_contract(&call)
                    .await
                    .map_err(of_question)?;
                json!(prefixed(&answer))
            }
            ChainQuery::LatestNonce { chain, address } => {
                let account = read_address(&address)?;
                json!(format!("{:#x}", self.chains.rpc(&chain).await?.latest_nonce(account).await?))
            }
            ChainQuery::RpcUrl { chain } => json!(self.chains.public_url(&chain)?),
            ChainQuery::IsPermittedAction { token_id, cid } => {
                let method = AuthMethod::action(read_cid("ipfsId", &cid)?.multihash());
                json!(chain.is_permitted(read_token(&token_id)?, &method).await?)
            }
            ChainQuery::IsPermittedAddress { token_id, address } => {
                json!(
                    chain
                        .is_permitted_address(read_token(&token_id)?, read_address(&address)?)
                        .await?
                )
            }
            ChainQuery::IsPermittedAuthMethod { token_id, auth_method_type, user_id } => {
                let method = AuthMethod { kind: read_kind(&auth_method_type)?, id: user_id };
                json!(chain.is_permitted(read_token(&token_id)?, &method).await?)
            }
            ChainQuery::PermittedActions { token_id } => {
                let ids = chain.permitted_actions(read_token(&token_id)?).await?;
                // The contract takes any bytes for an action; what is no CID names none.
                json!(
                    ids.iter()
                        .filter_map(|id| Cid::from_multihash(id).ok())
                        .map(|cid| cid.to_string())
                        .collect::<Vec<_>>()
                )
            }
            ChainQuery::PermittedAddresses { token_id } => {
                let addresses = chain.permitted_addresses(read_token(&token_id)?).await?;
                // In lower case, as existing applications compare them.
                json!(
                    addresses
                        .iter()
                        .map(|address| prefixed(address.as_slice()))
                        .collect::<Vec<_>>()
                )
            }
            ChainQuery::PermittedAuthMethods { token_id } => {
                let methods = chain.permitted_methods(read_token(&token_id)?).await?;
                json!(methods.iter().map(described).collect::<Vec<_>>())
            }
            ChainQuery::PermittedAuthMethodScopes {
                token_id,
                auth_method_type,
                user_id,
                max_scope_id,
            } => {
                let method = AuthMethod { kind: read_kind(&auth_method_type)?, id: user_id };
                let scopes =
                    chain.permitted_scopes(read_token(&token_id)?, &method, max_scope_id).await;
                json!(scopes.map_err(of_question)?)
            }
        })
    }
}

/// With the field names of the original network's answers.
fn described(PermittedMethod { method, user_pubkey }: &PermittedMethod) -> Value {
    json!({ "auth_method_type": format!("{:#x}", method.kind), "id": prefixed(&method.id), "user_pubkey": prefixed(user_pubkey) })
}

fn bad(message: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::NodeBadInput, message)
}

fn prefixed(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn digits(text: &str) -> &str {
    text.strip_prefix("0x").unwrap_or(text)
}

/// A number as applications write it: decimal digits, or `0x` and hexadecimal ones.
fn read_number(field: &str, text: &str) -> Result<U256, Failure> {
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
    let all_digits =
        !digits.is_empty() && digits.bytes().all(|byte| char::from(byte).is_digit(radix));
    let number = all_digits.then(|| U256::from_str_radix(digits, u64::from(radix)).ok()).flatten();
    number.ok_or_else(|| {
        bad(format!(
            "{field}: must be a number below 2^256, in decimal digits or as 0x and hexadecimal ones"
        ))
    })
}

fn read_token(text: &str) -> Result<U256, Failure> {
    read_number("tokenId", text)
}

fn read_kind(text: &str) -> Result<U256, Failure> {
    read_number("authMethodType", text)
}

fn read_address(text: &str) -> Result<Address, Failure> {
    let mut bytes = [0; 20];
    hex::decode_to_slice(digits(text), &mut bytes)
        .map_err(|_| bad("address: must be 20 bytes in hex"))?;
    Ok(bytes.into())
}

/// What the question itself got wrong is told apart from a chain that does not answer.
fn of_question(error: ChainError) -> Failure {
    let code = match &error {
        ChainError::Reverted { .. } | ChainError::Refused { .. } => ErrorCode::NodeJsExecutionError,
        ChainError::WrongChain { .. } | ChainError::TooMany { .. } => ErrorCode::NodeBadInput,
        _ => chain_code(&error),
    };
    Failure::new(code, error.to_string())
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Unknown { .. } | AskError::NotPublic => bad(format!("chain: {error}")),
            AskError::Chain(error) => Failure::from(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_both_spellings_up_to_their_last_bit() {
        let most = format!("{}", U256::MAX);
        for (text, number) in [
            ("0", U256::ZERO),
            ("0x0", U256::ZERO),
            ("15", U256::from(15)),
            ("0xF", U256::from(15)),
        ] {
            assert_eq!(read_token(text).unwrap(), number, "{text}");
        }
        assert_eq!(read_token(&most).unwrap(), U256::MAX);
        assert_eq!(read_token(&format!("{:#x}", U256::MAX)).unwrap(), U256::MAX);
        let (over, wide) = (format!("{most}0"), format!("0x1{}", "0".repeat(64)));
        for text in [
            "",
            "0x",
            "-1",
            "+1",
            "1 ",
            "1_0",
            "0b1",
            "f",
            "0xg",
            "ü",
            &over,
            &wide,
            &"9".repeat(256),
        ] {
            let failure = read_token(text).unwrap_err();
            assert!(
                failure.code == ErrorCode::NodeBadInput && failure.message.starts_with("tokenId"),
                "{text}"
            );
        }
    }

    #[test]
    fn addresses_are_read_with_or_without_prefix_in_any_case() {
        let address = Address::repeat_byte(0xab);
        for text in ["ab".repeat(20), "AB".repeat(20), format!("0x{}", "aB".repeat(20))] {
            assert_eq!(read_address(&text).unwrap(), address, "{text}");
        }
        for text in
            ["", "0x", &"ab".repeat(19), &"ab".repeat(21), &"zz".repeat(20), &"ü".repeat(20)]
        {
            assert!(read_address(text).unwrap_err().message.starts_with("address"), "{text}");
        }
    }

    #[test]
    fn an_auth_method_has_the_shape_that_applications_compare() {
        let method = AuthMethod { kind: U256::from(90_000), id: vec![0xab; 3] };
        let described = described(&PermittedMethod { method, user_pubkey: Vec::new() });
        assert_eq!(
            described.to_string(),
            r#"{"auth_method_type":"0x15f90","id":"0xababab","user_pubkey":"0x"}"#
        );
    }

    #[test]
    fn a_contract_that_says_no_is_no_fault_of_the_chain() {
        let operation = "test";
        let wrong = of_question(ChainError::WrongChain { expected: 1, found: 2 });
        assert_eq!(wrong.code, ErrorCode::NodeBadInput);
        let refused =
            of_question(ChainError::Refused { operation, code: 3, message: String::new() });
        assert_eq!(refused.code, ErrorCode::NodeJsExecutionError);
        let away = of_question(ChainError::RpcUnreachable { operation, detail: String::new() });
        assert!(away.code == ErrorCode::NodeRpcError && away.code.retryable());
    }
}
