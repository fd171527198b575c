//! Chapter 6: a future as a state machine, by hand and by the compiler.
//!
//! ```text
//!   v1_forgetful   a poll that begins anew each time: letters are lost
//!   by_hand        the states written down
//!   by_async       what one writes instead; the compiler makes the states
//! ```
//! All three ask a [`Mailbox`] for a name, and then for a city. Their contract is at the end.

pub mod ask;
pub mod by_async;
pub mod by_hand;
mod mailbox;
pub mod stepping;
pub mod v1_forgetful;

pub use mailbox::{Mailbox, Next};

#[cfg(test)]
mod tests;
