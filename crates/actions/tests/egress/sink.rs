//! A server that counts who connects to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server on this machine, and how many connections it saw.
pub struct Sink {
    pub port: u16,
    connections: Arc<AtomicUsize>,
}

impl Sink {
    pub async fn open(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(vec![listener], answer)
    }

    /// On every address of this machine, of both families where it has both.
    pub async fn everywhere(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let other = TcpListener::bind(("::1", port)).await;
        Self::on([Ok(listener), other].into_iter().flatten().collect(), answer)
    }

    fn on(
        listeners: Vec<TcpListener>,
        answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let port = listeners[0].local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let answer = Arc::new(answer);
        for listener in listeners {
            let (seen, answer) = (connections.clone(), answer.clone());
            tokio::spawn(async move {
                while let Ok((mut connection, _)) = listener.accept().await {
                    seen.fetch_add(1, Ordering::SeqCst);
                    let answer = answer.clone();
                    tokio::spawn(async move {
                        let mut request = vec![0; 65536];
                        let length = connection.read(&mut request).await.unwrap_or(0);
                        let _ = connection
                            .write_all(&answer(&String::from_utf8_lossy(&request[..length])))
                            .await;
                    });
                }
            });
        }
        Self { port, connections }
    }

    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn seen(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

pub fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

pub fn redirect(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Moved\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").into_bytes()
}
