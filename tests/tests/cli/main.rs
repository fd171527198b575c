//! `kv-cli`, the program: against our server, against Redis, against none, and beside redis-cli.

mod lines;
mod listen;
mod once;
mod pipe;
mod prompt;
mod support;
