//! Actions whose nodes exchange something, while one of them dies or is stopped at the worst
//! moment.

use conclave_chain::WalletKey;
use conclave_faults::process::{is_alive, is_stopped, signal};
use conclave_faults::{Devnet, Fault, Moment, RunReply, Site, User, until};
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{Signature, VerifyingKey};
use rustix::process::Signal;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::sleep;

/// The node with the fault.
const VICTIM: u16 = 2;
/// A node is first in the order of one request in three, and in two of three signing sets.
const MAX_RUNS: usize = 60;
/// Below the time after which a node is passed over.
const SHORT_STALL: Duration = Duration::from_secs(3);
/// Beyond the time after which a link counts as dead.
const LONG_STALL: Duration = Duration::from_secs(7);
const STOPS_WITHIN: Duration = Duration::from_secs(5);

const ONCE: &str = "(async () => {
    const run = async () => `${Math.random()} at ${Date.now()}`
    Lit.Actions.setResponse({ response: await Lit.Actions.runOnce({ waitForResponse: true, name: 'once' }, run) })
})()";

const COLLECT: &str = "(async () => {
    const value = `${Math.random()} at ${Date.now()}`
    const values = await Lit.Actions.broadcastAndCollect({ name: 'values', value })
    Lit.Actions.setResponse({ response: JSON.stringify([...values].sort()) })
})()";

const COMBINE: &str = "(async () => {
    const response = await Lit.Actions.signAndCombineEcdsa({ toSign: digest, publicKey, sigName: 'sig' })
    Lit.Actions.setResponse({ response })
})()";

/// One node comes late to the signature, and by then wants another.
const COMBINE_APART: &str = "(async () => {
    const own = String(Math.random())
    const values = await Lit.Actions.broadcastAndCollect({ name: 'values', value: own })
    const isApart = own === [...values].sort()[0]
    if (isApart) await new Promise((resolve) => setTimeout(resolve, 2000))
    const toSign = isApart ? digest.map((byte) => byte ^ 1) : digest
    const response = await Lit.Actions.signAndCombineEcdsa({ toSign, publicKey, sigName: 'sig' })
    Lit.Actions.setResponse({ response })
})()";

struct Scene {
    site: Site,
    devnet: Devnet,
    user: User,
    key: WalletKey,
}

impl Scene {
    async fn new(fault: Fault) -> Self {
        let site = Site::new();
        let devnet = site.start(&[(VICTIM, fault)]);
        let user = User::new(&devnet, 1).await;
        let key = user.mint().await.public_key;
        Scene { site, devnet, user, key }
    }

    fn params(&self, number: usize) -> Map<String, Value> {
        let params = json!({ "digest": vec![number as u8; 32], "publicKey": self.key.to_string() });
        params.as_object().cloned().unwrap_or_default()
    }

    /// Runs the action until the fault happens, does `meanwhile`, and returns the number of that
    /// run and what the nodes answered to it.
    async fn struck(&self, action: &str, meanwhile: impl AsyncFn()) -> (usize, Vec<RunReply>) {
        self.site.arm(VICTIM);
        for number in 0..MAX_RUNS {
            let strike = async {
                while self.site.is_armed(VICTIM) {
                    sleep(Duration::from_millis(5)).await;
                }
                meanwhile().await;
            };
            let run = self.user.run(action, self.params(number));
            tokio::pin!(run, strike);
            let replies = tokio::select! {
                () = &mut strike => run.await,
                replies = &mut run => {
                    if !self.site.is_armed(VICTIM) {
                        strike.await;
                    }
                    replies
                }
            };
            if !self.site.is_armed(VICTIM) {
                println!("run {number}: {replies:?}");
                return (number, replies);
            }
        }
        panic!("it was never node {VICTIM}'s word that {MAX_RUNS} runs waited for");
    }

    async fn stalled(&self, action: &str, time: Duration) -> (usize, Vec<RunReply>) {
        self.struck(action, async || {
            until("the node is stopped", STOPS_WITHIN, async || {
                is_stopped(self.devnet.pid(VICTIM))
            })
            .await;
            sleep(time).await;
            signal(self.devnet.pid(VICTIM), Signal::CONT);
        })
        .await
    }

    async fn killed(&self, action: &str) -> (usize, Vec<RunReply>) {
        let (number, replies) = self.struck(action, async || ()).await;
        until("the node is dead", STOPS_WITHIN, async || !is_alive(self.devnet.pid(VICTIM))).await;
        assert!(matches!(replies[usize::from(VICTIM) - 1], RunReply::Silent(_)), "{replies:?}");
        (number, replies)
    }

