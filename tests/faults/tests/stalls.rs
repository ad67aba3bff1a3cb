//! A member of the signing set that is stopped at the worst moment, with its links open, and goes
//! on later.

use conclave_chain::WalletKey;
use conclave_faults::process::{is_stopped, signal};
use conclave_faults::{Call, Devnet, Fault, Reply, Site, User, Verdict, until};
use rustix::process::Signal;
use std::time::Duration;
use tokio::time::sleep;

const STALLS_BEFORE_BIND: u16 = 2;
const STALLS_AFTER_BIND: u16 = 3;
/// Well beyond every deadline of an attempt, well below the time after which a link counts as dead.
const SHORT_STALL: Duration = Duration::from_secs(3);
/// Beyond that: the others have closed their links.
const LONG_STALL: Duration = Duration::from_secs(7);
const MAX_CALLS: usize = 40;
const ROUNDS: usize = 3;
const STOPS_WITHIN: Duration = Duration::from_secs(5);

struct Scene {
    site: Site,
    devnet: Devnet,
    user: User,
    key: WalletKey,
}

impl Scene {
    async fn new() -> Self {
        let site = Site::new();
        let devnet = site.start(&[
            (STALLS_BEFORE_BIND, Fault::StallBeforeBind),
            (STALLS_AFTER_BIND, Fault::StallAfterBind),
        ]);
        let user = User::new(&devnet, 1).await;
        let key = user.mint().await.public_key;
        Scene { site, devnet, user, key }
    }

    /// Signs until the node stalls in a call, runs `meanwhile` while it is stopped, lets it go on,
    /// and returns that call with the answers of all nodes, the stalled one included.
    async fn stalled_call(&self, node: u16, meanwhile: impl AsyncFn()) -> Call {
        self.site.arm(node);
        for _ in 0..MAX_CALLS {
            let stall = async {
                // The call may end without the node, but never before the node answers that was
                // stopped in it.
                while self.site.is_armed(node) {
                    sleep(Duration::from_millis(5)).await;
                }
                until("the node is stopped", STOPS_WITHIN, async || {
                    is_stopped(self.devnet.pid(node))
                })
                .await;
                meanwhile().await;
                signal(self.devnet.pid(node), Signal::CONT);
            };
            let (call, stall) = (self.user.sign(&self.key), stall);
            tokio::pin!(call, stall);
            let call = tokio::select! {
                () = &mut stall => call.await,
                call = &mut call => {
                    if !self.site.is_armed(node) {
                        stall.await;
                    }
                    call
                }
            };
            let fired = !self.site.is_armed(node);
            assert!(
                !matches!(call.verdict(), Verdict::Wrong(_)),
                "stalled: {fired}; {call}: {:?}",
                call.verdict()
            );
            if fired {
                return call;
            }
        }
        panic!("node {node} was in no signing set of {MAX_CALLS} calls");
    }

    async fn later_calls_succeed(&self) {
        self.user.until_all_are_ready().await;
        for _ in 0..3 {
            self.user.sign(&self.key).await.assert_signed();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_stalls_with_its_link_open_ends_in_success_or_the_retryable_error_never_in_a_wrong_sum()
 {
    let scene = Scene::new().await;
    for (node, when) in [(STALLS_BEFORE_BIND, "before"), (STALLS_AFTER_BIND, "after")] {
        for _ in 0..ROUNDS {
            let call = scene.stalled_call(node, async || sleep(SHORT_STALL).await).await;
            println!("node {node} stalled {when} its bind message: {call}");
            let silent = call.replies.iter().any(|reply| matches!(reply, Reply::Silent(_)));
            assert!(!silent, "every node answers in the end: {call}");
            scene.later_calls_succeed().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stalls_until_its_links_are_given_up_is_done_without_and_comes_back() {
    let scene = Scene::new().await;
    let call = scene
        .stalled_call(STALLS_BEFORE_BIND, async || {
            sleep(LONG_STALL).await;
            for _ in 0..3 {
                scene.user.sign_without(&scene.key, STALLS_BEFORE_BIND).await.assert_signed();
            }
        })
        .await;
    println!("node {STALLS_BEFORE_BIND} stalled until its links were closed: {call}");
    scene.later_calls_succeed().await;
}
