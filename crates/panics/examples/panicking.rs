//! Panics in the way that its argument names, ignores it, and says that it survived.

use std::thread;

use conclave_panics::{Panicked, contain, end_the_process};

#[tokio::main]
async fn main() {
    end_the_process();
    let secret = std::env::args().nth(2).unwrap_or_default();
    match std::env::args().nth(1).as_deref() {
        Some("thread") => drop(thread::spawn(|| panic!("a literal")).join()),
        Some("task") => drop(tokio::spawn(async { panic!("a literal") }).await),
        Some("blocking") => drop(tokio::task::spawn_blocking(|| panic!("a literal")).await),
        Some("formatted") => drop(thread::spawn(move || panic!("it was {secret}")).join()),
        Some("contained") => assert_eq!(contain(|| panic!("a literal")), Err::<(), _>(Panicked)),
        Some("after-contained") => {
            let _ = contain(|| panic!("a literal"));
            drop(thread::spawn(|| panic!("another literal")).join());
        }
        _ => panic!("no such way"),
    }
    println!("survived");
}
