//! What native code could do that has taken a worker over: each attempt is made in a process that
//! has shut itself in as a worker does, and, to show that it is one, in a process that has not.
//!
//! Without the usual harness: only a process of one thread can be forked.
#![allow(unsafe_code)]

mod attempts;
mod scene;

use std::process::ExitCode;

use attempts::{ATTEMPTS, Attempt};
use conclave_actions::Layer;
use conclave_actions::sandbox;
use rustix::process::getpid;
use scene::Scene;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

/// How an attempt went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Succeeded,
    /// With this error number.
    Refused(i32),
    /// By the filter.
    Killed,
    Other(i32),
}

fn main() -> ExitCode {
    let scene = Scene::set();
    let Some(missing) = missing_layers() else {
        eprintln!("the sandbox cannot be entered");
        return ExitCode::FAILURE;
    };
    println!("\nrunning {} attempts; this kernel lacks {missing:?}", ATTEMPTS.len());
    let mut wrong = 0;
    for attempt in ATTEMPTS {
        // First inside: an attempt that succeeds may leave something behind.
        let inside = shut_in(attempt, &scene, true);
        let without_filter = attempt.is_held_twice.then(|| shut_in(attempt, &scene, false));
        let outside = end_of(|| {
            rustix::stdio::dup2_stdin(scene.socket()).unwrap();
            made(attempt, &scene)
        });
        let is_attempt = match (outside, attempt.needs) {
            (End::Succeeded, _) => true,
            (End::Refused(error), Some(_)) => {
                [libc::EPERM, libc::EACCES, libc::ENOSYS].contains(&error)
            }
            // What the processor does to a program whose way of calling the kernel does not offer.
            (End::Other(signal), Some(_)) => signal == -libc::SIGSEGV,
            _ => false,
        };
        let is_held = inside == End::Killed || missing.contains(&Layer::Seccomp);
        let is_refused = |end: End| {
            matches!(end, End::Refused(_)) || missing.iter().any(|layer| *layer != Layer::Seccomp)
        };
        let is_held_twice = without_filter.is_none_or(is_refused);
        let verdict = if is_attempt && is_held && is_held_twice { "ok" } else { "FAILED" };
        wrong += usize::from(verdict != "ok");
        print!("attempt {} ... {verdict} (inside: {inside:?}", attempt.what);
        if let Some(end) = without_filter {
            print!("; without the filter: {end:?}");
        }
        match (outside, attempt.needs) {
            (End::Refused(_) | End::Other(_), Some(needs)) => {
                println!("; outside: {outside:?}, which needs {needs})")
            }
            _ => println!("; outside: {outside:?})"),
        }
    }
    println!("\nescape result: {} attempts, {wrong} wrong\n", ATTEMPTS.len());
    drop(scene);
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// In a process of its own, since there is no way back.
fn missing_layers() -> Option<Vec<Layer>> {
    let bits = |layers: Vec<Layer>| {
        layers.into_iter().filter_map(|layer| Layer::ALL.iter().position(|other| *other == layer))
    };
    let status = end_of(|| {
        sandbox::limit_resources(256 << 20).unwrap();
        let missing = sandbox::enter_as_zygote().unwrap();
        OTHER + bits(missing).map(|bit| 1 << bit).sum::<i32>()
    });
    let End::Other(status) = status else { return None };
    Some(
        Layer::ALL
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| (status - OTHER) >> bit & 1 == 1)
            .map(|(_, layer)| layer)
            .collect(),
    )
}

/// Runs this in a copy of this process.
fn end_of(run: impl FnOnce() -> i32) -> End {
    // SAFETY: this process has one thread.
    match unsafe { libc::fork() } {
        0 => {
            let status = run();
            // SAFETY: ends the process without running what its original registered for its end.
            unsafe { libc::_exit(status) }
        }
        child => {
            assert!(child > 0, "no process: {}", std::io::Error::last_os_error());
            let mut status = 0;
            // SAFETY: `status` outlives the call.
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            match (libc::WIFSIGNALED(status), libc::WTERMSIG(status), libc::WEXITSTATUS(status)) {
                (true, libc::SIGSYS, _) => End::Killed,
                (true, signal, _) => End::Other(-signal),
                (false, _, SUCCEEDED) => End::Succeeded,
                (false, _, KILLED) => End::Killed,
                (false, _, status @ OTHER..=199) => End::Other(status),
                (false, _, error) => End::Refused(error),
            }
        }
    }
}

const SUCCEEDED: i32 = 0;
/// Not an error number.
const KILLED: i32 = 254;
/// Not an error number either.
const OTHER: i32 = 150;

/// The error number, or 0.
fn made(attempt: &Attempt, scene: &Scene) -> i32 {
    if (attempt.make)(scene) >= 0 {
        return SUCCEEDED;
    }
    match std::io::Error::last_os_error().raw_os_error() {
        Some(error) if error < OTHER => error,
        _ => OTHER,
    }
}

/// As the zygote and its worker do it, one after the other; or as they do it on a kernel without
/// filters.
fn shut_in(attempt: &Attempt, scene: &Scene, with_filter: bool) -> End {
    end_of(|| {
        if !with_filter {
            seccompiler::apply_filter(&no_more_filters()).unwrap();
        }
        sandbox::limit_resources(256 << 20).unwrap();
        sandbox::enter_as_zygote().unwrap();
        let zygote = getpid();
        let end = end_of(|| {
            rustix::stdio::dup2_stdin(scene.socket()).unwrap();
            sandbox::enter_as_worker(zygote).unwrap();
            made(attempt, scene)
        });
        match end {
            End::Succeeded => SUCCEEDED,
            End::Refused(error) => error,
            End::Killed => KILLED,
            End::Other(_) => OTHER,
        }
    })
}

/// Lets everything pass but the installation of another filter.
fn no_more_filters() -> BpfProgram {
    let rules = [(libc::SYS_seccomp, Vec::new())].into();
    let refusal = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into().unwrap();
    SeccompFilter::new(rules, SeccompAction::Allow, refusal, arch).unwrap().try_into().unwrap()
}
