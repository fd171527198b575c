//! The numbered databases, and the earliest of all their deadlines.
//!
//! Somebody (the server's expiry task) sleeps until the earliest deadline. [`Databases`] remembers
//! for which one, and says when a command has set an earlier one: a wake-up is sent then, and only
//! then. Nothing ever ticks.
//!
//! ```text
//!   expiry task ── next_deadline ──► watched = 12:05 ── sleeps until 12:05
//!   SET k v PXAT 12:03 ──────────► earlier! ── take_earlier ──► the task is woken, watches 12:03
//! ```

use super::{Database, Deadline, Millis};

/// Databases, by number.
#[derive(Debug)]
pub struct Databases {
    all: Vec<Database>,
    /// The deadline that somebody sleeps for; the end of time if there is none.
    watched: Millis,
    /// Whether an earlier one was set since.
    earlier: bool,
}

impl Databases {
    /// `count` empty databases, numbered from 0.
    pub fn new(count: u8) -> Databases {
        let all = (0..count).map(|_| Database::default()).collect();
        Databases { all, watched: Millis::MAX, earlier: false }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Database> {
        self.all.iter()
    }

    /// All of them, in order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Database> {
        self.all.iter_mut()
    }

    /// The database with this number.
    ///
    /// # Panics
    /// If there is none; `SELECT` checks.
    #[inline]
    pub fn at(&mut self, index: u8) -> &mut Database {
        &mut self.all[usize::from(index)]
    }

    /// Writes a value and its deadline.
    #[inline]
    pub fn set(&mut self, index: u8, key: &[u8], value: &[u8], deadline: Deadline) {
        self.notice(deadline);
        self.at(index).set(key, value, deadline);
    }

    /// Moves the deadline of `key`. Whether the key is there.
    pub fn set_deadline(&mut self, index: u8, key: &[u8], deadline: Deadline) -> bool {
        self.notice(deadline);
        self.at(index).set_deadline(key, deadline)
    }

    /// Removes at most `limit` keys whose deadline has passed. How many it were.
    pub fn expire(&mut self, now: Millis, limit: usize) -> usize {
        let mut removed = 0;
        for database in &mut self.all {
            removed += database.expire(now, limit - removed);
        }
        removed
    }

    /// The earliest deadline; from now on [`Databases::take_earlier`] tells of earlier ones.
    pub fn next_deadline(&mut self) -> Option<Millis> {
        let earliest = self.all.iter().filter_map(Database::earliest).min();
        self.watched = earliest.unwrap_or(Millis::MAX);
        self.earlier = false;
        earliest
    }

    /// Whether a deadline was set that is earlier than the one that is watched. Tells it once.
    #[inline]
    pub fn take_earlier(&mut self) -> bool {
        std::mem::take(&mut self.earlier)
    }

    #[inline]
    fn notice(&mut self, deadline: Deadline) {
        if let Some(when) = deadline.millis()
            && when < self.watched
        {
            self.watched = when;
            self.earlier = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Databases, Deadline};

    const NEVER: Deadline = Deadline::NEVER;

    fn value(databases: &mut Databases, key: &[u8], now: i64) -> Option<Vec<u8>> {
        databases.at(0).get(key, now).map(|row| row.value.as_bytes().to_vec())
    }

    #[test]
    fn a_key_is_seen_until_its_deadline_and_never_after() {
        let mut databases = Databases::new(1);
        databases.set(0, b"k", b"v", Deadline::at(1000));
        assert_eq!(value(&mut databases, b"k", 1000).as_deref(), Some(&b"v"[..]));
        assert_eq!(databases.at(0).rows(1001).count(), 0, "listing hides it");
        assert_eq!(value(&mut databases, b"k", 1001), None);
        assert_eq!((databases.at(0).len(), databases.at(0).deadlines()), (0, 0), "it is gone");
        assert_eq!(databases.at(0).expired(), 1);
        assert_eq!(value(&mut databases, b"k", 1000), None, "also if the clock goes back");
    }

    #[test]
    fn removing_an_expired_key_finds_nothing() {
        let mut databases = Databases::new(1);
        databases.set(0, b"k", b"v", Deadline::at(1000));
        assert!(databases.at(0).remove(b"k", 1001).is_none());
        databases.set(0, b"k", b"v", Deadline::at(1000));
        assert!(databases.at(0).remove(b"k", 1000).is_some());
        assert_eq!((databases.at(0).len(), databases.at(0).deadlines()), (0, 0));
    }

    #[test]
    fn the_index_of_deadlines_follows_every_change() {
        let mut databases = Databases::new(1);
        let long = [b'k'; 100];
        for key in [&b"k"[..], &long] {
            databases.set(0, key, b"v", Deadline::at(1000));
            databases.set(0, key, b"w", Deadline::at(2000));
            assert_eq!(databases.at(0).earliest(), Some(2000), "set moves it");
            assert!(databases.set_deadline(0, key, Deadline::at(500)));
            assert_eq!(databases.at(0).earliest(), Some(500), "so does set_deadline");
            assert!(databases.set_deadline(0, key, NEVER));
            assert_eq!(databases.at(0).deadlines(), 0, "never takes it out");
            databases.set(0, key, b"v", Deadline::at(1000));
            databases.set(0, key, b"v", NEVER);
            assert_eq!(databases.at(0).deadlines(), 0, "so does a set without one");
            databases.set(0, key, b"v", Deadline::at(1000));
            databases.at(0).clear();
            assert_eq!(databases.at(0).deadlines(), 0, "so does clear");
        }
        assert!(!databases.set_deadline(0, b"none", Deadline::at(1)));
        assert_eq!(databases.at(0).deadlines(), 0, "a key that is not there gets none");
    }

    #[test]
    fn expire_removes_the_earliest_first_and_no_more_than_its_limit() {
        let mut databases = Databases::new(2);
        for index in 0..10u8 {
            databases.set(index % 2, &[index], b"v", Deadline::at(i64::from(index)));
        }
        databases.set(0, b"stays", b"v", NEVER);
        assert_eq!(databases.expire(8, 3), 3);
        assert_eq!(databases.expire(8, 100), 5, "the deadline 8 has not passed at 8");
        assert_eq!(databases.expire(8, 100), 0);
        assert_eq!(databases.next_deadline(), Some(8));
        assert_eq!(databases.at(0).len() + databases.at(1).len(), 3);
    }

    #[test]
    fn only_an_earlier_deadline_wakes_who_sleeps() {
        let mut databases = Databases::new(2);
        assert_eq!(databases.next_deadline(), None);
        databases.set(0, b"a", b"v", NEVER);
        assert!(!databases.take_earlier());
        databases.set(0, b"a", b"v", Deadline::at(1000));
        assert!(databases.take_earlier());
        assert!(!databases.take_earlier(), "told once");
        assert_eq!(databases.next_deadline(), Some(1000));
        databases.set(1, b"b", b"v", Deadline::at(1001));
        assert!(!databases.take_earlier());
        databases.set_deadline(1, b"b", Deadline::at(999));
        assert!(databases.take_earlier());
    }
}
