//! The node's side of one running action and its children. Its authority is fixed by the request
//! and by the CIDs that the node itself gave to the workers; nothing that an action says widens it.

use super::chain_questions::ChainQuestions;
use super::code::{CodeStore, read_cid};
use super::exchanger::Exchanger;
use super::failure::Failure;
use super::signatures::Signatures;
use super::signer::{Given, Question, Signer, certificate};
use crate::lock::locked;
use conclave_actions::protocol::NAME_BYTES_MAX;
use conclave_actions::{Answer, ChainQuery, Host, HostError, SignKind, SignRequest, Turn};
use conclave_agreement::exchange::{ExchangeId, Operation, Want, exchange_id};
use conclave_agreement::signing::repeated_name_hash;
use conclave_auth::personal_digest;
use conclave_chain::permission::{Asker, Need};
use conclave_chain::{NotAWalletKey, WalletKey};
use conclave_content::Cid;
use conclave_serve::Held;
use conclave_threshold::ids::{Digest, RequestKey};
use conclave_threshold::online::Signature;
use conclave_wire::limits::MAX_USES_OF_A_NAME;
use conclave_wire::{ErrorCode, ExecuteResponse, SignedData};
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How often nodes try to put one signature together.
const COMBINE_ATTEMPTS: usize = 3;

/// The time of each attempt but the first.
const COMBINE_AGAIN: Duration = Duration::from_secs(4);

/// What an action may do, fixed before it runs.
pub struct Authority {
    pub request_key: RequestKey,
    /// Whoever sent the request, without any action.
    pub asker: Asker,
    /// The action of the request.
    pub cid: Cid,
    pub deadline: Instant,
}

pub struct ActionHost {
    authority: Authority,
    signer: Signer,
    exchanger: Exchanger,
    chain_questions: Arc<ChainQuestions>,
    code: CodeStore,
    signatures: Signatures,
    /// How often each name of an exchange was used, by CID and operation.
    exchanges: Mutex<BTreeMap<(String, u8, String), u32>>,
    /// Turns of this node that have not ended, by CID and name.
    turns: Mutex<BTreeMap<(String, String), VecDeque<ExchangeId>>>,
    /// The request's action and its children, by the names that this node gave to their workers,
    /// and the room that each child's code takes until the request ends.
    actions: Mutex<BTreeMap<String, (Cid, Option<Held>)>>,
    /// The details of what could not be done, by message: the script carries the message alone.
    details: Mutex<BTreeMap<String, Vec<String>>>,
}

/// A signature that was asked for, its words read.
struct Wanted {
    name: String,
    earlier: u32,
    key: WalletKey,
    digest: Digest,
    need: Need,
}

impl ActionHost {
    pub fn new(
        authority: Authority,
        signer: Signer,
        exchanger: Exchanger,
        chain_questions: Arc<ChainQuestions>,
        code: CodeStore,
    ) -> Self {
        let actions = BTreeMap::from([(authority.cid.to_string(), (authority.cid, None))]);
        ActionHost {
            authority,
            signer,
            exchanger,
            chain_questions,
            code,
            signatures: Signatures::default(),
            exchanges: Mutex::default(),
            turns: Mutex::default(),
            actions: Mutex::new(actions),
            details: Mutex::default(),
        }
    }

    /// What is known beyond the message of a failure.
    pub fn details_of(&self, message: &str) -> Vec<String> {
        locked(&self.details).remove(message).unwrap_or_default()
    }

    /// Puts what was signed for the client into its answer.
    pub fn hand_over(&self, response: &mut ExecuteResponse) {
        self.signatures.hand_over(response);
    }

    fn read(&self, request: SignRequest) -> Result<Wanted, Failure> {
        let bad = |message: &str| Failure::new(ErrorCode::NodeBadInput, message);
        let key = request.public_key.parse().map_err(|fault| match fault {
            NotAWalletKey::Length => {
                bad("publicKey must be an uncompressed key of 65 bytes in hex")
            }
            NotAWalletKey::Form => bad("publicKey must be an uncompressed key: it begins with 04"),
        })?;
        if request.name.is_empty() || request.name.len() > NAME_BYTES_MAX {
            return Err(bad(&format!("sigName must be of 1 to {NAME_BYTES_MAX} bytes")));
        }
        let (digest, need) = match &request.kind {
            SignKind::Raw(digest) => (Digest::new(*digest), Need::SignAnything),
            SignKind::PersonalMessage(message) => {
                (Digest::new(personal_digest(message)), Need::PersonalSign)
            }
        };
        let earlier = self.signatures.use_name(&request.name)?;
        Ok(Wanted { name: request.name, earlier, key, digest, need })
    }

