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

use std::rc::Rc;

use hashbrown::HashMap;

use crate::clients::Slot;
use crate::glob;

/// Subscriptions, by channel, by pattern, and by client.
#[derive(Debug, Default)]
pub struct Hub {
    channels: Names,
    patterns: Names,
    clients: HashMap<Slot, Subscriptions>,
    /// Counts the subscriptions there ever were.
    last: u64,
}

/// Whether a subscription is to one channel or to all that a pattern describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One channel, by its name.
    Channel,
    /// All channels whose names match.
    Pattern,
}

type Names = HashMap<Rc<[u8]>, Vec<Slot>>;

/// What one client is subscribed to, each with its place in the order.
#[derive(Debug, Default)]
struct Subscriptions {
    channels: Ordered,
    patterns: Ordered,
}

type Ordered = HashMap<Rc<[u8]>, u64>;

impl Hub {
    /// Subscribes a client. Whether it was not subscribed already.
    pub fn subscribe(&mut self, slot: Slot, kind: Kind, name: &[u8]) -> bool {
        let mine = self.clients.entry(slot).or_default().of(kind);
        if mine.contains_key(name) {
            return false;
        }
        let names = match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
        };
        let name = names.get_key_value(name).map_or_else(|| name.into(), |(name, _)| name.clone());
        let list = names.entry(Rc::clone(&name)).or_default();
        if let Err(place) = list.binary_search(&slot) {
            list.insert(place, slot);
        }
        self.last += 1;
        mine.insert(name, self.last);
        true
    }

    /// Ends a subscription. Whether there was one.
    pub fn unsubscribe(&mut self, slot: Slot, kind: Kind, name: &[u8]) -> bool {
        let Some(client) = self.clients.get_mut(&slot) else { return false };
        if client.of(kind).remove(name).is_none() {
            return false;
        }
        if client.channels.is_empty() && client.patterns.is_empty() {
            self.clients.remove(&slot);
        }
        let names = match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
        };
        leave(names, name, slot);
        true
    }

    /// Ends all subscriptions of a client, without a trace.
    pub fn remove(&mut self, slot: Slot) {
        let Some(client) = self.clients.remove(&slot) else { return };
        for name in client.channels.keys() {
            leave(&mut self.channels, name, slot);
        }
        for name in client.patterns.keys() {
            leave(&mut self.patterns, name, slot);
        }
    }

    /// The names that a client is subscribed to, in the order in which it subscribed.
    pub fn names(&self, slot: Slot, kind: Kind) -> Vec<Rc<[u8]>> {
        let Some(client) = self.clients.get(&slot) else { return Vec::new() };
        let mine = match kind {
            Kind::Channel => &client.channels,
            Kind::Pattern => &client.patterns,
        };
        let mut names: Vec<(&Rc<[u8]>, &u64)> = mine.iter().collect();
        names.sort_unstable_by_key(|(_, order)| **order);
        names.into_iter().map(|(name, _)| Rc::clone(name)).collect()
    }

    /// To how many channels and to how many patterns a client is subscribed.
    pub fn subscriptions(&self, slot: Slot) -> (usize, usize) {
        let client = self.clients.get(&slot);
        client.map_or((0, 0), |client| (client.channels.len(), client.patterns.len()))
    }

    /// The subscribers of one channel.
    #[inline]
    pub fn subscribers(&self, channel: &[u8]) -> &[Slot] {
        self.channels.get(channel).map_or(&[], |list| list)
    }

    /// The patterns that describe `channel`, each with its subscribers.
    pub fn matching(&self, channel: &[u8]) -> impl Iterator<Item = (&[u8], &[Slot])> {
        self.patterns
            .iter()
            .filter(move |(pattern, _)| glob::matches(pattern, channel))
            .map(|(pattern, list)| (&pattern[..], &list[..]))
    }

    /// The channels that have subscribers, in no order.
    pub fn channels(&self) -> impl Iterator<Item = &[u8]> {
        self.channels.keys().map(|name| &name[..])
    }

    /// How many channels have subscribers, and how many patterns.
    pub fn counts(&self) -> (usize, usize) {
        (self.channels.len(), self.patterns.len())
    }
}

impl Subscriptions {
    fn of(&mut self, kind: Kind) -> &mut Ordered {
        match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
        }
    }
}

/// Takes a client out of a name's list, and the name away with its last subscriber.
fn leave(names: &mut Names, name: &[u8], slot: Slot) {
    let Some(list) = names.get_mut(name) else { return };
    if let Ok(place) = list.binary_search(&slot) {
        list.remove(place);
    }
    if list.is_empty() {
        names.remove(name);
    } else if list.len() < list.capacity() / 4 {
        list.shrink_to(list.len() * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::{Hub, Kind, Slot};

    const A: Slot = Slot(1);
    const B: Slot = Slot(2);

    fn is_empty(hub: &Hub) -> bool {
        hub.channels.is_empty() && hub.patterns.is_empty() && hub.clients.is_empty()
    }

    #[test]
    fn a_message_finds_each_subscriber_once_in_the_order_of_slots() {
        let mut hub = Hub::default();
        assert!(hub.subscribe(B, Kind::Channel, b"news"));
        assert!(hub.subscribe(A, Kind::Channel, b"news"));
        assert!(!hub.subscribe(A, Kind::Channel, b"news"), "already");
        assert_eq!(hub.subscribers(b"news"), [A, B]);
        assert_eq!(hub.subscribers(b"other"), []);
    }

    #[test]
    fn a_name_is_a_channel_and_a_pattern_independently() {
        let mut hub = Hub::default();
        assert!(hub.subscribe(A, Kind::Channel, b"n*"));
        assert!(hub.subscribe(A, Kind::Pattern, b"n*"));
        assert!(hub.subscribe(B, Kind::Pattern, b"x*"));
        assert_eq!(hub.subscriptions(A), (1, 1));
        let matching: Vec<_> = hub.matching(b"news").collect();
        assert_eq!(matching, [(&b"n*"[..], &[A][..])]);
        assert!(hub.unsubscribe(A, Kind::Channel, b"n*"));
        assert_eq!(hub.counts(), (0, 2));
    }

    #[test]
    fn unsubscribing_what_is_not_subscribed_changes_nothing() {
        let mut hub = Hub::default();
        assert!(!hub.unsubscribe(A, Kind::Channel, b"news"));
        hub.subscribe(A, Kind::Channel, b"news");
        assert!(!hub.unsubscribe(A, Kind::Pattern, b"news"));
        assert!(!hub.unsubscribe(B, Kind::Channel, b"news"));
        assert_eq!(hub.subscribers(b"news"), [A]);
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
        }
        for slot in (0..1000).map(|number| Slot(number * 7 % 1000)) {
            hub.remove(slot);
            assert!(!hub.subscribers(b"everybody").contains(&slot));
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
