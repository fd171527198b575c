//! The data: numbered databases of keys, values and deadlines.
//!
//! ```text
//!  Databases ─┬─ 0: Database ─┬─ rows: a hash table; one row = key, value, deadline = 64 bytes
//!             ├─ 1: Database  └─ deadlines: the keys that expire, the earliest first
//!             └─ …
//! ```
//!
//! Pure code: the time comes in as an argument, so that tests turn the clock as they please.
//!
//! - A key whose deadline has passed is never seen: reading or writing it removes it first, and
//!   [`Databases::expire`] removes those that nobody asks for.
//! - A key is in `deadlines` exactly if its row has a deadline, and with that one.
//! - Writing a value takes one probe of the table.

mod database;
mod databases;
mod key;
mod value;

pub use database::{Database, Deadline, Row};
pub use databases::Databases;
pub use key::Key;
pub use value::Value;

/// A point in time: milliseconds since 1970-01-01 UTC.
pub type Millis = i64;