    /// The running action with this name.
    fn action(&self, cid: &str) -> Result<Cid, Failure> {
        let known = locked(&self.actions).get(cid).map(|(action, _)| *action);
        known.ok_or_else(|| Failure::system("a worker has a name that it was not given"))
    }

    /// The question for one signature. Judged by who sent the request and by the action that asks,
    /// not by that one's parents.
    fn question(&self, cid: &str, wanted: &Wanted) -> Result<Question, Failure> {
        let Authority { request_key, asker, deadline, .. } = &self.authority;
        Ok(Question {
            request_key: *request_key,
            name_hash: repeated_name_hash(&wanted.name, wanted.earlier),
            key: wanted.key,
            digest: wanted.digest,
            asker: Asker { action: Some(self.action(cid)?.multihash()), ..asker.clone() },
            need: wanted.need,
            deadline: *deadline,
        })
    }

    async fn signed(&self, cid: &str, request: SignRequest) -> Result<(), Failure> {
        let wanted = self.read(request)?;
        let given = self.signer.sign(self.question(cid, &wanted)?).await?;
        let Wanted { name, earlier, key, digest, .. } = wanted;
        let (data, certificate) = match given {
            Given::Share(answer) => {
                let big_r = answer.big_r();
                let data = SignedData::share(
                    &name,
                    digest.as_bytes(),
                    &answer.share_bytes(),
                    &big_r,
                    key.compressed(),
                );
                (data, Some(certificate(&answer)))
            }
            Given::Empty => (SignedData::empty(&name, digest.as_bytes()), None),
        };
        self.signatures.put(name, earlier, data, certificate);
        Ok(())
    }

    /// Signs as one of the nodes, and puts all their shares together. The client gets nothing of
    /// it. Where shares stay away, those nodes that are still there sign once more among
    /// themselves.
    async fn combined(&self, cid: &str, request: SignRequest) -> Result<String, Failure> {
        let mut wanted = self.read(request)?;
        let mut result = self.combined_at_once(cid, &wanted, self.authority.deadline).await;
        for _ in 1..COMBINE_ATTEMPTS {
            let Err(Failure { code: ErrorCode::ConclaveRetry, .. }) = result else { break };
            // Each attempt is a call and an exchange of its own, of the same number on all nodes.
            // Who needs it comes to it when the others do: a node that is alone with it was late
            // for the signature that the others have, and wants another.
            wanted.earlier += MAX_USES_OF_A_NAME;
            let deadline = self.authority.deadline.min(Instant::now() + COMBINE_AGAIN);
            match self.combined_at_once(cid, &wanted, deadline).await {
                Err(Failure { code: ErrorCode::RequestTimeout, .. }) => break,
                again => result = again,
            }
        }
        result.map(|signature| as_actions_read(&signature))
    }

    async fn combined_at_once(
        &self,
        cid: &str,
        wanted: &Wanted,
        deadline: Instant,
    ) -> Result<Signature, Failure> {
        let question = Question { deadline, ..self.question(cid, wanted)? };
        let Question { name_hash, key, digest, .. } = question;
        let (share, failure) = match self.signer.sign(question).await {
            Ok(Given::Share(answer)) => (Some(answer), None),
            Ok(Given::Empty) => (None, None),
            // The others may have signed without this node.
            Err(failure)
                if matches!(failure.code, ErrorCode::ConclaveRetry | ErrorCode::RequestTimeout) =>
            {
                (None, Some(failure))
            }
            Err(failure) => return Err(failure),
        };
        let exchange = self.exchange(cid, Operation::Combine, &wanted.name, wanted.earlier);
        let want = Want::Combine { public_key: *key.compressed(), digest, name_hash, share };
        let combined = self.exchanger.combine(exchange, want, deadline).await;
        combined.map_err(|missing| failure.unwrap_or(missing))
    }

    fn exchange(&self, cid: &str, operation: Operation, name: &str, earlier: u32) -> ExchangeId {
        exchange_id(&self.authority.request_key, cid, operation, name, earlier)
    }

