//! Who is subscribed to what.
//!
//! ```text
//!   channels:  "news" ──► [3, 8, 15]        patterns:  "n*" ──► [2, 8]
//!                  ▲                                      ▲
//!   clients:   8 ──┴─ channels {"news"}, patterns {"n*"} ─┘
//! ```
//!
//! Both directions are kept, so that a message finds its receivers by one look-up, and a client
//! that goes is taken out of exactly the lists that it is in. A list is sorted by slot: a member is
//! found by bisection, and a message walks through the clients in the order of their memory.
//!
//! - A channel without subscribers does not exist, nor does a client without subscriptions.
//! - A name is one allocation, shared by both directions.
//! - A client's own names keep the order in which it subscribed.
//! - Where several patterns describe a channel, a message goes through them in the order in which
//!   they came to have subscribers. (Redis takes the order of its hash table, which differs from
//!   one run to the next; so no client can rely on another order.)
//! - Shard channels have lists of their own; otherwise they are like channels.

use std::collections::BTreeMap;
use std::rc::Rc;

use hashbrown::HashMap;

use crate::clients::Slot;
use crate::glob;

/// Subscriptions, by name and by client.
#[derive(Debug, Default)]
pub struct Hub {
    channels: Names,
    patterns: Names,
    shard_channels: Names,
    /// The patterns by the age of their oldest subscription.
    in_order: BTreeMap<u64, Rc<[u8]>>,
    clients: HashMap<Slot, Subscriptions>,
    /// Counts the subscriptions there ever were.
    last: u64,
    /// Bytes of memory that all this takes, about.
    memory: usize,
}

/// What a subscription takes, beside its name: its entries in both directions.
const SUBSCRIPTION: usize = 48;
/// What a name takes, beside its bytes.
const NAME: usize = 96;

/// What a subscription is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One channel, by its name.
    Channel,
    /// All channels whose names match.
    Pattern,
    /// One shard channel, by its name. These are a world of their own: no pattern describes them,
    /// and a channel of the same name is another channel.
    Shard,
}

type Names = HashMap<Rc<[u8]>, Listeners>;

/// Who is subscribed to one name.
#[derive(Debug, Default)]
struct Listeners {
    slots: Vec<Slot>,
    /// The number of the subscription that made the entry.
    since: u64,
}

/// How many subscriptions a client has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// To channels.
    pub channels: usize,
    /// To patterns.
    pub patterns: usize,
    /// To shard channels.
    pub shard_channels: usize,
}

/// What one client is subscribed to, each with its place in the order.
#[derive(Debug, Default)]
struct Subscriptions {
    channels: Ordered,
    patterns: Ordered,
    shard_channels: Ordered,
}

type Ordered = HashMap<Rc<[u8]>, u64>;

