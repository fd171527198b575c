//! Any bytes, from several clients in turn, to the commands.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| kv_server::fuzz::commands(data));
