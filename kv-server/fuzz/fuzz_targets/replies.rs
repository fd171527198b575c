//! Any bytes, in any pieces, to the client's parser of replies.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| kv_server::fuzz::replies(data));
