//! What crosses crates: the real binary over real sockets.
