//! The words in which the kernel and we speak about readiness.
//!
//! A program tells the poller *what* it wants to hear about ([`Interest`], [`Mode`]) and *under which
//! name* ([`Token`]). The poller answers with a list ([`Events`]) of names and facts ([`Event`]).
//!
//! ```text
//!   program ── fd, Token, Interest, Mode ──► Poller ──► kernel
//!   program ◄──────── Event { Token, facts } ◄───────── kernel
//! ```
//!
//! Invariants:
//! - A token is never interpreted by the kernel; it comes back exactly as it was handed in.
//! - An event is a hint, never a promise: a `read` after "readable" may still say `EAGAIN`.
//!
//! Neighbours: the backends in `sys` fill [`Events`]; `poller` hands them to the program; `sources`
//! turns them into woken tasks.

use std::fmt;

/// The name under which a descriptor is registered: a slot in a table and the slot's generation.
///
/// The generation is what makes a token safe to keep: when a slot is used again, its generation is
/// another, and an event that was meant for the former owner finds nobody.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(u64);

impl Token {
    /// The name of the poller's own notifier; nobody else may use it.
    pub(crate) const NOTIFY: Token = Token(u64::MAX);

    /// Makes a token from a slot's number and its generation.
    ///
    /// # Panics
    /// If both are `u32::MAX`: that name belongs to the poller itself.
    pub fn new(slot: u32, generation: u32) -> Token {
        let token = Token(u64::from(generation) << 32 | u64::from(slot));
        assert!(token != Token::NOTIFY, "this token is the notifier's own");
        token
    }

    /// The slot's number.
    pub fn slot(self) -> u32 {
        self.0 as u32
    }

    /// The slot's generation.
    pub fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// As the 64 bits that travel through the kernel (`epoll_data.u64`, `kevent.udata`).
    pub(crate) fn to_bits(self) -> u64 {
        self.0
    }

    /// Back from the 64 bits that the kernel returned.
    pub(crate) fn from_bits(bits: u64) -> Token {
        Token(bits)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}.{})", self.slot(), self.generation())
    }
}

/// Which directions of a descriptor are of interest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interest {
    readable: bool,
    writable: bool,
}

impl Interest {
    /// Data (or the end of it) can be read, or a connection accepted.
    pub const READABLE: Interest = Interest { readable: true, writable: false };
    /// Data can be written, or a connection attempt has ended.
    pub const WRITABLE: Interest = Interest { readable: false, writable: true };
    /// Both directions.
    pub const BOTH: Interest = Interest { readable: true, writable: true };

    /// Whether the reading direction is included.
    pub fn is_readable(self) -> bool {
        self.readable
    }

    /// Whether the writing direction is included.
    pub fn is_writable(self) -> bool {
        self.writable
    }
}

/// When the kernel repeats what it said (epoll(7), "Level-triggered and edge-triggered").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// An event at each wait for as long as the descriptor is ready.
    Level,
    /// An event when the descriptor *becomes* ready; the program must then go on until `EAGAIN`.
    Edge,
    /// One event, then silence until the descriptor is registered again with `modify`.
    OneShot,
}

/// A set of facts about a descriptor: what is possible, and what is over.
///
/// "Closed" facts are final, the others come and go.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Readiness(u8);

impl Readiness {
    /// Nothing is known.
    pub const NONE: Readiness = Readiness(0);
    /// A read will probably not block.
    pub const READABLE: Readiness = Readiness(1);
    /// A write will probably not block.
    pub const WRITABLE: Readiness = Readiness(1 << 1);
    /// The peer will send nothing more; what it sent before may still be there to read.
    pub const READ_CLOSED: Readiness = Readiness(1 << 2);
    /// Writing can only fail from now on.
    pub const WRITE_CLOSED: Readiness = Readiness(1 << 3);
    /// The descriptor holds an error that the next operation will report.
    pub const ERROR: Readiness = Readiness(1 << 4);

    /// Whether any of `other`'s facts is among these.
    pub fn intersects(self, other: Readiness) -> bool {
        self.0 & other.0 != 0
    }

    /// These facts together with `other`'s.
    #[must_use]
    pub const fn with(self, other: Readiness) -> Readiness {
        Readiness(self.0 | other.0)
    }

    /// These facts less `other`'s.
    #[must_use]
    pub const fn without(self, other: Readiness) -> Readiness {
        Readiness(self.0 & !other.0)
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [(Readiness, &str); 5] = [
            (Readiness::READABLE, "readable"),
            (Readiness::WRITABLE, "writable"),
            (Readiness::READ_CLOSED, "read closed"),
            (Readiness::WRITE_CLOSED, "write closed"),
            (Readiness::ERROR, "error"),
        ];
        let named = NAMES.iter().filter(|(fact, _)| self.intersects(*fact));
        f.debug_set().entries(named.map(|(_, name)| *name)).finish()
    }
}

