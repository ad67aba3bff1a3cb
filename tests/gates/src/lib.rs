//! What the gates read: the files of the repository, its documents and its dependencies.

pub mod dependencies;
pub mod document;
pub mod quantity;
pub mod snapshot;
pub mod source;
pub mod tree;
