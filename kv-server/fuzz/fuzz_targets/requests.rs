//! Any bytes, in any pieces, to the parser of requests.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| kv_server::fuzz::requests(data));
