//! The attempts, as raw system calls: a worker that was taken over asks no library.

use std::ffi::{CStr, CString};
use std::ptr::{null, null_mut};

use libc::{c_long, syscall};

use crate::scene::Scene;

/// One thing to try.
pub struct Attempt {
    pub what: &'static str,
    /// What it takes outside of the sandbox, when not everybody can do it.
    pub needs: Option<&'static str>,
    /// Whether something holds it from it also where there is no filter.
    pub is_held_twice: bool,
    /// Negative when it fails, with the error in `errno`.
    pub make: fn(&Scene) -> c_long,
}

const fn anybody(what: &'static str, make: fn(&Scene) -> c_long) -> Attempt {
    Attempt { what, needs: None, is_held_twice: false, make }
}

/// The same of what the other layers forbid as well.
const fn twice(attempt: Attempt) -> Attempt {
    Attempt { is_held_twice: true, ..attempt }
}

const fn needing(needs: &'static str, what: &'static str, make: fn(&Scene) -> c_long) -> Attempt {
    Attempt { what, needs: Some(needs), is_held_twice: false, make }
}

const PAGE: usize = 4096;
const HERE: i32 = libc::AT_FDCWD;
const RIGHT: &str = "a capability";
const OFTEN_OFF: &str = "a kernel that offers it to everybody";

/// A system call, with the types that its arguments have in C.
macro_rules! call {
    ($name:ident $(, $argument:expr)*) => {
        // SAFETY: every pointer that an attempt passes is to something that outlives the call, or
        // null, or meant to be wrong; the process ends after it.
        unsafe { syscall(libc::$name $(, $argument)*) }
    };
}

/// In the place of its own socket, so that the number of descriptors is no hindrance.
fn open(path: &CStr, flags: i32) -> c_long {
    call!(SYS_close, 0);
    call!(SYS_openat, HERE, path.as_ptr(), flags, 0o600)
}

fn inet(port: u16) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as u16,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes([127, 0, 0, 1]) },
        sin_zero: [0; 8],
    }
}

fn connect_unix(socket: i32, name: &[u8]) -> c_long {
    let mut path = [0; 108];
    for (to, from) in path.iter_mut().zip(name) {
        *to = *from as libc::c_char;
    }
    let address = libc::sockaddr_un { sun_family: libc::AF_UNIX as u16, sun_path: path };
    call!(SYS_connect, socket, &address, 2 + name.len())
}

fn socket(family: i32, kind: i32) -> c_long {
    call!(SYS_socket, family, kind, 0)
}

