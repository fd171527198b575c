//! Versions that the book shows on the way, up to chapter 3.

pub mod ch01;
pub mod ch02;
pub mod ch03;
pub mod picture;
