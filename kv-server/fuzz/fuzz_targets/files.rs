//! Any bytes, in any pieces, in a file that an earlier run has left: a log, a snapshot, a manifest.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| kv_server::fuzz::files(data));
