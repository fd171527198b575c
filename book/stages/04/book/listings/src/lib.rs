//! Versions that the book shows on the way, up to chapter 4.

pub mod ch01;
pub mod ch02;
pub mod ch03;
pub mod ch04;
pub mod picture;
