//! The program from outside: exit codes, what stands on which stream, and what it refuses before it
//! talks to anybody.

mod help;
mod keys;
mod node;
mod places;
mod support;
mod usage;