    /// The exchange that the action begins now.
    fn next_exchange(&self, cid: &str, operation: Operation, name: &str) -> ExchangeId {
        let mut exchanges = locked(&self.exchanges);
        let earlier =
            exchanges.entry((cid.to_owned(), operation as u8, name.to_owned())).or_default();
        let exchange = self.exchange(cid, operation, name, *earlier);
        *earlier += 1;
        exchange
    }

    /// What the script sees of a failure; its details are kept for the client.
    fn told(&self, failure: Failure) -> HostError {
        let Failure { code, message, details, .. } = failure;
        locked(&self.details).insert(message.clone(), details);
        HostError { code: code.as_str().to_owned(), message, retryable: code.retryable() }
    }

    fn answer<'a, T: Send + 'a>(
        &'a self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'a,
    ) -> Answer<'a, T> {
        Box::pin(async move { work.await.map_err(|failure| self.told(failure)) })
    }
}

/// An action that ends in the midst of its turn brings what one does whose function fails; the
/// others would wait for it in vain.
impl Drop for ActionHost {
    fn drop(&mut self) {
        for exchange in locked(&self.turns).values().flatten() {
            self.exchanger.give_turn_up(*exchange);
        }
    }
}

/// With the whole nonce point, its first byte included, as existing actions expect and cut off.
fn as_actions_read(signature: &Signature) -> String {
    let Signature { r, s, recovery_id } = signature;
    let parity = recovery_id & 1;
    json!({ "r": format!("{:02x}{}", 2 + parity, hex::encode(r)), "s": hex::encode(s), "v": parity }).to_string()
}

impl Host for ActionHost {
    fn sign<'a>(&'a self, cid: &'a str, request: SignRequest) -> Answer<'a, ()> {
        self.answer(self.signed(cid, request))
    }

    fn sign_and_combine<'a>(&'a self, cid: &'a str, request: SignRequest) -> Answer<'a, String> {
        self.answer(self.combined(cid, request))
    }

    fn code<'a>(&'a self, cid: &'a str) -> Answer<'a, String> {
        self.answer(async move {
            let child = read_cid("ipfsId", cid)?;
            let (code, held) = self.code.load(child).await?;
            locked(&self.actions).insert(cid.to_owned(), (child, Some(held)));
            Ok(code)
        })
    }

    fn ask_chain(&self, query: ChainQuery) -> Answer<'_, String> {
        self.answer(self.chain_questions.ask(query))
    }

    fn collect<'a>(&'a self, cid: &'a str, name: String, value: String) -> Answer<'a, Vec<String>> {
        self.answer(async move {
            let exchange = self.next_exchange(cid, Operation::Collect, &name);
            self.exchanger.collect(exchange, value, self.authority.deadline).await
        })
    }

    fn take_turn<'a>(&'a self, cid: &'a str, name: String, wait: bool) -> Answer<'a, Turn> {
        self.answer(async move {
            let exchange = self.next_exchange(cid, Operation::Turn, &name);
            let deadline = self.authority.deadline;
            let turn = self.exchanger.take_turn(exchange, wait, deadline).await?;
            if turn == Turn::Mine {
                locked(&self.turns).entry((cid.to_owned(), name)).or_default().push_back(exchange);
            }
            Ok(turn)
        })
    }

    fn end_turn<'a>(&'a self, cid: &'a str, name: String, result: String) -> Answer<'a, ()> {
        self.answer(async move {
            let place = (cid.to_owned(), name);
            let turn = locked(&self.turns).get_mut(&place).and_then(VecDeque::pop_front);
            let exchange = turn.ok_or_else(|| {
                Failure::new(ErrorCode::NodeBadInput, "name: this node has no turn of that name")
            })?;
            self.exchanger.end_turn(exchange, result).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_reads_a_signature_with_its_nonce_point_and_parity() {
        for (recovery_id, prefix, v) in [(0, "02", 0), (1, "03", 1), (2, "02", 0), (3, "03", 1)] {
            let text = as_actions_read(&Signature { r: [0xab; 32], s: [0x01; 32], recovery_id });
            assert_eq!(
                text,
                format!(
                    r#"{{"r":"{prefix}{}","s":"{}","v":{v}}}"#,
                    "ab".repeat(32),
                    "01".repeat(32)
                )
            );
        }
    }
}
