//! Versions that the book shows on the way: naive, intermediate, or simply not the one that stayed.
//!
//! Each is compiled and tested, and where there is a version that stayed, one contract test runs over
//! them all.

pub mod timers;

/// The real `timers.rs` is compiled here as well, and finds its neighbours under the same names.
use reactor::slab;

#[cfg(test)]
mod sys {
    pub(crate) mod clock {
        pub(crate) fn now() -> std::time::Instant {
            reactor::time::now()
        }
    }
}
