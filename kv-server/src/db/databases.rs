//! The numbered databases: every access to data goes through here.
//!
//! ```text
//!            get, peek, set, edit, remove, …          ┌─ a deadline has passed: the key is removed,
//!  command ───────────────────────────────► Databases ┤  and noted for `take_expired`
//!                                                     └─ counted in `dirty` by the command itself
//!
//!  expiry task ── next_deadline ──► watched = 12:05 ── sleeps until 12:05
//!  SET k v PXAT 12:03 ────────────► earlier! ── take_earlier ──► the task is woken, watches 12:03
//! ```
//!
//! Somebody (the server's expiry task) sleeps until the earliest deadline. [`Databases`] remembers
//! for which one, and says when a command has set an earlier one: a wake-up is sent then, and only
//! then. Nothing ever ticks.

use std::mem;

use super::access::Access;
use super::evict::Eviction;
use super::snapshot::Snapshot;
use super::{Database, Deadline, Key, Millis, Row};

/// Databases, by number.
#[derive(Debug)]
pub struct Databases {
    pub(super) all: Vec<Database>,
    /// Notes the uses of rows …
    pub(super) access: Access,
    /// … by which is chosen what goes when memory is full.
    pub(super) eviction: Eviction,
    /// The deadline that somebody sleeps for; the end of time if there is none.
    watched: Millis,
    /// Whether an earlier one was set since.
    earlier: bool,
    /// The keys that were removed since the last [`Databases::take_expired`], because their deadline
    /// had passed.
    expired: Vec<(u8, Key)>,
    /// How many there ever were.
    expired_count: u64,
    /// [`Databases::set`] added a key since the last [`Databases::take_created`].
    created: bool,
    /// The key that a row was last put in for.
    arrived: Option<(u8, Key)>,
    /// Counts every change of a key, whoever makes it.
    pub dirty: u64,
    /// What an earlier run left is being read: no key ends meanwhile, as what comes later may give
    /// it another deadline.
    loading: bool,
    /// Somebody is told the rows as they were.
    pub(super) snapshot: Option<Box<Snapshot>>,
    /// The number of the last snapshot.
    pub(super) last_mark: u32,
}

