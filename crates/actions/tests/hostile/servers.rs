//! One web server that actions may reach, and one that they may not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Counts whoever connects.
pub struct Sink {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Sink {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let seen = connections.clone();
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                seen.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, connections }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Answers what the path says: `/bytes/N`, `/redirect/STATUS`, `/echo/TEXT`, `/json`, `/endless` or
/// `/never`.
pub struct Server {
    port: u16,
    elsewhere: Arc<Mutex<String>>,
}

impl Server {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let elsewhere = Arc::new(Mutex::new(String::new()));
        let to = elsewhere.clone();
        // Not among the node's tasks: a server is elsewhere.
        let listener = listener.into_std().unwrap();
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((connection, _)) = listener.accept().await {
                    let to = to.lock().unwrap().clone();
                    tokio::spawn(answer(connection, to));
                }
            });
        });
        Self { port, elsewhere }
    }

    pub fn redirect_to(&self, url: String) {
        *self.elsewhere.lock().unwrap() = url;
    }

    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.host())
    }
}

/// What bodies are made of: this process is also the one whose memory is watched.
static CHUNK: [u8; 65536] = [b'x'; 65536];

/// The client may be gone at any time.
async fn answer(mut connection: TcpStream, elsewhere: String) {
    let mut request = vec![0; 65536];
    let length = connection.read(&mut request).await.unwrap_or(0);
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let path: Vec<_> =
        request.split(' ').nth(1).unwrap_or_default().split(['/', '?']).skip(1).collect();
    let _ = match path[..] {
        ["bytes", count, ..] => {
            let mut left: usize = count.parse().unwrap_or(0);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {left}\r\nconnection: close\r\n\r\n");
            let mut written = connection.write_all(head.as_bytes()).await;
            while left > 0 && written.is_ok() {
                let chunk = left.min(CHUNK.len());
                written = connection.write_all(&CHUNK[..chunk]).await;
                left -= chunk;
                tokio::task::yield_now().await;
            }
            written
        }
        ["redirect", status] => {
            let head =
                format!("HTTP/1.1 {status} Moved\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            connection.write_all(head.as_bytes()).await
        }
        ["echo", text] => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}", text.len());
            connection.write_all(head.as_bytes()).await
        }
        ["json"] => {
            connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\nconnection: close\r\n\r\n{\"then\":[{}]}").await
        }
        ["endless"] => {
            let mut written = connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while written.is_ok() {
                written = connection.write_all(&CHUNK).await;
            }
            written
        }
        _ => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(())
        }
    };
}
