//! Actions on real workers: one pool for all tests of this binary.

mod api;
mod end;
mod ethers;
mod fetch;
mod isolation;
mod limits;
mod support;
mod web;
