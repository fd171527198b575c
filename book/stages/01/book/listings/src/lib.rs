//! Versions that the book shows on the way, up to chapter 1.

pub mod ch01;
