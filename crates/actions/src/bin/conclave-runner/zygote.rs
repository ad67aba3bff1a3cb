//! The process that loads once and forks a worker for every socket that the node hands it. It never
//! reads from one of these sockets, so no script ever reaches it.

use std::error::Error;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use conclave_actions::packet;
use conclave_actions::protocol::{FromRunner, FromZygote, ToRunner, ToZygote};
use conclave_actions::sandbox::{self, Layer};
use rustix::process::{Pid, PidfdFlags, WaitOptions, getpid, pidfd_open, wait, waitpid};

use crate::engine::Engine;
use crate::link::Link;

/// Loads, shuts itself in and forks workers until the node closes its end of the control socket.
pub(crate) fn serve(memory_bytes_max: u64) -> Result<(), Box<dyn Error>> {
    close_what_was_inherited()?;
    let control = take_standard_input()?;
    let nursery = Nursery::furnish(memory_bytes_max).inspect_err(|error| {
        // Who does not hear it will see that this process has ended.
        let _ = packet::send(&control, &FromZygote::Failed(error.to_string()), None);
    })?;
    loop {
        let (message, socket) = match packet::receive(&control) {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        // Whose end was not announced, too.
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        match (message, socket) {
            (ToZygote::Reap, _) => {}
            (ToZygote::Fork, None) => return Err("no socket came along".into()),
            (ToZygote::Fork, Some(socket)) => match fork() {
                Ok(None) => {
                    drop(control);
                    rustix::stdio::dup2_stdin(&socket)?;
                    drop(socket);
                    nursery.work();
                }
                Ok(Some(worker)) => answer(&control, worker)?,
                Err(error) => packet::send(&control, &FromZygote::Failed(error.to_string()), None)?,
            },
        }
    }
}

/// The node hands the control socket over as standard input; workers are not to have it there.
fn take_standard_input() -> io::Result<OwnedFd> {
    let control = io::stdin().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(io::stdout())?;
    Ok(control)
}

/// This process has not reaped the worker yet, so the number is still that worker's.
fn answer(control: &OwnedFd, worker: Pid) -> io::Result<()> {
    match pidfd_open(worker, PidfdFlags::empty()) {
        Ok(descriptor) => packet::send(control, &FromZygote::Forked, Some(descriptor.as_fd()))
            .or_else(|error| packet::send(control, &FromZygote::Failed(error.to_string()), None)),
        Err(error) => packet::send(control, &FromZygote::Failed(error.to_string()), None),
    }
}

/// Everything that a worker begins with.
struct Nursery {
    engine: &'static Engine,
    link: Link,
    pid: Pid,
    missing_layers: Vec<Layer>,
}

impl Nursery {
    fn furnish(memory_bytes_max: u64) -> Result<Self, Box<dyn Error>> {
        sandbox::limit_resources(memory_bytes_max)?;
        let link = Link::default();
        // As long as the process: unwinding the engine would only free memory that the kernel takes
        // back faster.
        let engine = Box::leak(Box::new(Engine::load(link.clone())?));
        let missing_layers = sandbox::enter_as_zygote()?;
        let nursery = Nursery { engine, link, pid: getpid(), missing_layers };
        // What is computed once is computed here, and what the sandbox would kill a script for, it
        // kills these for.
        nursery.engine.rehearse()?;
        nursery.rehearse()?;
        Ok(nursery)
    }

    /// Uses the engine once in a process that is shut in like a worker.
    fn rehearse(&self) -> Result<(), Box<dyn Error>> {
        let Some(worker) = fork()? else {
            let rehearsed = sandbox::enter_as_worker(self.pid).and_then(|_| self.engine.rehearse());
            std::process::exit(rehearsed.is_err().into());
        };
        let ended = waitpid(Some(worker), WaitOptions::empty())?;
        match ended.and_then(|(_, status)| status.exit_status()) {
            Some(0) => Ok(()),
            _ => Err("the engine does not run in its sandbox".into()),
        }
    }

    /// What a worker does with the socket that is its standard input: it shuts itself in, says that
    /// it is ready, takes one action, runs it until nothing is left to do, and says how it ended.
    fn work(&self) -> ! {
        let Ok(is_filtered) = sandbox::enter_as_worker(self.pid) else { std::process::exit(1) };
        if self.engine.warm_up().is_err() {
            std::process::exit(1);
        }
        let mut missing_layers = self.missing_layers.clone();
        if !is_filtered && !missing_layers.contains(&Layer::Seccomp) {
            missing_layers.push(Layer::Seccomp);
        }
        self.link.send(&FromRunner::Ready { missing_layers });
        // The node begins with the action.
        let ToRunner::Start(start) = self.link.receive() else { std::process::exit(1) };
        self.link.send(&FromRunner::Done(self.engine.run(start)));
        std::process::exit(0)
    }
}

/// Closes everything but the standard descriptors. The node may have been opening something in
/// another thread while it started this process: that is none of its business, and would take the
/// place of descriptors that it needs.
#[allow(unsafe_code)]
fn close_what_was_inherited() -> io::Result<()> {
    const FIRST: libc::c_uint = 3;
    // SAFETY: called before anything in this process has opened a descriptor, so that nothing owns
    // one of these.
    match unsafe { libc::syscall(libc::SYS_close_range, FIRST, libc::c_uint::MAX, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Makes a copy of this process. `None` in the copy.
#[allow(unsafe_code)]
fn fork() -> io::Result<Option<Pid>> {
    // SAFETY: this process has one thread, so that no lock is copied while another thread holds it,
    // and nothing that another thread had half done.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(Pid::from_raw(pid)),
    }
}
