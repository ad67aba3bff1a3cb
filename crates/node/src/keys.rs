//! This node's shares: on disk, on their way to the chain, and settled by its word.

mod keybook;
mod registration;
mod settling;
mod workshop;

pub use keybook::KeyBook;
pub use registration::Registrar;
pub use settling::{SettleError, settle};
pub use workshop::NodeWorkshop;