impl Hub {
    /// Bytes of memory that all this takes, about.
    #[inline]
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// Subscribes a client. Whether it was not subscribed already.
    pub fn subscribe(&mut self, slot: Slot, kind: Kind, name: &[u8]) -> bool {
        let mine = self.clients.entry(slot).or_default().of_mut(kind);
        if mine.contains_key(name) {
            return false;
        }
        self.last += 1;
        let names = match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
            Kind::Shard => &mut self.shard_channels,
        };
        let known = names.get_key_value(name).map(|(name, _)| Rc::clone(name));
        self.memory += SUBSCRIPTION + if known.is_none() { NAME + name.len() } else { 0 };
        let name = known.unwrap_or_else(|| name.into());
        let listeners = names.entry(Rc::clone(&name)).or_default();
        if listeners.since == 0 {
            listeners.since = self.last;
            if kind == Kind::Pattern {
                self.in_order.insert(self.last, Rc::clone(&name));
            }
        }
        if let Err(place) = listeners.slots.binary_search(&slot) {
            listeners.slots.insert(place, slot);
        }
        mine.insert(name, self.last);
        true
    }

    /// Ends a subscription. Whether there was one.
    pub fn unsubscribe(&mut self, slot: Slot, kind: Kind, name: &[u8]) -> bool {
        let Some(client) = self.clients.get_mut(&slot) else { return false };
        if client.of_mut(kind).remove(name).is_none() {
            return false;
        }
        if client.counts() == Counts::default() {
            self.clients.remove(&slot);
        }
        self.leave(kind, name, slot);
        true
    }

    /// Ends all subscriptions of a client, without a trace.
    pub fn remove(&mut self, slot: Slot) {
        let Some(client) = self.clients.remove(&slot) else { return };
        for kind in [Kind::Channel, Kind::Pattern, Kind::Shard] {
            for name in client.of(kind).keys() {
                self.leave(kind, name, slot);
            }
        }
    }

    /// Takes a client out of a name's list, and the name away with its last subscriber.
    fn leave(&mut self, kind: Kind, name: &[u8], slot: Slot) {
        let names = match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
            Kind::Shard => &mut self.shard_channels,
        };
        let Some(Listeners { slots, since }) = names.get_mut(name) else { return };
        if let Ok(place) = slots.binary_search(&slot) {
            slots.remove(place);
            self.memory -= SUBSCRIPTION;
        }
        if slots.is_empty() {
            if kind == Kind::Pattern {
                self.in_order.remove(since);
            }
            names.remove(name);
            self.memory -= NAME + name.len();
        } else if slots.len() < slots.capacity() / 4 {
            slots.shrink_to(slots.len() * 2);
        }
    }

    /// The names that a client is subscribed to, in the order in which it subscribed.
    pub fn names(&self, slot: Slot, kind: Kind) -> Vec<Rc<[u8]>> {
        let Some(client) = self.clients.get(&slot) else { return Vec::new() };
        let mut names: Vec<(&Rc<[u8]>, &u64)> = client.of(kind).iter().collect();
        names.sort_unstable_by_key(|(_, order)| **order);
        names.into_iter().map(|(name, _)| Rc::clone(name)).collect()
    }

    /// How many subscriptions a client has.
    pub fn subscriptions(&self, slot: Slot) -> Counts {
        self.clients.get(&slot).map_or(Counts::default(), Subscriptions::counts)
    }

    /// The subscribers of one name: of a channel, a shard channel, or a pattern as it is written.
    #[inline]
    pub fn subscribers(&self, kind: Kind, name: &[u8]) -> &[Slot] {
        let names = match kind {
            Kind::Channel => &self.channels,
            Kind::Pattern => &self.patterns,
            Kind::Shard => &self.shard_channels,
        };
        names.get(name).map_or(&[], |listeners| &listeners.slots)
    }

    /// The patterns that describe `channel`, each with its subscribers: the pattern that has had
    /// subscribers for the longest time comes first.
    pub fn matching(&self, channel: &[u8]) -> impl Iterator<Item = (&[u8], &[Slot])> {
        self.in_order
            .values()
            .filter(move |pattern| glob::matches(pattern, channel))
            .map(|pattern| (&pattern[..], self.subscribers(Kind::Pattern, pattern)))
    }

    /// The names that have subscribers, in no order.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = &[u8]> {
        let names = match kind {
            Kind::Channel => &self.channels,
            Kind::Pattern => &self.patterns,
            Kind::Shard => &self.shard_channels,
        };
        names.keys().map(|name| &name[..])
    }

    /// How many names of each kind have subscribers.
    pub fn counts(&self) -> Counts {
        Counts {
            channels: self.channels.len(),
            patterns: self.patterns.len(),
            shard_channels: self.shard_channels.len(),
        }
    }
}

impl Subscriptions {
    fn of(&self, kind: Kind) -> &Ordered {
        match kind {
            Kind::Channel => &self.channels,
            Kind::Pattern => &self.patterns,
            Kind::Shard => &self.shard_channels,
        }
    }