impl Databases {
    /// `count` empty databases, numbered from 0.
    pub fn new(count: u8) -> Databases {
        let all = (0..count).map(|_| Database::default()).collect();
        Databases {
            all,
            access: Access::new(),
            eviction: Eviction::default(),
            watched: Millis::MAX,
            earlier: false,
            expired: Vec::new(),
            expired_count: 0,
            created: false,
            arrived: None,
            dirty: 0,
            loading: false,
            snapshot: None,
            last_mark: 0,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Database> {
        self.all.iter()
    }

    /// The database with this number.
    ///
    /// # Panics
    /// If there is none; `SELECT` checks.
    pub fn at(&self, index: u8) -> &Database {
        &self.all[usize::from(index)]
    }

    /// What an earlier run left begins or ends to be read; no key ends meanwhile.
    pub fn set_loading(&mut self, loading: bool) {
        self.loading = loading;
    }

    /// Whether it is being read.
    pub fn is_loading(&self) -> bool {
        self.loading
    }

    /// Bytes of memory that all keys and values take; an estimate.
    pub fn memory(&self) -> usize {
        self.all.iter().map(Database::memory).sum()
    }

    /// Bytes of memory that all keys and values need, without room for more; an estimate.
    #[inline]
    pub fn used(&self) -> usize {
        self.all.iter().map(Database::used).sum()
    }

    /// The row of `key`, whose use is noted.
    #[inline]
    pub fn get(&mut self, index: u8, key: &[u8], now: Millis) -> Option<&Row> {
        let place = self.find(index, key, now)?;
        let database = &mut self.all[usize::from(index)];
        Some(database.touch(place, &mut self.access))
    }

    /// The row of `key`, whose use is not noted.
    pub fn peek(&mut self, index: u8, key: &[u8], now: Millis) -> Option<&Row> {
        let place = self.find(index, key, now)?;
        Some(self.at(index).row(place))
    }

    /// Whether `key` is there.
    pub fn contains(&mut self, index: u8, key: &[u8], now: Millis) -> bool {
        self.find(index, key, now).is_some()
    }

    /// Writes a value and its deadline.
    #[inline]
    pub fn set(&mut self, index: u8, key: &[u8], value: &[u8], deadline: Deadline) {
        self.notice(deadline);
        if self.snapshot.is_some() {
            self.preserve_key(index, key);
        }
        let database = &mut self.all[usize::from(index)];
        let (place, new) = database.set(key, value, deadline);
        if new {
            database.stamp(place, &self.access);
        } else {
            database.touch(place, &mut self.access);
        }
        if new && self.snapshot.is_some() {
            self.mark(index, place);
        }
        self.created |= new;
    }

    /// Changes the value in the row of `key`, whose deadline stays. `None` if there is no such key.
    #[inline]
    pub fn edit<T>(
        &mut self,
        index: u8,
        key: &[u8],
        now: Millis,
        change: impl FnOnce(&mut Row) -> T,
    ) -> Option<T> {
        let place = self.find(index, key, now)?;
        self.preserve(index, place);
        let database = &mut self.all[usize::from(index)];
        database.touch(place, &mut self.access);
        Some(database.change(place, change))
    }

    /// Removes `key` and gives back its row, if it was there.
    pub fn remove(&mut self, index: u8, key: &[u8], now: Millis) -> Option<Row> {
        let place = self.find(index, key, now)?;
        self.preserve(index, place);
        Some(self.all[usize::from(index)].remove(place))
    }

    /// Moves the deadline of `key`. Whether the key is there.
    pub fn set_deadline(&mut self, index: u8, key: &[u8], deadline: Deadline) -> bool {
        let Some(place) = self.at(index).find(key) else { return false };
        self.notice(deadline);
        self.preserve(index, place);
        self.all[usize::from(index)].move_deadline(place, deadline);
        true
    }

    /// Puts a whole row into a database that has no such key.
    pub fn insert(&mut self, index: u8, row: Row) {
        self.notice(row.deadline());
        self.arrived = Some((index, row.key.clone()));
        let database = &mut self.all[usize::from(index)];
        database.insert(row);
        let place = database.len() - 1;
        if self.snapshot.is_some() {
            self.mark(index, place);
        }
    }

    /// Removes every key of a database, and frees the memory. How many there were.
    pub fn clear(&mut self, index: u8) -> usize {
        let database = mem::take(&mut self.all[usize::from(index)]);
        let count = database.len();
        self.preserve_all(index, database);
        count
    }

    /// Exchanges the contents of two databases.
    pub fn swap(&mut self, one: u8, other: u8) {
        self.all.swap(usize::from(one), usize::from(other));
        self.swap_snapshot(one, other);
        // Somebody may sleep for a deadline; which one it is has not changed.
    }

    /// The rows whose deadline has not passed, in no order.
    pub fn rows(&self, index: u8, now: Millis) -> impl Iterator<Item = &Row> {
        self.at(index).rows().iter().filter(move |row| !row.deadline().has_passed(now))
    }

    /// One step of a walk over a database: the rows of `count` places below the cursor, those included
    /// whose deadline has passed, and the cursor for the next step. 0 is where a walk begins, and what
    /// says that it is over.
    ///
    /// A walk sees every row that is there all the time, whatever happens to others meanwhile; see
    /// [`Database`]. A row that comes or goes may be seen or not, one that moves also twice.
    pub fn scan(&self, index: u8, cursor: usize, count: usize) -> (&[Row], usize) {
        let rows = self.at(index).rows();
        let end = if cursor == 0 { rows.len() } else { cursor.min(rows.len()) };
        let start = end.saturating_sub(count);
        (&rows[start..end], start)
    }

    /// Any row of a database, each as likely as another.
    pub fn random(&mut self, index: u8, now: Millis) -> Option<&Row> {
        while !self.at(index).is_empty() {
            let length = self.at(index).len() as u64;
            let place = usize::try_from(self.access.random.below(length)).unwrap_or(0);
            if !self.at(index).row(place).deadline().has_passed(now) {
                return Some(self.at(index).row(place));
            }
            self.remove_expired(usize::from(index), place);
        }
        None
    }

    /// Removes at most `limit` keys whose deadline has passed. How many it were.
    pub fn expire(&mut self, now: Millis, limit: usize) -> usize {
        let mut removed = 0;
        for index in 0..self.all.len() {
            while removed < limit
                && let Some(place) = self.all[index].first_expired(now)
            {
                self.remove_expired(index, place);
                removed += 1;
            }
        }
        removed
    }

    /// The keys that were removed since the last call because their deadline had passed, in order.
    pub fn take_expired(&mut self) -> Vec<(u8, Key)> {
        mem::take(&mut self.expired)
    }

    /// Whether [`Databases::take_expired`] has something to tell.
    #[inline]
    pub fn has_expired(&self) -> bool {
        !self.expired.is_empty()
    }

    /// Whether [`Databases::set`] added a key since the last call.
    #[inline]
    pub fn take_created(&mut self) -> bool {
        mem::take(&mut self.created)
    }

    /// The key for which [`Databases::insert`] was called, if it was since the last call.
    #[inline]
    pub fn take_arrived(&mut self) -> Option<(u8, Key)> {
        self.arrived.take()
    }

    /// How many keys were removed because their deadline had passed.
    pub fn expired_count(&self) -> u64 {
        self.expired_count
    }

    /// The earliest deadline; from now on [`Databases::take_earlier`] tells of earlier ones.
    pub fn next_deadline(&mut self) -> Option<Millis> {
        let earliest = self.all.iter().filter_map(Database::earliest).min();
        self.watched = earliest.unwrap_or(Millis::MAX);
        self.earlier = false;
        earliest
    }

    /// Whether a deadline was set that is earlier than the one that is watched.
    #[inline]
    pub fn has_earlier(&self) -> bool {
        self.earlier
    }

    /// The same, and tells it once.
    pub fn take_earlier(&mut self) -> bool {
        mem::take(&mut self.earlier)
    }

    /// The place of `key`, unless its deadline has passed. The probe itself, [`Database::find`], is one
    /// function that all share; this little is worth no second call.
    #[inline(always)]
    fn find(&mut self, index: u8, key: &[u8], now: Millis) -> Option<usize> {
        let database = &self.all[usize::from(index)];
        let place = database.find(key)?;
        if database.row(place).deadline().has_passed(now) && !self.loading {
            self.remove_expired(usize::from(index), place);
            return None;
        }
        Some(place)
    }

    /// Out of line, as it is rare and `find` is not.
    #[cold]
    fn remove_expired(&mut self, index: usize, place: usize) {
        let number = u8::try_from(index).unwrap_or(u8::MAX);
        self.preserve(number, place);
        let row = self.all[index].remove(place);
        self.expired.push((number, row.key));
        self.expired_count += 1;
        self.dirty += 1;
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
mod tests;
