//! Chapter 3: the packed struct.
//!
//! `cargo test -p ex03 step_1` says what to do first; when that passes, go on with `step_2`.

#![allow(unused, reason = "you have not used it yet")]

/// One field of a struct in C: how many bytes it takes, and of what its address has to be a multiple.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub size: usize,
    pub align: usize,
}

/// Where the fields of a struct are, how large it is, and of what its address has to be a multiple.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    pub offsets: Vec<usize>,
    pub size: usize,
    pub align: usize,
}

/// How C lays a struct out: the fields in their order, each at the next address that suits it; the whole
/// as strict as its strictest field, and so long that the next one in an array suits as well.
pub fn natural(fields: &[Field]) -> Layout {
    todo!("1. go through the fields with an offset; `next_multiple_of` moves it on to what suits")
}

/// How C lays a packed struct out: the fields one right after the other, at any address.
pub fn packed(fields: &[Field]) -> Layout {
    todo!("2. the same without the gaps")
}

/// Two machines that Linux runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Machine {
    X86_64,
    Aarch64,
}

/// `struct epoll_event`: 32 bits of events, 64 bits of data.
const EPOLL_EVENT: [Field; 2] = [Field { size: 4, align: 4 }, Field { size: 8, align: 8 }];

/// How the kernel of `machine` lays an `epoll_event` out.
pub fn epoll_event(machine: Machine) -> Layout {
    match machine {
        Machine::X86_64 => packed(&EPOLL_EVENT),
        Machine::Aarch64 => natural(&EPOLL_EVENT),
    }
}

/// What one entry says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event {
    pub events: u32,
    pub data: u64,
}

/// The bytes of `event` as `machine` has them in memory, gaps zero. Both machines are little-endian.
pub fn encode(machine: Machine, event: Event) -> Vec<u8> {
    todo!("3. as many zeroes as the layout says, and `to_le_bytes` of each field at its offset")
}

/// The entries in `bytes`, which is an array of them as `machine` has it in memory.
pub fn decode(machine: Machine, bytes: &[u8]) -> Vec<Event> {
    todo!("4. `chunks_exact` of the right size; `from_le_bytes` of each field")
}
