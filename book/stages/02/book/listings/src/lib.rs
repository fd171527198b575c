//! Versions that the book shows on the way, up to chapter 2.

pub mod ch01;
pub mod ch02;
