//! How the processes of the runner shut themselves in, after they have loaded and before they have
//! seen any script.
//!
//! The zygote gives up everything but its control socket, memory and forking; a worker gives up
//! forking too. What the kernel does not offer is reported and otherwise passed over: whether to
//! run actions without it is the node's decision.

mod filter;
mod layer;

use std::error::Error;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetError,
    RulesetStatus, Scope,
};
use rustix::process::{
    Resource, Rlimit, Signal, getppid, getrlimit, set_parent_process_death_signal, setrlimit,
};
use rustix::thread::{
    CapabilitySet, CapabilitySets, UnshareFlags, set_capabilities, set_no_new_privs,
};

pub(crate) use layer::names;
pub use layer::{Layer, UnknownLayer};
pub use rustix::process::Pid;

/// Address space beyond the heap of the script: the program, its libraries and stack, the engine's
/// and our own buffers.
const ADDRESS_SPACE_BESIDE_HEAP: u64 = 192 << 20;

/// Descriptors of the zygote. It has six; but the kernel holds all descriptors that its user's
/// processes are sending each other at one moment against this limit too, those of other nodes on
/// the machine included.
const ZYGOTE_FILES: u64 = 1024;

/// Has the kernel kill the zygote with its node, and deny it and all workers more memory, files and
/// core dumps.
pub fn limit_resources(memory_bytes_max: u64) -> Result<(), Box<dyn Error>> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let address_space = memory_bytes_max.saturating_add(ADDRESS_SPACE_BESIDE_HEAP);
    for (resource, most) in [
        (Resource::As, address_space),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
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

/// Gives up everything but the open sockets and forking. Returns the layers that the kernel does
/// not offer, or not fully.
pub fn enter_as_zygote() -> Result<Vec<Layer>, Box<dyn Error>> {
    let mut missing = Vec::new();
    if leave_namespaces().is_err() {
        missing.push(Layer::Namespaces);
    }
    // Those over the new namespaces as well as those that root came with.
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    // A change of credentials may have cleared it.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if set_no_new_privs(true).is_err() {
        missing.push(Layer::NoNewPrivs);
    }
    match restrict_files_and_network() {
        Ok(RulesetStatus::FullyEnforced) => {}
        Ok(RulesetStatus::PartiallyEnforced) => missing.push(Layer::LandlockV6),
        Ok(RulesetStatus::NotEnforced) | Err(_) => {
            missing.extend([Layer::Landlock, Layer::LandlockV6])
        }
    }
    // Only now: what loading the program needed is open.
    lower(Resource::Nofile, ZYGOTE_FILES)?;
    if seccompiler::apply_filter(&filter::of_zygote()?).is_err() {
        missing.push(Layer::Seccomp);
    }
    Ok(missing)
}

/// Gives up forking, and whatever the zygote could do besides. `zygote` is the process with which
/// this one ends. Returns whether the kernel took the filter.
pub fn enter_as_worker(zygote: Pid) -> Result<bool, Box<dyn Error>> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // It may have died before that.
    if getppid() != Some(zygote) {
        return Err("the zygote has ended".into());
    }
    lower(Resource::Nproc, 0)?;
    // One, since `poll` counts its list against this limit too.
    lower(Resource::Nofile, 1)?;
    Ok(seccompiler::apply_filter(&filter::of_worker()?).is_ok())
}

/// No network interface, and no queue, segment or name that other processes have.
fn leave_namespaces() -> rustix::io::Result<()> {
    let flags =
        UnshareFlags::NEWUSER | UnshareFlags::NEWNET | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    // Deprecated for what it does to descriptors that threads share: this flag is not among these.
    #[expect(deprecated)]
    rustix::thread::unshare(flags)
}

/// No file, no TCP, no abstract socket and no signal to another process. Every kernel with Landlock
/// guards files.
fn restrict_files_and_network() -> Result<RulesetStatus, RulesetError> {
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V5))?
        .handle_access(AccessNet::from_all(ABI::V5))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .restrict_self()?;
    Ok(status.ruleset)
}
