//! A node that signs everything it is asked for, counts that, and has children that mean harm too.

use std::sync::atomic::{AtomicUsize, Ordering};

use conclave_actions::{Answer, ChainQuery, Host, HostError, SignRequest, Turn};
use tokio::sync::Notify;

/// Signs for every key but "refused", and never answers for "never".
#[derive(Default)]
pub struct Node {
    signed: AtomicUsize,
    /// Told when someone begins to wait for what is never answered.
    pub waiting: Notify,
}

impl Node {
    pub fn signed(&self) -> usize {
        self.signed.load(Ordering::SeqCst)
    }

    async fn judge(&self, request: SignRequest) -> Result<(), HostError> {
        match request.public_key.as_str() {
            "refused" => Err(refusal("not permitted for this key")),
            "never" => {
                self.waiting.notify_one();
                std::future::pending().await
            }
            _ => {
                self.signed.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        }
    }
}

impl Host for Node {
    fn sign<'a>(&'a self, _: &'a str, request: SignRequest) -> Answer<'a, ()> {
        Box::pin(self.judge(request))
    }

    fn sign_and_combine<'a>(&'a self, _: &'a str, request: SignRequest) -> Answer<'a, String> {
        Box::pin(async move {
            self.judge(request).await.map(|()| r#"{"r":"02","s":"03","v":1}"#.to_owned())
        })
    }

    fn code<'a>(&'a self, cid: &'a str) -> Answer<'a, String> {
        let code =
            CHILDREN.iter().find(|(name, _)| *name == cid).map(|(_, code)| (*code).to_owned());
        Box::pin(async move { code.ok_or_else(|| refusal("no such action")) })
    }

    fn ask_chain(&self, _: ChainQuery) -> Answer<'_, String> {
        Box::pin(async { Ok("[]".to_owned()) })
    }

    fn collect<'a>(&'a self, _: &'a str, name: String, value: String) -> Answer<'a, Vec<String>> {
        Box::pin(async move { Ok(vec![name, value]) })
    }

    fn take_turn<'a>(&'a self, _: &'a str, _: String, _: bool) -> Answer<'a, Turn> {
        Box::pin(async { Ok(Turn::Mine) })
    }

    fn end_turn<'a>(&'a self, _: &'a str, _: String, _: String) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

const CHILDREN: [(&str, &str); 5] = [
    ("plain", "Lit.Actions.setResponse({ response: 'plain' })"),
    ("recursive", "await Lit.Actions.call({ ipfsId: 'recursive', params: {} })"),
    (
        "signer",
        "await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: 's' })",
    ),
    ("loop", "while (true) {}"),
    ("memory", "const all = []; while (true) all.push(new Uint8Array(1 << 20))"),
];

fn refusal(message: &str) -> HostError {
    HostError { code: "NodeNotPermitted".into(), message: message.into(), retryable: false }
}