    /// The nodes without the fault said the same; returns it.
    fn agreed<'a>(&self, replies: &'a [RunReply]) -> &'a str {
        let others = replies
            .iter()
            .zip(1..)
            .filter(|(_, node)| *node != VICTIM)
            .map(|(reply, _)| reply.response());
        let responses: BTreeSet<Option<&str>> = others.collect();
        assert!(
            responses.len() == 1 && responses.first().is_some_and(Option::is_some),
            "{replies:?}"
        );
        responses.first().copied().flatten().unwrap_or_default()
    }

    /// Every node said the same.
    fn all_agreed<'a>(&self, replies: &'a [RunReply]) -> &'a str {
        let response = self.agreed(replies);
        assert!(replies.iter().all(|reply| reply.response() == Some(response)), "{replies:?}");
        response
    }

    /// The response is the key's signature of what the run of this number asks for.
    fn assert_signed(&self, response: &str, number: usize) {
        let parts: Value = serde_json::from_str(response).expect("JSON");
        let bytes =
            |name: &str| hex::decode(parts[name].as_str().unwrap_or_default()).expect("hex");
        let (r, s) = (bytes("r"), bytes("s"));
        assert_eq!((r.len(), s.len()), (33, 32), "{response}");
        let signature = Signature::from_slice(&[&r[1..], &s].concat()).expect("a signature");
        let key = VerifyingKey::from_sec1_bytes(self.key.uncompressed()).expect("a key");
        key.verify_prehash(&[number as u8; 32], &signature).expect("the key's signature");
        assert_eq!(parts["v"], json!(r[0] & 1), "{response}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_node_was_to_run_for_all_is_run_by_the_next() {
    let scene = Scene::new(Fault::DieAt(Moment::Claim)).await;
    let (_, replies) = scene.killed(ONCE).await;
    assert!(scene.agreed(&replies).contains(" at "), "{replies:?}");
    scene.agreed(&scene.user.run(ONCE, scene.params(100)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_are_collected_though_the_node_dies_that_was_to_say_which_count() {
    let scene = Scene::new(Fault::DieAt(Moment::Settled)).await;
    let (_, replies) = scene.killed(COLLECT).await;
    let values: Vec<String> = serde_json::from_str(scene.agreed(&replies)).expect("JSON");
    assert!(values.len() >= 2, "{values:?}");
    scene.agreed(&scene.user.run(COLLECT, scene.params(100)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_others_make_the_signature_of_a_node_that_dies_before_it_gives_its_share() {
    let scene = Scene::new(Fault::DieAt(Moment::Share)).await;
    let (number, replies) = scene.killed(COMBINE).await;
    scene.assert_signed(scene.agreed(&replies), number);
    scene.assert_signed(scene.agreed(&scene.user.run(COMBINE, scene.params(200)).await), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stalls_when_it_is_its_turn_is_waited_for_and_passed_over_when_it_takes_too_long()
 {
    let scene = Scene::new(Fault::StallAt(Moment::Claim)).await;
    scene.all_agreed(&scene.stalled(ONCE, SHORT_STALL).await.1);
    scene.user.until_all_are_ready().await;
    scene.agreed(&scene.stalled(ONCE, LONG_STALL).await.1);
    scene.user.until_all_are_ready().await;
    scene.all_agreed(&scene.user.run(ONCE, scene.params(100)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stalls_before_it_says_whose_values_count_is_waited_for_and_passed_over_when_it_takes_too_long()
 {
    let scene = Scene::new(Fault::StallAt(Moment::Settled)).await;
    scene.all_agreed(&scene.stalled(COLLECT, SHORT_STALL).await.1);
    scene.user.until_all_are_ready().await;
    scene.agreed(&scene.stalled(COLLECT, LONG_STALL).await.1);
    scene.user.until_all_are_ready().await;
    scene.all_agreed(&scene.user.run(COLLECT, scene.params(100)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_that_comes_late_makes_the_signature_and_one_that_comes_too_late_is_done_without() {
    let scene = Scene::new(Fault::StallAt(Moment::Share)).await;
    for stall in [SHORT_STALL, LONG_STALL] {
        let (number, replies) = scene.stalled(COMBINE, stall).await;
        scene.assert_signed(scene.agreed(&replies), number);
        scene.user.until_all_are_ready().await;
    }
    scene.assert_signed(scene.all_agreed(&scene.user.run(COMBINE, scene.params(200)).await), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_comes_late_and_wants_another_signature_has_the_retryable_error_before_its_time_is_over()
 {
    let scene = Scene::new(Fault::DieAt(Moment::Claim)).await;
    let replies = scene.user.run(COMBINE_APART, scene.params(0)).await;
    let signed: Vec<&str> = replies.iter().filter_map(RunReply::response).collect();
    assert!(signed.len() == 2 && signed[0] == signed[1], "{replies:?}");
    scene.assert_signed(signed[0], 0);
    assert_eq!(replies.iter().filter(|reply| reply.is_retryable()).count(), 1, "{replies:?}");
}
