//! What goes when memory is full.
//!
//! ```text
//!   rows ── a few at random ──► pool: the 16 worst ever seen, sorted ── the worst ──► removed
//!                                ▲ what is better than all of them does not get in
//! ```
//!
//! To know the row that was unused for the longest, all would have to be kept in order, at each use.
//! Instead a few are drawn at random, and the worst of those and of earlier draws goes: with 5 a
//! draw, that is nearly as good. A row of the pool that was used since does not go.
//!
//! Where only keys with a deadline may go and few have one, drawing finds none: then those whose
//! deadline comes first are looked at.

use std::time::Duration;

use super::{Aging, Database, Databases, Key, Row};

/// Which keys go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// None: writing is refused.
    #[default]
    NoEviction,
    /// The one unused for the longest.
    AllKeysLru,
    /// The one used least often.
    AllKeysLfu,
    /// Any.
    AllKeysRandom,
    /// Of those with a deadline, the one unused for the longest.
    VolatileLru,
    /// Of those with a deadline, the one used least often.
    VolatileLfu,
    /// Of those with a deadline, any.
    VolatileRandom,
    /// The one whose deadline comes first.
    VolatileTtl,
}

impl Policy {
    /// The policies by Redis's names, in Redis's order.
    pub const NAMES: [(&'static str, Policy); 8] = [
        ("volatile-lru", Policy::VolatileLru),
        ("volatile-lfu", Policy::VolatileLfu),
        ("volatile-random", Policy::VolatileRandom),
        ("volatile-ttl", Policy::VolatileTtl),
        ("allkeys-lru", Policy::AllKeysLru),
        ("allkeys-lfu", Policy::AllKeysLfu),
        ("allkeys-random", Policy::AllKeysRandom),
        ("noeviction", Policy::NoEviction),
    ];

    /// Whether uses are counted.
    pub(super) fn counts(self) -> bool {
        matches!(self, Policy::AllKeysLfu | Policy::VolatileLfu)
    }

    /// Whether only keys with a deadline go.
    fn is_volatile(self) -> bool {
        matches!(
            self,
            Policy::VolatileLru
                | Policy::VolatileLfu
                | Policy::VolatileRandom
                | Policy::VolatileTtl
        )
    }
}

/// How many rows the pool holds.
const POOL: usize = 16;
/// How many rows are drawn for one with a deadline, before it is looked for otherwise.
const DRAWS: usize = 8;

/// What the choice is made by, and the rows that are likely to go next.
#[derive(Debug, Default)]
pub(super) struct Eviction {
    pub(super) policy: Policy,
    pub(super) samples: usize,
    /// The worst last.
    pool: Vec<Candidate>,
    /// The database whose turn it is, where any key may go.
    turn: usize,
}

#[derive(Debug)]
struct Candidate {
    score: u32,
    database: usize,
    key: Key,
}

impl Databases {
    /// Chooses by this what [`Databases::evict`] removes: the policy, how many rows it looks at for
    /// each, and how uses are counted.
    pub fn set_policy(&mut self, policy: Policy, samples: u32, aging: Aging) {
        self.access.set_policy(policy, aging);
        self.eviction.set_policy(policy, samples);
    }

    /// The unix time of the uses that come now. A batch of commands needs to say it once.
    #[inline]
    pub fn set_time(&mut self, now: Duration) {
        self.access.set_time(now);
    }

    /// Whether the uses of a row are counted; otherwise the time of its last one is noted.
    pub fn counts_uses(&self) -> bool {
        self.eviction.policy.counts()
    }

    /// Seconds without use, where uses are not counted.
    pub fn idle_seconds(&self, row: &Row) -> u32 {
        self.access.idle(row.access)
    }

    /// The logarithmic counter of uses, where they are counted.
    pub fn frequency(&self, row: &Row) -> u32 {
        self.access.frequency(row.access)
    }

