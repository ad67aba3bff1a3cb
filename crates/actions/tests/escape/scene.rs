//! What there is to reach: a file with a secret, servers, another process, and descriptors that
//! were left open.

use std::ffi::CString;
use std::fs::{self, File};
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};

pub struct Scene {
    folder: PathBuf,
    /// A file of the node's.
    pub keystore: CString,
    pub tcp: TcpListener,
    pub udp: UdpSocket,
    _unix: [UnixListener; 2],
    pub unix_path: Vec<u8>,
    pub abstract_name: Vec<u8>,
    /// The process to attack.
    pub node: libc::pid_t,
    /// In its memory, and in that of every copy of this process.
    pub secret: Box<[u8; 16]>,
    /// What a worker is not to have, and to be held from if it does.
    pub open_keystore: i32,
    pub open_folder: i32,
    pub open_log: i32,
    /// One for each attempt: what becomes of it, its copies see.
    pub open_tcp: [i32; 3],
    pub open_udp: i32,
    pub open_unix: [i32; 2],
    pub open_namespace: i32,
    socket: (UnixStream, UnixStream),
}

impl Scene {
    pub fn set() -> Self {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("e{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let keystore = folder.join("keystore");
        fs::write(&keystore, "secret").unwrap();
        // Paths of unix sockets are short.
        let unix_path =
            std::env::temp_dir().join(format!("conclave-escape-{}", std::process::id()));
        let name = format!("conclave-escape-{}", std::process::id());
        let listener = UnixListener::bind(&unix_path).unwrap();
        let abstract_listener =
            UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        let keystore = CString::new(keystore.into_os_string().into_encoded_bytes()).unwrap();
        let file = |path: &Path| File::open(path).unwrap().into_raw_fd();
        let socket = |family, kind| {
            // SAFETY: no memory is involved.
            let socket = unsafe { libc::socket(family, kind, 0) };
            assert!(socket >= 0);
            socket
        };
        Self {
            open_keystore: file(&folder.join("keystore")),
            open_folder: file(&folder),
            open_log: File::create(folder.join("log")).unwrap().into_raw_fd(),
            open_tcp: [(); 3].map(|()| socket(libc::AF_INET, libc::SOCK_STREAM)),
            open_udp: socket(libc::AF_INET, libc::SOCK_DGRAM),
            open_unix: [(); 2].map(|()| socket(libc::AF_UNIX, libc::SOCK_STREAM)),
            open_namespace: file(Path::new("/proc/self/ns/uts")),
            folder,
            keystore,
            tcp: TcpListener::bind("127.0.0.1:0").unwrap(),
            udp: UdpSocket::bind("127.0.0.1:0").unwrap(),
            _unix: [listener, abstract_listener],
            unix_path: unix_path.into_os_string().into_encoded_bytes(),
            abstract_name: [&[0], name.as_bytes()].concat(),
            node: victim(),
            secret: Box::new(*b"a share of a key"),
            socket: UnixStream::pair().unwrap(),
        }
    }

    /// The one that a worker talks through.
    pub fn socket(&self) -> BorrowedFd<'_> {
        self.socket.0.as_fd()
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> CString {
        CString::new(self.folder.join(name).into_os_string().into_encoded_bytes()).unwrap()
    }

    pub fn tcp_port(&self) -> u16 {
        self.tcp.local_addr().unwrap().port()
    }

    pub fn udp_port(&self) -> u16 {
        self.udp.local_addr().unwrap().port()
    }

    pub fn listening(&self) -> i32 {
        self.tcp.as_raw_fd()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // SAFETY: a process that this one started and did not wait for.
        unsafe { libc::kill(self.node, libc::SIGKILL) };
        fs::remove_dir_all(&self.folder).unwrap();
        fs::remove_file(Path::new(std::str::from_utf8(&self.unix_path).unwrap())).unwrap();
    }
}

/// A process that waits to be attacked, and lets itself be, whatever this machine's policy for that
/// is.
fn victim() -> libc::pid_t {
    // SAFETY: this process has one thread.
    match unsafe { libc::fork() } {
        0 => {
            // SAFETY: no memory is involved. It ends with the process that started it.
            unsafe {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                libc::prctl(libc::PR_SET_PTRACER, libc::PR_SET_PTRACER_ANY);
                loop {
                    libc::pause();
                }
            }
        }
        child => child,
    }
}