/// One thing that the kernel said in one wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event {
    token: Token,
    readiness: Readiness,
}

impl Event {
    pub(crate) fn new(token: Token, readiness: Readiness) -> Event {
        Event { token, readiness }
    }

    /// The name under which the descriptor was registered.
    pub fn token(&self) -> Token {
        self.token
    }

    /// Everything that was said.
    pub fn readiness(&self) -> Readiness {
        self.readiness
    }

    /// A read will probably not block: there is data, or its end, or an error to collect.
    pub fn is_readable(&self) -> bool {
        self.readiness.intersects(Readiness::READABLE)
    }

    /// A write will probably not block: there is room, or an error to collect.
    pub fn is_writable(&self) -> bool {
        self.readiness.intersects(Readiness::WRITABLE)
    }

    /// The peer has ended its direction; ours may still be open.
    pub fn is_read_closed(&self) -> bool {
        self.readiness.intersects(Readiness::READ_CLOSED)
    }
}

/// Where one wait leaves its events; kept from wait to wait so that it allocates once.
#[derive(Debug, Default)]
pub struct Events {
    list: Vec<Event>,
    /// How many of them [`take_next`](Events::take_next) has given out.
    taken: usize,
}

impl Events {
    /// An empty list.
    pub fn new() -> Events {
        Events::default()
    }

    /// How many events the last wait brought.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether the last wait brought nothing.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The events, in the order in which the kernel gave them.
    pub fn iter(&self) -> std::slice::Iter<'_, Event> {
        self.list.iter()
    }

    /// Whether all of them were given out.
    pub(crate) fn are_over(&self) -> bool {
        self.taken == self.list.len()
    }

    /// The next event that was not given out before.
    pub(crate) fn take_next(&mut self) -> Option<Event> {
        let event = self.list.get(self.taken).copied()?;
        self.taken += 1;
        Some(event)
    }

    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.taken = 0;
    }

    /// Replaces the list, less the notifier's own event. The number is known, so nobody asks at each one
    /// whether there is room.
    #[allow(dead_code, reason = "only the epoll backend calls it")]
    pub(crate) fn fill(&mut self, events: impl ExactSizeIterator<Item = Event>) {
        self.clear();
        let mut notified = false;
        #[expect(clippy::manual_inspect, reason = "of a map the library knows the length")]
        self.list.extend(events.map(|event| {
            notified |= event.token == Token::NOTIFY;
            event
        }));
        if notified {
            self.list.retain(|event| event.token != Token::NOTIFY);
        }
    }

    /// Adds an event; where the batch has one of the same token already, the two become one.
    ///
    /// A backend that speaks of each direction by itself (kqueue) needs it: "readable" and
    /// "writable" of one socket come as two entries. The batch holds at most 256, and the two come
    /// close together, so the search goes from the end.
    #[allow(dead_code, reason = "only the kqueue backend calls it")]
    pub(crate) fn merge(&mut self, event: Event) {
        match self.list.iter_mut().rev().find(|known| known.token == event.token) {
            Some(known) => known.readiness = known.readiness.with(event.readiness),
            None => self.list.push(event),
        }
    }
}

impl<'a> IntoIterator for &'a Events {
    type Item = &'a Event;
    type IntoIter = std::slice::Iter<'a, Event>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_carries_slot_and_generation_through_the_kernels_64_bits() {
        let token = Token::new(7, 0xdead_beef);
        let back = Token::from_bits(token.to_bits());
        assert_eq!((back.slot(), back.generation()), (7, 0xdead_beef));
    }

    #[test]
    #[should_panic(expected = "notifier's own")]
    fn the_notifiers_token_cannot_be_taken() {
        let _ = Token::new(u32::MAX, u32::MAX);
    }

    #[test]
    fn two_events_of_one_token_in_a_batch_are_ored() {
        let (a, b) = (Token::new(1, 0), Token::new(2, 0));
        let mut events = Events::new();
        events.merge(Event::new(a, Readiness::READABLE));
        events.merge(Event::new(b, Readiness::READABLE));
        events.merge(Event::new(a, Readiness::WRITABLE));
        assert_eq!(events.len(), 2);
        let first = events.iter().next().expect("two events are there");
        assert!(first.is_readable() && first.is_writable());
    }

    #[test]
    fn readiness_prints_its_facts_by_name() {
        let facts = Readiness::READABLE.with(Readiness::READ_CLOSED);
        assert_eq!(format!("{facts:?}"), r#"{"readable", "read closed"}"#);
    }
}