    fn of_mut(&mut self, kind: Kind) -> &mut Ordered {
        match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
            Kind::Shard => &mut self.shard_channels,
        }
    }

    fn counts(&self) -> Counts {
        Counts {
            channels: self.channels.len(),
            patterns: self.patterns.len(),
            shard_channels: self.shard_channels.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Hub, Kind, Slot};

    const A: Slot = Slot(1);
    const B: Slot = Slot(2);

    fn is_empty(hub: &Hub) -> bool {
        hub.counts() == Counts::default() && hub.in_order.is_empty() && hub.clients.is_empty()
    }

    #[test]
    fn a_message_finds_each_subscriber_once_in_the_order_of_slots() {
        let mut hub = Hub::default();
        assert!(hub.subscribe(B, Kind::Channel, b"news"));
        assert!(hub.subscribe(A, Kind::Channel, b"news"));
        assert!(!hub.subscribe(A, Kind::Channel, b"news"), "already");
        assert_eq!(hub.subscribers(Kind::Channel, b"news"), [A, B]);
        assert_eq!(hub.subscribers(Kind::Channel, b"other"), []);
    }

    #[test]
    fn a_name_is_a_channel_and_a_pattern_independently() {
        let mut hub = Hub::default();
        assert!(hub.subscribe(A, Kind::Channel, b"n*"));
        assert!(hub.subscribe(A, Kind::Pattern, b"n*"));
        assert!(hub.subscribe(B, Kind::Pattern, b"x*"));
        assert_eq!(hub.subscriptions(A), Counts { channels: 1, patterns: 1, shard_channels: 0 });
        let matching: Vec<_> = hub.matching(b"news").collect();
        assert_eq!(matching, [(&b"n*"[..], &[A][..])]);
        assert!(hub.unsubscribe(A, Kind::Channel, b"n*"));
        assert_eq!(hub.counts(), Counts { channels: 0, patterns: 2, shard_channels: 0 });
    }

    #[test]
    fn shard_channels_are_apart_from_channels_and_patterns() {
        let mut hub = Hub::default();
        assert!(hub.subscribe(A, Kind::Shard, b"news"));
        assert!(hub.subscribe(B, Kind::Channel, b"news"));
        assert_eq!(hub.subscribers(Kind::Shard, b"news"), [A]);
        assert_eq!(hub.subscribers(Kind::Channel, b"news"), [B]);
        assert!(!hub.unsubscribe(A, Kind::Channel, b"news"));
        assert!(hub.unsubscribe(A, Kind::Shard, b"news"));
        assert_eq!(hub.counts(), Counts { channels: 1, patterns: 0, shard_channels: 0 });
    }

    #[test]
    fn patterns_match_in_the_order_in_which_they_got_their_first_subscriber() {
        let mut hub = Hub::default();
        for name in [&b"n*"[..], b"*", b"x*", b"new?", b"?ews"] {
            hub.subscribe(A, Kind::Pattern, name);
        }
        hub.subscribe(B, Kind::Pattern, b"n*");
        let matching = |hub: &Hub| -> Vec<Vec<u8>> {
            hub.matching(b"news").map(|(pattern, _)| pattern.to_vec()).collect()
        };
        assert_eq!(matching(&hub), [&b"n*"[..], b"*", b"new?", b"?ews"]);
        // One that still has a subscriber keeps its place; one that had none begins anew.
        hub.unsubscribe(A, Kind::Pattern, b"n*");
        hub.unsubscribe(A, Kind::Pattern, b"*");
        hub.subscribe(A, Kind::Pattern, b"*");
        hub.subscribe(A, Kind::Pattern, b"n*");
        assert_eq!(matching(&hub), [&b"n*"[..], b"new?", b"?ews", b"*"]);
    }

    #[test]
    fn unsubscribing_what_is_not_subscribed_changes_nothing() {
        let mut hub = Hub::default();
        assert!(!hub.unsubscribe(A, Kind::Channel, b"news"));
        hub.subscribe(A, Kind::Channel, b"news");
        assert!(!hub.unsubscribe(A, Kind::Pattern, b"news"));
        assert!(!hub.unsubscribe(B, Kind::Channel, b"news"));
        assert_eq!(hub.subscribers(Kind::Channel, b"news"), [A]);
    }

    #[test]
    fn a_client_keeps_the_order_in_which_it_subscribed() {
        let mut hub = Hub::default();
        for name in [b"c", b"a", b"d", b"b", b"a"] {
            hub.subscribe(A, Kind::Pattern, name);
        }
        hub.unsubscribe(A, Kind::Pattern, b"d");
        hub.subscribe(A, Kind::Pattern, b"d");
        let names = hub.names(A, Kind::Pattern);
        assert_eq!(
            names.iter().map(|name| &name[..]).collect::<Vec<_>>(),
            [b"c", b"a", b"b", b"d"]
        );
    }

    #[test]
    fn clients_that_go_leave_nothing_behind() {
        let mut hub = Hub::default();
        for slot in (0..1000).map(Slot) {
            hub.subscribe(slot, Kind::Channel, b"everybody");
            hub.subscribe(slot, Kind::Channel, &slot.0.to_le_bytes());
            hub.subscribe(slot, Kind::Pattern, b"*");
            hub.subscribe(slot, Kind::Shard, b"everybody");
        }
        for slot in (0..1000).map(|number| Slot(number * 7 % 1000)) {
            hub.remove(slot);
            assert!(!hub.subscribers(Kind::Channel, b"everybody").contains(&slot));
        }
        assert!(is_empty(&hub), "{hub:?}");
    }

    #[test]
    fn the_last_unsubscribe_leaves_nothing_behind() {
        let mut hub = Hub::default();
        hub.subscribe(A, Kind::Channel, b"a");
        hub.subscribe(A, Kind::Pattern, b"b");
        assert_eq!(hub.names(A, Kind::Channel), [b"a"[..].into()]);
        assert!(hub.unsubscribe(A, Kind::Channel, b"a"));
        assert!(!is_empty(&hub));
        assert!(hub.unsubscribe(A, Kind::Pattern, b"b"));
        assert!(is_empty(&hub), "{hub:?}");
    }
}
