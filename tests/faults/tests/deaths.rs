//! A member of the signing set that dies at the worst moment.

use conclave_faults::process::is_alive;
use conclave_faults::{Fault, Reply, Site, User, until};
use std::time::Duration;

/// The node that dies. Every set of two has it with two chances in three.
const VICTIM: u16 = 2;
const MAX_CALLS: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_of_the_set_that_dies_between_assignment_and_bind_does_not_fail_the_call() {
    let site = Site::new();
    let devnet = site.start(&[(VICTIM, Fault::DieBeforeBind)]);
    let user = User::new(&devnet, 1).await;
    let key = user.mint().await.public_key;
    user.sign(&key).await.assert_signed();
    assert!(is_alive(devnet.pid(VICTIM)), "the fault is not armed yet");

    site.arm(VICTIM);
    let mut calls = 0;
    while site.is_armed(VICTIM) {
        assert!(calls < MAX_CALLS, "node {VICTIM} was in no signing set of {calls} calls");
        calls += 1;
        let call = user.sign(&key).await;
        call.assert_signed();
        if !site.is_armed(VICTIM) {
            println!("call {calls}, in which node {VICTIM} died: {call}");
            assert!(matches!(call.replies[usize::from(VICTIM) - 1], Reply::Silent(_)), "{call}");
        }
    }
    until("the node is dead", Duration::from_secs(5), async || !is_alive(devnet.pid(VICTIM))).await;
    for _ in 0..5 {
        user.sign(&key).await.assert_signed();
    }
}
