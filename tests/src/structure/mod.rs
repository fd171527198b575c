//! The workspace's own sources, read as the compiler reads them.
//!
//! ```text
//!   source    which files there are, and which module each of them is
//!      ▲
//!   tokens    where a sequence of tokens stands (`unsafe`, `Instant::now`), comments apart
//!   imports   who imports whom: each `use crate::…`, each `crate::…` within an expression
//!   size      how long files and functions are
//!      ▲
//!   layers    upward imports and circles, against a table of the modules' order
//! ```
//!
//! A rule that only people check is broken by the second month. What is checked here is what
//! DESIGN.md promises its reader: imports run one way, one door to the kernel, `unsafe` in
//! one crate, files and functions that fit a head. Each check is itself tested on small
//! sources that break the rule: a check that finds nothing has to be able to find something.

pub mod imports;
pub mod layers;
pub mod size;
pub mod source;
pub mod tokens;
