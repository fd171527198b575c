//! Bytes in, bytes out: what each command answers, and what the protocol does to commands.
//!
//! Each claim is made of our server and of Redis alike, so that an expectation is never
//! just what we happen to do. Where we mean to differ, the test says so and why.

mod authentication;
mod bits;
mod bounds;
mod changes;
mod clients;
mod errors;
mod expiry;
mod framing;
mod half_close;
mod inline;
mod keys;
mod large;
mod memory;
mod moves;
mod parts;
mod pause;
mod pubsub;
mod resp3;
mod strings;
mod table;
mod transactions;
mod watching;
