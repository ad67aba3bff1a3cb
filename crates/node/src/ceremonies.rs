//! Threads for the work of ceremonies: the members decide, and compute nothing heavy themselves.

mod jobs;

pub use jobs::{Jobs, Returned};
