//! Chapter 3: the packed struct.
//!
//! `cargo test -p ex03` says what to do next.

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
    let align = fields.iter().map(|field| field.align).max().unwrap_or(1);
    let mut offsets = Vec::new();
    let mut end = 0_usize;
    for field in fields {
        let offset = end.next_multiple_of(field.align);
        offsets.push(offset);
        end = offset + field.size;
    }
    Layout { offsets, size: end.next_multiple_of(align), align }
}

/// How C lays a packed struct out: the fields one right after the other, at any address.
pub fn packed(fields: &[Field]) -> Layout {
    let no_gaps: Vec<Field> = fields.iter().map(|field| Field { align: 1, ..*field }).collect();
    natural(&no_gaps)
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
    let Layout { offsets, size, .. } = epoll_event(machine);
    let mut bytes = vec![0; size];
    bytes[offsets[0]..][..4].copy_from_slice(&event.events.to_le_bytes());
    bytes[offsets[1]..][..8].copy_from_slice(&event.data.to_le_bytes());
    bytes
}

/// The entries in `bytes`, which is an array of them as `machine` has it in memory.
pub fn decode(machine: Machine, bytes: &[u8]) -> Vec<Event> {
    let Layout { offsets, size, .. } = epoll_event(machine);
    let entry = |chunk: &[u8]| Event {
        events: u32::from_le_bytes(chunk[offsets[0]..][..4].try_into().unwrap()),
        data: u64::from_le_bytes(chunk[offsets[1]..][..8].try_into().unwrap()),
    };
    bytes.chunks_exact(size).map(entry).collect()
}
