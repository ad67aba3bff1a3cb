//! The kernel's layers of isolation, and kernels that lack some: filters that answer as such
//! kernels do.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use conclave_actions::{Layer, Pool, PoolConfig, PoolError};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

use crate::processes::Named;
use crate::support::*;

/// A system call that such a kernel refuses: all of it, or only with this first argument.
type Refused = (i64, Option<i32>);

const NO_LANDLOCK: Refused = (libc::SYS_landlock_create_ruleset, None);
const NO_FILTERS: Refused = (libc::SYS_seccomp, None);
const NO_NAMESPACES: Refused = (libc::SYS_unshare, None);
const NO_NEW_PRIVS: Refused = (libc::SYS_prctl, Some(libc::PR_SET_NO_NEW_PRIVS));

/// Starts a pool on a kernel that refuses these calls, and runs an action on it.
fn on_a_kernel_without(
    refused: &[Refused],
    allowed: &[Layer],
) -> Result<(String, Vec<Layer>), PoolError> {
    let errno = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let mut rules = BTreeMap::new();
    for &(call, argument) in refused {
        let only = argument.map(|argument| {
            let argument = u64::try_from(argument).unwrap();
            let condition =
                SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, argument)
                    .unwrap();
            SeccompRule::new(vec![condition]).unwrap()
        });
        rules.insert(call, only.into_iter().collect());
    }
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter: BpfProgram =
        SeccompFilter::new(rules, SeccompAction::Allow, errno, arch).unwrap().try_into().unwrap();
    let config = PoolConfig { missing_layers_allowed: allowed.to_vec(), ..config() };
    // Filters hold for a thread, and for the threads and processes that it starts: here, those of
    // the pool.
    let thread = std::thread::spawn(move || {
        apply_filter(&filter).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let pool = Pool::start(config).await?;
            let code = action("Lit.Actions.setResponse({response: 'ran'})");
            let outcome = pool.run(code, Arc::new(Signer::default())).await.unwrap();
            let missing = pool.missing_layers().to_vec();
            pool.shutdown().await;
            Ok((outcome.response, missing))
        })
    });
    thread.join().unwrap()
}

fn missing_here() -> Vec<Layer> {
    on_a_kernel_without(&[], &Layer::ALL).unwrap().1
}

#[test]
fn a_kernel_without_a_required_layer_runs_nothing_unless_its_operator_says_so() {
    let here = missing_here();
    for (refused, layer) in [
        (NO_LANDLOCK, Layer::Landlock),
        (NO_FILTERS, Layer::Seccomp),
        (NO_NEW_PRIVS, Layer::NoNewPrivs),
    ] {
        let Err(PoolError::MissingLayers { layers }) = on_a_kernel_without(&[refused], &here)
        else {
            panic!("{layer}")
        };
        assert!(layers.contains(&layer), "{layer}: {layers:?}");
        let error = PoolError::MissingLayers { layers: layers.clone() }.to_string();
        assert!(
            error.contains(&layer.to_string()) && error.contains("--allow-actions-without"),
            "{error}"
        );

        let others: Vec<_> =
            here.iter().chain(&layers).copied().filter(|&other| other != layer).collect();
        assert!(
            on_a_kernel_without(&[refused], &others).is_err(),
            "all but {layer} are allowed to be missing"
        );
        let all: Vec<_> = here.iter().chain(&layers).copied().collect();
        let (response, missing) = on_a_kernel_without(&[refused], &all).unwrap();
        assert_eq!(response, "ran");
        assert!(missing.contains(&layer), "{layer}: {missing:?}");
    }
}

#[test]
fn a_kernel_without_new_namespaces_runs_actions_and_says_that_it_lacks_them() {
    let (response, missing) = on_a_kernel_without(&[NO_NAMESPACES], &missing_here()).unwrap();
    assert_eq!(response, "ran");
    assert!(missing.contains(&Layer::Namespaces));
}

#[tokio::test]
async fn a_worker_is_in_namespaces_of_its_own_where_the_kernel_has_them() {
    let named = Named::new();
    let pool = Pool::start(named.config()).await.unwrap();
    let worker = named.settled(1).await.first().unwrap().pid.to_string();
    for namespace in ["user", "net", "ipc", "uts"] {
        let of = |process: &str| fs::read_link(format!("/proc/{process}/ns/{namespace}")).unwrap();
        assert_eq!(
            of(&worker) == of("self"),
            pool.missing_layers().contains(&Layer::Namespaces),
            "{namespace}"
        );
    }
    pool.shutdown().await;
}

#[tokio::test]
async fn a_worker_has_no_right_beyond_those_of_its_user() {
    let named = Named::new();
    let pool = Pool::start(named.config()).await.unwrap();
    let worker = named.settled(1).await.first().unwrap().pid;
    let status = fs::read_to_string(format!("/proc/{worker}/status")).unwrap();
    let field = |name: &str| {
        status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned()
    };
    for capabilities in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        assert_eq!(field(capabilities), "0000000000000000", "{capabilities}");
    }
    let missing = |layer| pool.missing_layers().contains(&layer);
    assert_eq!(field("NoNewPrivs:") == "0", missing(Layer::NoNewPrivs));
    // Its zygote's filter, and its own.
    assert_eq!(field("Seccomp_filters:").parse::<u32>().unwrap() < 2, missing(Layer::Seccomp));
    pool.shutdown().await;
}

#[tokio::test]
async fn workers_run_as_the_user_that_the_operator_chose() {
    const NOBODY: u32 = 65534;
    // Where that user may read it.
    let runner = std::env::temp_dir().join(format!("conclave-runner-{}", std::process::id()));
    fs::copy(env!("CARGO_BIN_EXE_conclave-runner"), &runner).unwrap();
    fs::set_permissions(&runner, fs::Permissions::from_mode(0o755)).unwrap();
    let result = Pool::start(PoolConfig {
        runner: runner.clone(),
        user: Some((NOBODY, NOBODY)),
        ..config()
    })
    .await;
    match result {
        Ok(pool) => {
            let workers = crate::processes::running(runner.to_str().unwrap());
            assert!(!workers.is_empty());
            for process in workers {
                let status = fs::read_to_string(format!("/proc/{}/status", process.pid)).unwrap();
                let field = |name: &str| {
                    status
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .unwrap()
                        .trim()
                        .to_owned()
                };
                assert_eq!(field("Uid:"), format!("{NOBODY}\t{NOBODY}\t{NOBODY}\t{NOBODY}"));
                assert_eq!(field("Gid:"), format!("{NOBODY}\t{NOBODY}\t{NOBODY}\t{NOBODY}"));
                assert_eq!(field("Groups:"), "");
            }
            pool.run(action("1"), Arc::new(Signer::default())).await.unwrap();
            pool.shutdown().await;
        }
        Err(error) => {
            assert!(!rustix::process::geteuid().is_root(), "{error}");
            assert!(matches!(error, PoolError::Runner { .. }), "{error}");
        }
    }
    fs::remove_file(&runner).unwrap();
}
