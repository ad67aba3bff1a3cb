//! The system calls of the runner's processes. Any other kills the process.

use std::collections::BTreeMap;
use std::error::Error;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// What the engine and the allocator call.
const ENGINE: &[i64] = &[
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
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
];

/// What goes through the socket.
const TALKING: &[i64] = &[libc::SYS_read, libc::SYS_recvfrom, libc::SYS_sendto, libc::SYS_write];

/// What takes sockets in, makes workers of them and shuts these in.
const FORKING: &[i64] = &[
    #[cfg(target_arch = "x86_64")]
    libc::SYS_dup2,
    libc::SYS_dup3,
    libc::SYS_getppid,
    libc::SYS_pidfd_open,
    libc::SYS_prlimit64,
    libc::SYS_recvmsg,
    libc::SYS_seccomp,
    libc::SYS_sendmsg,
    libc::SYS_set_robust_list,
    libc::SYS_wait4,
];

/// A new process that shares nothing: as the C library asks for it, and no thread, no namespace.
const FORK_FLAGS: u64 =
    (libc::SIGCHLD | libc::CLONE_CHILD_CLEARTID | libc::CLONE_CHILD_SETTID) as u64;

/// The calls of a worker.
pub(super) fn of_worker() -> Result<BpfProgram, Box<dyn Error>> {
    compile(engine()?)
}

/// The calls of the zygote: those of its workers, since they inherit this filter, and those that
/// make them.
pub(super) fn of_zygote() -> Result<BpfProgram, Box<dyn Error>> {
    let mut rules = engine()?;
    rules.extend(FORKING.iter().map(|&call| (call, Vec::new())));
    rules.insert(
        libc::SYS_clone,
        vec![rule(0, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, FORK_FLAGS)?],
    );
    // Debug builds of the standard library look at each descriptor that they close.
    let look = u64::try_from(libc::F_GETFD)?;
    rules.insert(libc::SYS_fcntl, vec![rule(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, look)?]);
    let to_shut_in = [libc::PR_SET_PDEATHSIG, libc::PR_SET_NO_NEW_PRIVS].map(|option| {
        let option = u64::try_from(option)?;
        rule(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, option)
    });
    rules.insert(libc::SYS_prctl, to_shut_in.into_iter().collect::<Result<_, _>>()?);
    compile(rules)
}

fn engine() -> Result<Rules, Box<dyn Error>> {
    use SeccompCmpArgLen::Dword;
    let mut rules: Rules = ENGINE.iter().map(|&call| (call, Vec::new())).collect();
    // The first argument is the descriptor: whatever else is open, a worker talks through its
    // standard input.
    for &call in TALKING {
        rules.insert(
            call,
            vec![rule(0, Dword, SeccompCmpOp::Eq, u64::try_from(libc::STDIN_FILENO)?)?],
        );
    }
    // The third argument of both is the protection. The engine has no JIT, so nothing is ever made
    // executable.
    let never_executable = SeccompCondition::new(
        2,
        Dword,
        SeccompCmpOp::MaskedEq(u64::try_from(libc::PROT_EXEC)?),
        0,
    )?;
    rules.insert(libc::SYS_mprotect, vec![SeccompRule::new(vec![never_executable.clone()])?]);
    let anonymous = u64::try_from(libc::MAP_ANONYMOUS)?;
    let never_of_a_file =
        SeccompCondition::new(3, Dword, SeccompCmpOp::MaskedEq(anonymous), anonymous)?;
    rules.insert(libc::SYS_mmap, vec![SeccompRule::new(vec![never_executable, never_of_a_file])?]);
    Ok(rules)
}

/// Lets a call pass when one of its arguments compares like this.
fn rule(
    argument: u8,
    length: SeccompCmpArgLen,
    compare: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, Box<dyn Error>> {
    Ok(SeccompRule::new(vec![SeccompCondition::new(argument, length, compare, value)?])?)
}

fn compile(rules: Rules) -> Result<BpfProgram, Box<dyn Error>> {
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?;
    Ok(filter.try_into()?)
}
