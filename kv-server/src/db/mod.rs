//! The data: numbered databases of keys, values and deadlines.
//!
//! ```text
//!  Databases ─┬─ 0: Database ─┬─ index: from a key's hash to its row's place
//!             ├─ 1: Database  ├─ rows: an array; one row = key, value, deadline, last use: 80 bytes
//!             └─ …            └─ deadlines: the keys that expire, the earliest first
//! ```
//!
//! Pure code: the time comes in as an argument, so that tests turn the clock as they please.
//!
//! - A key whose deadline has passed is never seen: reading or writing it removes it first, and
//!   [`Databases::expire`] removes those that nobody asks for.
//! - A key is in `deadlines` exactly if its row has a deadline, and with that one.
//! - Writing a value takes one probe of the table.
//! - A use of a row is noted in it, for [`Databases::evict`]; a look at it is not.

mod access;
mod database;
mod databases;
mod evict;
mod key;
mod row;
mod snapshot;
mod value;

pub use access::Aging;
pub use database::Database;
pub use databases::Databases;
pub use evict::Policy;
pub use key::Key;
pub use row::{Deadline, Form, Row};
pub use snapshot::{Slice, Told};
pub use value::Value;

/// A point in time: milliseconds since 1970-01-01 UTC.
pub type Millis = i64;
