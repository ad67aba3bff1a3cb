//! Who may sign.
