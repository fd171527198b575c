//! Programs and libraries that were written for Redis, against our server.
//!
//! Raw bytes show that we answer as we think Redis does; these show that those who rely on
//! it agree, with all that they ask unasked: `COMMAND DOCS`, `CONFIG GET save`, `HELLO 3`,
//! `CLIENT SETINFO`.

mod library;
mod programs;
mod strangers;