    /// Removes the key that the policy chooses. `None` if it allows none.
    pub fn evict(&mut self) -> Option<(u8, Row)> {
        let (database, place) = match self.eviction.policy {
            Policy::NoEviction => return None,
            Policy::VolatileTtl => self.first_to_end()?,
            Policy::AllKeysRandom | Policy::VolatileRandom => self.any()?,
            _ => self.worst()?,
        };
        let number = u8::try_from(database).unwrap_or(u8::MAX);
        // A snapshot that is being told has it still.
        self.preserve(number, place);
        Some((number, self.all[database].remove(place)))
    }

    fn first_to_end(&self) -> Option<(usize, usize)> {
        let ends = |(index, database): (usize, &Database)| Some((database.earliest()?, index));
        let (_, index) = self.all.iter().enumerate().filter_map(ends).min()?;
        Some((index, self.all[index].first_to_end()?))
    }

    /// Any row of the next database that has one.
    fn any(&mut self) -> Option<(usize, usize)> {
        for _ in 0..self.all.len() {
            self.eviction.turn = (self.eviction.turn + 1) % self.all.len();
            let turn = self.eviction.turn;
            if let Some(place) = self.drawn(turn, 1).first() {
                return Some((turn, *place));
            }
        }
        None
    }

    /// The worst row of the pool, which is filled up first.
    fn worst(&mut self) -> Option<(usize, usize)> {
        for index in 0..self.all.len() {
            for place in self.drawn(index, self.eviction.samples) {
                let row = self.all[index].row(place);
                let score = self.access.score(row.access);
                self.eviction.offer(score, index, &row.key);
            }
        }
        while let Some(Candidate { score, database, key }) = self.eviction.pool.pop() {
            let Some(place) = self.all[database].find(key.as_bytes()) else { continue };
            let row = self.all[database].row(place);
            let may_go = !self.eviction.policy.is_volatile() || row.deadline().millis().is_some();
            if may_go && self.access.score(row.access) >= score {
                return Some((database, place));
            }
        }
        // All of the pool were used or removed since: what is there now has its true score.
        let mut all = (0..self.all.len()).collect::<Vec<usize>>().into_iter();
        all.find_map(|index| Some((index, *self.drawn(index, 1).first()?)))
    }

    /// The places of so many rows that may go, drawn at random; none only if there is none.
    fn drawn(&mut self, index: usize, count: usize) -> Vec<usize> {
        let database = &self.all[index];
        let volatile = self.eviction.policy.is_volatile();
        let there_are = if volatile { database.deadlines() } else { database.len() };
        if there_are == 0 {
            return Vec::new();
        }
        let length = database.len() as u64;
        let mut places = Vec::with_capacity(count);
        let draws = if volatile { count.saturating_mul(DRAWS) } else { count };
        for _ in 0..draws {
            let place = self.access.random.below(length) as usize;
            if !volatile || database.row(place).deadline().millis().is_some() {
                places.push(place);
            }
            if places.len() == count {
                break;
            }
        }
        if places.is_empty() {
            places.extend(database.next_to_end().take(count));
        }
        places
    }
}

impl Eviction {
    /// Takes a row into the pool, if it is among the worst.
    fn offer(&mut self, score: u32, database: usize, key: &Key) {
        let is_this = |other: &Candidate| other.database == database && other.key == *key;
        if let Some(old) = self.pool.iter().position(is_this) {
            self.pool.remove(old);
        }
        let place = self.pool.partition_point(|other| other.score < score);
        if self.pool.len() == POOL {
            if place == 0 {
                return;
            }
            self.pool.remove(0);
            self.pool.insert(place - 1, Candidate { score, database, key: key.clone() });
        } else {
            self.pool.insert(place, Candidate { score, database, key: key.clone() });
        }
    }

    /// Another policy judges otherwise.
    pub(super) fn set_policy(&mut self, policy: Policy, samples: u32) {
        *self = Eviction { policy, samples: samples as usize, ..Eviction::default() };
    }
}
