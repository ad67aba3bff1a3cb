//! How the process shuts itself in, after it has loaded and before it has seen any script.
//!
//! What the kernel does not offer is reported and otherwise passed over: whether to run actions without it is the node's
//! decision.

use std::collections::BTreeMap;
use std::error::Error;

use landlock::{ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus, Scope};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit};
use rustix::thread::set_no_new_privs;
use seccompiler::{BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule};

/// Address space beyond the heap of the script: the program, its libraries and stack, the engine's and our own buffers.
const ADDRESS_SPACE_BESIDE_HEAP: u64 = 192 << 20;

/// Has the kernel kill this process with its node, and deny it more memory, files, processes and core dumps.
pub(crate) fn limit_resources(memory_bytes_max: u64) -> Result<(), Box<dyn Error>> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let address_space = memory_bytes_max.saturating_add(ADDRESS_SPACE_BESIDE_HEAP);
    for (resource, most) in [
        (Resource::As, address_space),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
        (Resource::Nproc, 0),
    ] {
        lower(resource, most)?;
    }
    Ok(())
}

/// Never above what whoever started the node allows.
fn lower(resource: Resource, most: u64) -> rustix::io::Result<()> {
    let most = getrlimit(resource).maximum.map_or(most, |allowed| allowed.min(most));
    setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
}

/// Gives up everything but the socket. Returns the names of the layers that the kernel does not offer, or not fully.
pub(crate) fn enter() -> Result<Vec<String>, Box<dyn Error>> {
    let mut missing = Vec::new();
    if set_no_new_privs(true).is_err() {
        missing.push("no_new_privs".to_owned());
    }
    if !matches!(restrict_files_and_network(), Ok(RulesetStatus::FullyEnforced)) {
        missing.push("landlock".to_owned());
    }
    // Only now: what loading the program needed is open. One, since `poll` counts its list against this limit too.
    lower(Resource::Nofile, 1)?;
    if seccompiler::apply_filter(&system_call_filter()?).is_err() {
        missing.push("seccomp".to_owned());
    }
    Ok(missing)
}

/// No file, no TCP, no abstract socket and no signal to another process.
fn restrict_files_and_network() -> Result<RulesetStatus, Box<dyn Error>> {
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V5))?
        .handle_access(AccessNet::from_all(ABI::V5))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .restrict_self()?;
    Ok(status.ruleset)
}

/// What the engine and the allocator call, and nothing else: any other call kills the process.
fn system_call_filter() -> Result<BpfProgram, Box<dyn Error>> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|&call| (call, Vec::new())).collect();
    // The third argument of both is the protection. The engine has no JIT, so nothing is ever made executable.
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![without(2, libc::PROT_EXEC)?]);
    }
    let filter = SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, std::env::consts::ARCH.try_into()?)?;
    Ok(filter.try_into()?)
}

const ALLOWED: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    libc::SYS_ppoll,
    libc::SYS_read,
    libc::SYS_recvfrom,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sendto,
    libc::SYS_sigaltstack,
    libc::SYS_tgkill,
    libc::SYS_write,
];

/// A rule that lets a call pass when none of `bits` is set in one of its arguments.
fn without(argument: u8, bits: i32) -> Result<SeccompRule, Box<dyn Error>> {
    let mask = u64::try_from(bits)?;
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask), 0)?;
    Ok(SeccompRule::new(vec![condition])?)
}
