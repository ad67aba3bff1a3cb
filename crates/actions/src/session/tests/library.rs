//! The node of these tests.

use std::collections::BTreeMap;
use std::sync::Mutex as Blocking;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::{FutureExt, ready};

use crate::host::{Answer, Host, HostError};
use crate::protocol::{ChainQuery, SignRequest, Turn};

/// It has some actions, and remembers for which it signed.
#[derive(Default)]
pub(super) struct Library {
    actions: BTreeMap<String, String>,
    signed: Blocking<Vec<String>>,
    /// How long its answers of chains are.
    answer_bytes: usize,
    /// The questions to chains that it was asked.
    pub(super) asked: AtomicUsize,
}

impl Library {
    /// With these CIDs and codes.
    pub(super) fn of(actions: &[(&str, &str)]) -> Self {
        Self {
            actions: actions.iter().map(|&(cid, code)| (cid.to_owned(), code.to_owned())).collect(),
            ..Self::default()
        }
    }

    /// With answers of chains of this length.
    pub(super) fn answering(answer_bytes: usize) -> Self {
        Self { answer_bytes, ..Self::default() }
    }

    /// The CIDs for which it signed, whether it put the signatures together or not.
    pub(super) fn signed(self) -> Vec<String> {
        self.signed.into_inner().unwrap()
    }
}

pub(super) fn refusal() -> HostError {
    HostError { code: "NodeNoSuchAction".into(), message: "no such action".into(), retryable: true }
}

fn nothing<'a, T: Default + Send + 'a>() -> Answer<'a, T> {
    ready(Ok(T::default())).boxed()
}

impl Host for Library {
    fn sign<'a>(&'a self, cid: &'a str, _: SignRequest) -> Answer<'a, ()> {
        self.signed.lock().unwrap().push(cid.to_owned());
        nothing()
    }

    fn sign_and_combine<'a>(&'a self, cid: &'a str, _: SignRequest) -> Answer<'a, String> {
        self.signed.lock().unwrap().push(cid.to_owned());
        nothing()
    }

    fn code<'a>(&'a self, cid: &'a str) -> Answer<'a, String> {
        ready(self.actions.get(cid).cloned().ok_or_else(refusal)).boxed()
    }

    fn ask_chain(&self, _: ChainQuery) -> Answer<'_, String> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        ready(Ok("x".repeat(self.answer_bytes))).boxed()
    }

    fn collect<'a>(&'a self, _: &'a str, _: String, _: String) -> Answer<'a, Vec<String>> {
        nothing()
    }

    fn take_turn<'a>(&'a self, _: &'a str, _: String, _: bool) -> Answer<'a, Turn> {
        ready(Ok(Turn::Mine)).boxed()
    }

    fn end_turn<'a>(&'a self, _: &'a str, _: String, _: String) -> Answer<'a, ()> {
        nothing()
    }
}
