//! Chapter 7: a value that knows its own address, and what becomes of it when it is moved.
//!
//! ```text
//!   v1_address   keeps the address of a part of itself: moved, it reads somebody else's
//!   v2_index     keeps an index instead
//!   v3_boxed     keeps an address, of something that lies elsewhere
//!   v4_pinned    keeps an address, and cannot be moved any more
//! ```
//! `contract` says what each of them has to do, and which does not; `exchange` is one run of it, drawn.
//! `inside` looks where a local variable of an `async fn` lies, and `witness` notices when a future is moved.

pub mod contract;
pub mod exchange;
pub mod fair;
pub mod inside;
pub mod memory;
pub mod refused;
pub mod v1_address;
pub mod v2_index;
pub mod v3_boxed;
pub mod v4_pinned;
pub mod witness;

/// A request of a client, such as `DEL size`, that remembers where its key begins.
pub trait Request: Sized {
    /// One whose key nobody has looked for.
    ///
    /// # Panics
    /// For more than 16 bytes.
    fn new(text: &str) -> Self;

    /// Looks for the key, and remembers where it begins.
    fn find_key(&mut self);

    /// Where its bytes lie.
    fn text(&self) -> &[u8];

    /// Where it believes that its key begins.
    fn key(&self) -> *const u8;
}

/// What a request has room for.
const ROOM: usize = 16;

/// The bytes of a request, in a place of that size.
fn bytes(text: &str) -> [u8; ROOM] {
    let mut bytes = [b' '; ROOM];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    bytes
}

/// The first byte after the first space.
fn key_of(text: &[u8]) -> usize {
    let space = text.iter().position(|byte| *byte == b' ');
    space.map_or(text.len(), |space| space + 1)
}
