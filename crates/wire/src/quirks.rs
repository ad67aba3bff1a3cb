//! Shapes that only some SDK versions send or expect, one module each. Nothing outside this folder
//! depends on a version's habits.

pub mod quoted;
pub mod typed_array;
