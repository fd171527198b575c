//! What happens to keys, by the names that keyspace notifications give it.

/// Something that happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) class: Class,
    /// In lower case, as in the channel's name.
    pub(crate) name: &'static str,
}

/// The kind of event, one bit each: clients choose by kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class(pub(crate) u16);

impl Class {
    /// `g`: what can happen to any key.
    pub(crate) const GENERIC: Class = Class(1);
    /// `$`: what happens to strings.
    pub(crate) const STRING: Class = Class(1 << 1);
    /// `x`: a key's deadline has passed.
    pub(crate) const EXPIRED: Class = Class(1 << 2);
    /// `n`: there is a key that was not there before.
    pub(crate) const NEW: Class = Class(1 << 3);
    /// `m`: a key was read that is not there.
    pub(crate) const KEYMISS: Class = Class(1 << 4);
    /// `e`: a key had to go, as there was not enough memory.
    pub(crate) const EVICTED: Class = Class(1 << 5);
}

/// The letters of the classes, in the order in which Redis shows them. Those of the lists, sets,
/// hashes, sorted sets, streams and modules that are not here can be asked for, and never come.
const CLASSES: [(u8, u16); 11] = [
    (b'g', 1),
    (b'$', 1 << 1),
    (b'l', 1 << 6),
    (b's', 1 << 7),
    (b'h', 1 << 8),
    (b'z', 1 << 9),
    (b'x', 1 << 2),
    (b'e', 1 << 5),
    (b't', 1 << 10),
    (b'd', 1 << 11),
    (b'n', 1 << 3),
];
const KEYSPACE: (u8, u16) = (b'K', 1 << 12);
const KEYEVENT: (u8, u16) = (b'E', 1 << 13);
const MISS: (u8, u16) = (b'm', 1 << 4);
/// `A`: all classes but those for which one must ask, `n` and `m`.
const ALL: u16 = 0b1111_1110_0111;

/// Which events are told, and in which channels: the setting `notify-keyspace-events`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notifications(u16);

impl Notifications {
    /// Reads letters as Redis does: `K` and `E` for the channels, `A` or the letters of classes.
    /// `None` if there is another.
    pub fn parse(letters: &[u8]) -> Option<Notifications> {
        let known = || CLASSES.into_iter().chain([KEYSPACE, KEYEVENT, MISS, (b'A', ALL)]);
        let bits = letters.iter().map(|letter| known().find(|(known, _)| known == letter));
        bits.map(|found| found.map(|(_, bits)| bits))
            .try_fold(0, |all, bits| Some(all | bits?))
            .map(Notifications)
    }

    /// Whether anything can be told.
    #[inline]
    pub(crate) fn are_on(self) -> bool {
        self.0 != 0
    }

    /// Whether events of this class are told.
    #[inline]
    pub(crate) fn include(self, class: Class) -> bool {
        self.0 & class.0 != 0
    }

    /// Whether they are told in the channels `__keyspace@0__:key`.
    pub(crate) fn by_key(self) -> bool {
        self.0 & KEYSPACE.1 != 0
    }

    /// Whether they are told in the channels `__keyevent@0__:event`.
    pub(crate) fn by_event(self) -> bool {
        self.0 & KEYEVENT.1 != 0
    }
}

impl std::fmt::Display for Notifications {
    /// As Redis shows it: `A` for all, and then `n` is not shown.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Notifications(bits) = *self;
        let all = bits & ALL == ALL;
        let classes = CLASSES.into_iter().filter(|_| !all);
        let letters = all.then_some((b'A', ALL)).into_iter().chain(classes);
        let shown = |(letter, mask): (u8, u16)| (bits & mask == mask).then_some(char::from(letter));
        let letters = letters.chain([KEYSPACE, KEYEVENT, MISS]).filter_map(shown);
        formatter.write_str(&letters.collect::<String>())
    }
}

impl Event {
    /// Something that can happen to any key.
    pub(crate) const fn generic(name: &'static str) -> Event {
        Event { class: Class::GENERIC, name }
    }

    /// Something that happens to strings.
    pub(crate) const fn string(name: &'static str) -> Event {
        Event { class: Class::STRING, name }
    }

    /// Whether it is what happens to a key that [`crate::db::Databases::set`] has added.
    #[inline]
    pub(crate) fn may_create(&self) -> bool {
        self.class == Class::STRING
    }
}

pub(crate) const SET: Event = Event::string("set");
pub(crate) const DEL: Event = Event::generic("del");
pub(crate) const EXPIRE: Event = Event::generic("expire");
pub(crate) const PERSIST: Event = Event::generic("persist");
pub(crate) const EXPIRED: Event = Event { class: Class::EXPIRED, name: "expired" };
pub(crate) const EVICTED: Event = Event { class: Class::EVICTED, name: "evicted" };
pub(crate) const NEW: Event = Event { class: Class::NEW, name: "new" };
pub(crate) const KEYMISS: Event = Event { class: Class::KEYMISS, name: "keymiss" };

#[cfg(test)]
mod tests {
    use super::{Class, Notifications};

    fn shown(letters: &str) -> Option<String> {
        Notifications::parse(letters.as_bytes()).map(|parsed| parsed.to_string())
    }

    #[test]
    fn letters_are_shown_as_redis_shows_them() {
        for (letters, expected) in [
            ("", ""),
            ("KEA", "AKE"),
            ("Kx", "xK"),
            ("gxE", "gxE"),
            ("$lshzxetdmn", "$lshzxetdnm"),
            ("KEAmn", "AKEm"),
            ("nKEA", "AKE"),
            ("g$lshzxetdKE", "AKE"),
            ("KKK", "K"),
        ] {
            assert_eq!(shown(letters).as_deref(), Some(expected), "{letters}");
        }
        for letters in ["q", "AKEq", "k", "A K", "\u{e9}"] {
            assert_eq!(shown(letters), None, "{letters}");
        }
    }

    #[test]
    fn all_leaves_out_what_is_only_told_when_asked_for() {
        let all = Notifications::parse(b"KEA").expect("known letters");
        for class in [Class::GENERIC, Class::STRING, Class::EXPIRED, Class::EVICTED] {
            assert!(all.include(class), "{class:?}");
        }
        assert!(!all.include(Class::NEW) && !all.include(Class::KEYMISS));
        assert!(Notifications::parse(b"nm").expect("known letters").include(Class::NEW));
    }
}
