//! Actions on real workers: one pool for all tests of this binary.

mod api;
mod children;
mod end;
mod ethers;
mod fetch;
mod hostile;
mod isolation;
mod layers;
mod limits;
mod measure;
mod processes;
mod support;
mod web;
