//! Chapter 1: one workload, three ways, and a fourth that only looks like the third.
//!
//! ```text
//!   sequential       one question after the other
//!   threads          a thread for each question
//!   tasks            a task for each question, all on one thread
//!   blocking_tasks   tasks that keep the thread while they wait: wrong
//! ```
//! `contract` says what each of them has to do; `timeline` draws a run of the second and of the third.

pub mod answer;
pub mod blocking_tasks;
pub mod contract;
pub mod race;
pub mod sequential;
pub mod tasks;
pub mod threads;
pub mod timeline;