fn anonymous(protection: i32) -> c_long {
    call!(SYS_mmap, null::<u8>(), PAGE, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
}

/// A new process ends at once.
fn forked(result: c_long) -> c_long {
    if result == 0 {
        call!(SYS_exit_group, 0);
    }
    result
}

/// Removes what was made, if it was.
fn with_end(made: c_long, end: impl FnOnce(c_long) -> c_long) -> c_long {
    if made >= 0 {
        end(made);
    }
    made
}

pub const ATTEMPTS: &[Attempt] = &[
    // Files
    twice(anybody("open the keystore", |scene| open(&scene.keystore, libc::O_RDONLY))),
    twice(anybody("open the keystore another way", |scene| {
        call!(SYS_close, 0);
        call!(SYS_openat2, HERE, scene.keystore.as_ptr(), [0u64; 3].as_ptr(), size_of::<[u64; 3]>())
    })),
    twice(anybody("open the keystore by a folder left open", |scene| {
        call!(SYS_close, 0);
        call!(SYS_openat, scene.open_folder, c"keystore".as_ptr(), libc::O_RDONLY)
    })),
    anybody("read a keystore left open", |scene| {
        call!(SYS_read, scene.open_keystore, [0u8; 16].as_mut_ptr(), 16)
    }),
    anybody("read a keystore left open at a position", |scene| {
        call!(SYS_pread64, scene.open_keystore, [0u8; 16].as_mut_ptr(), 16, 0)
    }),
    anybody("map a keystore left open", |scene| {
        call!(
            SYS_mmap,
            null::<u8>(),
            PAGE,
            libc::PROT_READ,
            libc::MAP_PRIVATE,
            scene.open_keystore,
            0
        )
    }),
    anybody("write to a log left open", |scene| call!(SYS_write, scene.open_log, b"x".as_ptr(), 1)),
    twice(anybody("open the list of users", |_| open(c"/etc/passwd", libc::O_RDONLY))),
    twice(anybody("open its environment", |_| open(c"/proc/self/environ", libc::O_RDONLY))),
    twice(anybody("open its memory", |_| open(c"/proc/self/mem", libc::O_RDWR))),
    twice(anybody("create a file", |scene| {
        open(&scene.path("new"), libc::O_WRONLY | libc::O_CREAT)
    })),
    twice(anybody("create a file without a name", |_| {
        open(c"/tmp", libc::O_WRONLY | libc::O_TMPFILE)
    })),
    twice(anybody("create a segment of shared memory", |scene| {
        let path = CString::new(format!("/dev/shm/escape-{}", scene.node)).unwrap();
        with_end(open(&path, libc::O_RDWR | libc::O_CREAT), |_| {
            call!(SYS_unlinkat, HERE, path.as_ptr(), 0)
        })
    })),
    anybody("look at a file", |scene| {
        let mut status = [0u64; 32];
        call!(SYS_statx, HERE, scene.keystore.as_ptr(), 0, 0x7ff, status.as_mut_ptr())
    }),
    anybody("ask for access to a file", |scene| {
        call!(SYS_faccessat, HERE, scene.keystore.as_ptr(), libc::R_OK)
    }),
    anybody("read a link", |_| {
        call!(SYS_readlinkat, HERE, c"/proc/self/exe".as_ptr(), [0u8; 64].as_mut_ptr(), 64)
    }),
    anybody("list a folder left open", |scene| {
        call!(SYS_getdents64, scene.open_folder, [0u64; 128].as_mut_ptr(), 1024)
    }),
    anybody("ask where it is", |_| call!(SYS_getcwd, [0u8; 512].as_mut_ptr(), 512)),
    anybody("go elsewhere", |_| call!(SYS_chdir, c"/".as_ptr())),
    twice(anybody("rename the keystore", |scene| {
        call!(SYS_renameat2, HERE, scene.keystore.as_ptr(), HERE, scene.path("renamed").as_ptr(), 0)
            + call!(
                SYS_renameat2,
                HERE,
                scene.path("renamed").as_ptr(),
                HERE,
                scene.keystore.as_ptr(),
                0
            )
    })),
    twice(anybody("link to the keystore", |scene| {
        call!(SYS_linkat, HERE, scene.keystore.as_ptr(), HERE, scene.path("link").as_ptr(), 0)
    })),
    twice(anybody("remove a file", |scene| {
        call!(SYS_unlinkat, HERE, scene.path("link").as_ptr(), 0)
    })),
    twice(anybody("point to the keystore", |scene| {
        call!(SYS_symlinkat, scene.keystore.as_ptr(), HERE, scene.path("symbolic").as_ptr())
    })),
    twice(anybody("cut the keystore off", |scene| call!(SYS_truncate, scene.keystore.as_ptr(), 6))),
    anybody("open the keystore for all", |scene| {
        call!(SYS_fchmodat, HERE, scene.keystore.as_ptr(), 0o644)
    }),
    anybody("give the keystore away", |scene| {
        call!(SYS_fchownat, HERE, scene.keystore.as_ptr(), -1, -1, 0)
    }),
    anybody("date the keystore back", |scene| {
        call!(SYS_utimensat, HERE, scene.keystore.as_ptr(), null::<u8>(), 0)
    }),
    twice(anybody("make a folder", |scene| {
        call!(SYS_mkdirat, HERE, scene.path("folder").as_ptr(), 0o700)
    })),
    twice(anybody("make a pipe with a name", |scene| {
        call!(SYS_mknodat, HERE, scene.path("pipe").as_ptr(), libc::S_IFIFO | 0o600, 0)
    })),
    anybody("send a file on", |scene| {
        call!(SYS_sendfile, scene.open_log, scene.open_keystore, null::<u8>(), 6)
    }),
    anybody("copy a range of a file", |scene| {
        call!(
            SYS_copy_file_range,
            scene.open_keystore,
            null::<u8>(),
            scene.open_log,
            null::<u8>(),
            6,
            0
        )
    }),
    anybody("watch files", |_| call!(SYS_inotify_init1, 0)),
    anybody("lock a file left open", |scene| call!(SYS_flock, scene.open_keystore, libc::LOCK_SH)),
    // Network
    anybody("make a TCP socket", |_| socket(libc::AF_INET, libc::SOCK_STREAM)),
    anybody("make a UDP socket", |_| socket(libc::AF_INET, libc::SOCK_DGRAM)),
    anybody("make a unix socket", |_| socket(libc::AF_UNIX, libc::SOCK_STREAM)),
    anybody("make a netlink socket", |_| socket(libc::AF_NETLINK, libc::SOCK_RAW)),
    twice(needing(RIGHT, "make a raw socket", |_| {
        call!(SYS_socket, libc::AF_INET, libc::SOCK_RAW, libc::IPPROTO_ICMP)
    })),
    anybody("make a pair of sockets", |_| {
        call!(SYS_socketpair, libc::AF_UNIX, libc::SOCK_STREAM, 0, [0i32; 2].as_mut_ptr())
    }),
    twice(anybody("connect to a port of this machine", |scene| {
        call!(
            SYS_connect,
            scene.open_tcp[0],
            &inet(scene.tcp_port()),
            size_of::<libc::sockaddr_in>()
        )
    })),
    anybody("connect to a unix socket", |scene| connect_unix(scene.open_unix[0], &scene.unix_path)),
    twice(anybody("connect to an abstract socket", |scene| {
        connect_unix(scene.open_unix[1], &scene.abstract_name)
    })),
    anybody("send a datagram", |scene| {
        let to = inet(scene.udp_port());
        call!(SYS_sendto, scene.open_udp, b"x".as_ptr(), 1, 0, &to, size_of::<libc::sockaddr_in>())
    }),
    twice(anybody("take a port", |scene| {
        call!(SYS_bind, scene.open_tcp[1], &inet(0), size_of::<libc::sockaddr_in>())
    })),
    anybody("listen", |scene| call!(SYS_listen, scene.open_tcp[2], 1)),
    anybody("close the node's port for all", |scene| {
        call!(SYS_shutdown, scene.listening(), libc::SHUT_RD)
    }),
    anybody("ask a socket who is at its other end", |_| {
        call!(SYS_getsockopt, 0, libc::SOL_SOCKET, libc::SO_TYPE, &mut 0i32, &mut 4u32)
    }),
    // Processes
    anybody("fork", |_| forked(call!(SYS_clone, libc::SIGCHLD, 0, 0, 0, 0))),
    anybody("fork as the zygote does", |_| {
        let flags = libc::SIGCHLD | libc::CLONE_CHILD_CLEARTID | libc::CLONE_CHILD_SETTID;
        forked(call!(SYS_clone, flags, 0, 0, &mut 0i32, 0))
    }),
    needing(OFTEN_OFF, "fork another way", |_| {
        let mut arguments = [0u64; 8];
        arguments[4] = libc::SIGCHLD as u64;
        forked(call!(SYS_clone3, arguments.as_mut_ptr(), size_of_val(&arguments)))
    }),
    #[cfg(target_arch = "x86_64")]
    anybody("fork the old way", |_| forked(call!(SYS_fork))),
    twice(anybody("run a program", |_| {
        let arguments = [c"true".as_ptr(), null()];
        call!(SYS_execve, c"/bin/true".as_ptr(), arguments.as_ptr(), [null::<u8>()].as_ptr())
    })),
    twice(anybody("run a program another way", |_| {
        let arguments = [c"true".as_ptr(), null()];
        call!(
            SYS_execveat,
            HERE,
            c"/bin/true".as_ptr(),
            arguments.as_ptr(),
            [null::<u8>()].as_ptr(),
            0
        )
    })),
    twice(needing("this machine's policy", "trace the node", |scene| {
        call!(SYS_ptrace, libc::PTRACE_SEIZE, scene.node, 0, 0)
    })),
    anybody("have itself traced", |_| call!(SYS_ptrace, libc::PTRACE_TRACEME, 0, 0, 0)),
    twice(needing("this machine's policy", "read the node's memory", |scene| {
        let mut copy = [0u8; 16];
        let to = libc::iovec { iov_base: copy.as_mut_ptr().cast(), iov_len: copy.len() };
        let from =
            libc::iovec { iov_base: scene.secret.as_ptr().cast_mut().cast(), iov_len: copy.len() };
        call!(SYS_process_vm_readv, scene.node, &to, 1usize, &from, 1usize, 0usize)
    })),
    twice(needing("this machine's policy", "write the node's memory", |scene| {
        let from = libc::iovec {
            iov_base: scene.secret.as_ptr().cast_mut().cast(),
            iov_len: scene.secret.len(),
        };
        call!(SYS_process_vm_writev, scene.node, &from, 1usize, &from, 1usize, 0usize)
    })),
    twice(anybody("kill the node", |scene| call!(SYS_kill, scene.node, libc::SIGCONT))),
    twice(anybody("signal a thread of the node", |scene| {
        call!(SYS_tgkill, scene.node, scene.node, libc::SIGCONT)
    })),
    twice(anybody("signal a thread by its number", |scene| {
        call!(SYS_tkill, scene.node, libc::SIGCONT)
    })),
    anybody("signal itself", |_| {
        // SAFETY: asks for numbers.
        let own = unsafe { libc::getpid() };
        call!(SYS_tgkill, own, own, libc::SIGCONT)
    }),
    anybody("hold on to the node", |scene| call!(SYS_pidfd_open, scene.node, 0)),
    anybody("look at its limits", |_| {
        call!(SYS_prlimit64, 0, libc::RLIMIT_NPROC, null::<u8>(), [0u64; 2].as_mut_ptr())
    }),
    anybody("set its limits", |_| {
        call!(SYS_prlimit64, 0, libc::RLIMIT_CORE, [0u64, 0].as_ptr(), null::<u8>())
    }),
    twice(needing(RIGHT, "raise its limits", |_| {
        call!(SYS_prlimit64, 0, libc::RLIMIT_NPROC, [1u64, u64::MAX].as_ptr(), null::<u8>())
    })),
    anybody("wait for processes", |scene| {
        // No child of its own: what is tried is the call.
        let result = call!(SYS_wait4, -1, null::<u8>(), libc::WNOHANG, null::<u8>());
        if result < 0 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ECHILD) {
            scene.node.into()
        } else {
            result
        }
    }),
    anybody("choose its cores", |_| call!(SYS_sched_getaffinity, 0, 128, [0u64; 16].as_mut_ptr())),
    anybody("change its priority", |_| call!(SYS_setpriority, libc::PRIO_PROCESS, 0, 19)),
    // Memory
    anybody("map memory that can be run", |_| anonymous(libc::PROT_READ | libc::PROT_EXEC)),
    anybody("map memory that can be written and run", |_| {
        anonymous(libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC)
    }),
    anybody("make memory runnable", |_| {
        call!(
            SYS_mprotect,
            anonymous(libc::PROT_READ | libc::PROT_WRITE),
            PAGE,
            libc::PROT_READ | libc::PROT_EXEC
        )
    }),
    anybody("make memory runnable another way", |_| {
        call!(
            SYS_pkey_mprotect,
            anonymous(libc::PROT_READ),
            PAGE,
            libc::PROT_READ | libc::PROT_EXEC,
            -1
        )
    }),
    anybody("make a file of memory", |_| call!(SYS_memfd_create, c"x".as_ptr(), 0)),
    anybody("lock memory", |_| call!(SYS_mlock, anonymous(libc::PROT_READ), 0)),
    needing(OFTEN_OFF, "handle its own page faults", |_| call!(SYS_userfaultfd, 1)),
    anybody("make a segment for others", |_| {
        with_end(call!(SYS_shmget, libc::IPC_PRIVATE, PAGE, 0o600), |id| {
            call!(SYS_shmctl, id, libc::IPC_RMID, 0)
        })
    }),
    anybody("make a semaphore for others", |_| {
        with_end(call!(SYS_semget, libc::IPC_PRIVATE, 1, 0o600), |id| {
            call!(SYS_semctl, id, 0, libc::IPC_RMID)
        })
    }),
    anybody("make a queue for others", |_| {
        with_end(call!(SYS_msgget, libc::IPC_PRIVATE, 0o600), |id| {
            call!(SYS_msgctl, id, libc::IPC_RMID, 0)
        })
    }),
    needing(OFTEN_OFF, "make a queue with a name", |_| {
        let queue = call!(
            SYS_mq_open,
            c"escape".as_ptr(),
            libc::O_RDWR | libc::O_CREAT,
            0o600,
            null::<u8>()
        );
        with_end(queue, |_| call!(SYS_mq_unlink, c"escape".as_ptr()))
    }),
    // The system
    twice(needing(RIGHT, "change what is mounted", |_| {
        if call!(SYS_unshare, libc::CLONE_NEWNS) < 0 {
            return -1;
        }
        call!(SYS_mount, null::<u8>(), c"/".as_ptr(), null::<u8>(), libc::MS_PRIVATE, null::<u8>())
    })),
    twice(needing(RIGHT, "change its root", |_| call!(SYS_chroot, c"/".as_ptr()))),
    twice(needing(RIGHT, "enter a namespace left open", |scene| {
        call!(SYS_setns, scene.open_namespace, libc::CLONE_NEWUTS)
    })),
    needing(OFTEN_OFF, "leave a namespace", |_| call!(SYS_unshare, libc::CLONE_FILES)),
    needing(OFTEN_OFF, "make a user namespace", |_| call!(SYS_unshare, libc::CLONE_NEWUSER)),
    twice(needing(RIGHT, "become root", |_| call!(SYS_setuid, 0))),
    needing(RIGHT, "leave its groups", |_| call!(SYS_setgroups, 0, null::<u8>())),
    anybody("give up rights", |_| {
        let header = [0x2008_0522u32, 0];
        call!(SYS_capset, header.as_ptr(), [0u32; 6].as_ptr())
    }),
    needing(OFTEN_OFF, "load addresses where it likes", |_| call!(SYS_personality, 0x0004_0000)),
    anybody("undo that it dies with its parent", |_| {
        call!(SYS_prctl, libc::PR_SET_PDEATHSIG, 0, 0, 0, 0)
    }),
    anybody("be readable for others", |_| call!(SYS_prctl, libc::PR_SET_DUMPABLE, 1, 0, 0, 0)),
    anybody("add a filter", |_| {
        call!(SYS_prctl, libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        let pass = libc::sock_filter { code: 6, jt: 0, jf: 0, k: libc::SECCOMP_RET_ALLOW };
        let program = libc::sock_fprog { len: 1, filter: (&raw const pass).cast_mut() };
        call!(SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &program)
    }),
    needing(OFTEN_OFF, "load a program into the kernel", |_| {
        // A map of an array: type, key, value, entries.
        let map = [2u32, 4, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        call!(SYS_bpf, 0, map.as_ptr(), size_of_val(&map))
    }),
    needing(OFTEN_OFF, "count the machine's events", |_| {
        // The processor's time of this process, as software counts it.
        let mut event = [0u32; 32];
        (event[0], event[1]) = (1, 128);
        call!(SYS_perf_event_open, event.as_ptr(), 0, -1, -1, 0)
    }),
    needing(OFTEN_OFF, "queue calls for the kernel", |_| {
        call!(SYS_io_uring_setup, 1, [0u32; 30].as_mut_ptr())
    }),
    needing(OFTEN_OFF, "keep a key in the kernel", |_| {
        call!(SYS_add_key, c"user".as_ptr(), c"escape".as_ptr(), b"x".as_ptr(), 1, -2)
    }),
    needing(OFTEN_OFF, "find the kernel's keys", |_| call!(SYS_keyctl, 0, -3, 1)),
    twice(needing(RIGHT, "read the kernel's log", |_| {
        call!(SYS_syslog, 3, [0u8; 16].as_mut_ptr(), 16)
    })),
    twice(needing(RIGHT, "rename the machine", |_| {
        if call!(SYS_unshare, libc::CLONE_NEWUTS) < 0 {
            return -1;
        }
        call!(SYS_sethostname, c"x".as_ptr(), 1)
    })),
    #[cfg(target_arch = "x86_64")]
    needing(RIGHT, "reach the machine's ports", |_| call!(SYS_iopl, 3)),
    #[cfg(target_arch = "x86_64")]
    anybody("move its thread's data", |_| call!(SYS_arch_prctl, 0x1003, [0u64; 1].as_mut_ptr())),
    anybody("make a pipe", |_| call!(SYS_pipe2, [0i32; 2].as_mut_ptr(), 0)),
    anybody("copy a descriptor", |scene| call!(SYS_dup, scene.open_keystore)),
    anybody("put a file in its socket's place", |scene| call!(SYS_dup3, scene.open_keystore, 0, 0)),
    anybody("ask about a descriptor", |scene| call!(SYS_fcntl, scene.open_keystore, libc::F_GETFL)),
    anybody("control a device", |scene| call!(SYS_ioctl, scene.open_keystore, libc::FIOCLEX)),
    anybody("be told of signals", |_| call!(SYS_signalfd4, -1, [0u64; 1].as_ptr(), 8, 0)),
    anybody("be told of events", |_| call!(SYS_epoll_create1, 0)),
    anybody("be told of time", |_| call!(SYS_timerfd_create, libc::CLOCK_MONOTONIC, 0)),
    anybody("receive a descriptor through its socket", receive_descriptor),
    #[cfg(target_arch = "x86_64")]
    needing(OFTEN_OFF, "call as another architecture", |_| as_another_architecture()),
];

/// One that comes along with a message. Nothing has come: what is tried is the call.
fn receive_descriptor(scene: &Scene) -> c_long {
    use std::os::fd::AsRawFd;
    let mut message = libc::msghdr {
        msg_name: null_mut(),
        msg_namelen: 0,
        msg_iov: null_mut(),
        msg_iovlen: 0,
        msg_control: null_mut(),
        msg_controllen: 0,
        msg_flags: 0,
    };
    let result = call!(SYS_recvmsg, scene.socket().as_raw_fd(), &mut message, libc::MSG_DONTWAIT);
    let nothing = std::io::Error::last_os_error().raw_os_error() == Some(libc::EAGAIN);
    if result < 0 && nothing { 0 } else { result }
}

/// `getpid`, which is allowed, by the way of 32-bit programs: there its number is another call's.
#[cfg(target_arch = "x86_64")]
fn as_another_architecture() -> c_long {
    let result: i32;
    // SAFETY: the call takes no pointer, and changes nothing but the registers that are named.
    unsafe { std::arch::asm!("int 0x80", inlateout("eax") 20 => result, options(nostack)) };
    if result < 0 {
        // SAFETY: a location of this thread's.
        unsafe { *libc::__errno_location() = -result };
        return -1;
    }
    result.into()
}
