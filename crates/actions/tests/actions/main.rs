//! Actions on real workers: one pool for all tests of this binary.

mod api;
mod children;
mod clone;
mod crypto;
mod encodings;
mod end;
mod ethers;
mod events;
mod fetch;
mod generation;
mod isolation;
mod jwt;
mod layers;
mod limits;
mod measure;
mod messages;
mod nodes;
mod parameters;
mod processes;
mod support;
mod urls;
mod web;
