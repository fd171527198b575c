//! RDB: all keys at one point in time, in Redis's binary form.
//!
//! ```text
//!   "REDIS0010"  aux*  ( select database  ( [deadline] type key value )* )*  eof  checksum
//! ```
//!
//! Every string has its length before it, in one byte, two, five or nine. This server has strings
//! for values and nothing else; a file with other types is refused, by its first such key.

mod read;
mod write;

use crc::{CRC_64_REDIS, Crc, Digest, Table};

pub(crate) use read::read;
pub(super) use write::{begin, end, row, select};

/// The version that is written: that of Redis 7.0.
const VERSION: u32 = 10;
/// The last version that can be read: that of Redis 7.2.
const LAST_VERSION: u32 = 11;

const AUX: u8 = 0xfa;
const RESIZE: u8 = 0xfb;
const DEADLINE_MILLIS: u8 = 0xfc;
const DEADLINE_SECONDS: u8 = 0xfd;
const SELECT: u8 = 0xfe;
const EOF: u8 = 0xff;
const STRING: u8 = 0;

static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_REDIS);

/// The sum over all bytes of a file, its end mark included.
#[derive(Clone)]
pub(crate) struct Checksum(Digest<'static, u64, Table<16>>);

impl Checksum {
    pub(crate) fn new() -> Checksum {
        Checksum(CRC.digest())
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> u64 {
        self.0.finalize()
    }
}

impl std::fmt::Debug for Checksum {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Checksum({:016x})", self.0.clone().finalize())
    }
}

#[cfg(test)]
mod tests;
