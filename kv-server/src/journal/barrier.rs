//! Until when replies wait: how far the journal is written, and how far it is safe.
//!
//! ```text
//!   the journal's bytes, counted from the first:
//!   ├──────────── on the disk ────────────┼── in the file ──┼──── in memory ────┤
//!                                       synced           written               end
//!
//!   always:    the replies of a batch wait until `synced` reaches what was `end` after it
//!   everysec:  replies do not wait, unless the disk cannot keep up
//!   no:        likewise
//! ```
//!
//! Under `always` a batch that only reads waits too: what it saw may be of a batch before it. All
//! who wait for one sync are let go together.
//!
//! A disk that cannot keep up must cost somebody something. Here the writers pay: with 64 MiB in
//! memory, or under `everysec` with changes that are older than two seconds and not synced, replies
//! wait as under `always` until the disk has caught up. So memory is bounded, and so is what a loss
//! of power can cost. (Redis stalls altogether then: its loop itself writes.)

use std::collections::BTreeSet;
use std::mem;

use super::Journal;
use crate::clients::Slot;
use crate::config::SyncPolicy;
use crate::db::Millis;

/// So many bytes may be in memory only before replies wait.
const MOST_PENDING: u64 = 64 << 20;
/// Under `everysec`, changes may be unsynced for so long before replies wait.
const PATIENCE: Millis = 2000;

/// How far the journal is.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// All bytes that were ever written into it.
    pub(super) end: u64,
    written: u64,
    synced: u64,
    /// When the first byte after `synced` was there at the latest.
    unsynced_since: Option<Millis>,
    /// Who waits.
    waiting: BTreeSet<Slot>,
    /// Why nothing can be written at present.
    failure: Option<String>,
}

/// A place in the journal that replies wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Barrier(u64);

/// Whether the replies behind a barrier may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    Open,
    Closed,
    /// What they promise cannot be kept.
    Failed,
}

impl Barrier {
    /// Nothing is waited for.
    pub(crate) const NONE: Barrier = Barrier(0);
}

impl Places {
    /// Nobody keeps the journal any more, so nobody waits for it.
    pub(super) fn ended(self) -> Places {
        let waiting = self.waiting;
        Places { end: self.end, written: self.end, synced: self.end, waiting, ..Places::default() }
    }
}

impl Journal {
    /// What the replies of a batch that has just ended wait for.
    #[inline]
    pub(crate) fn barrier(&mut self, policy: SyncPolicy, now: Millis) -> Barrier {
        if !self.is_on() {
            return Barrier::NONE;
        }
        self.barrier_when_on(policy, now)
    }

    fn barrier_when_on(&mut self, policy: SyncPolicy, now: Millis) -> Barrier {
        let places = &mut self.places;
        if places.end > places.synced && places.unsynced_since.is_none() {
            places.unsynced_since = Some(now);
        }
        // Writes are refused, so these replies promise nothing.
        if places.failure.is_some() {
            return Barrier::NONE;
        }
        let is_late = || places.unsynced_since.is_some_and(|since| now - since > PATIENCE);
        let waits = match policy {
            SyncPolicy::Always => places.end > places.synced,
            SyncPolicy::EverySecond => is_late() || places.end - places.written > MOST_PENDING,
            SyncPolicy::No => places.end - places.written > MOST_PENDING,
        };
        if waits { Barrier(places.end) } else { Barrier::NONE }
    }

    /// How many bytes are not in the file yet: in memory, or being written.
    pub(crate) fn pending(&self) -> u64 {
        self.places.end - self.places.written
    }

    /// Whether replies may pass; if not yet, the client is woken when they may.
    pub(crate) fn pass(&mut self, barrier: Barrier, policy: SyncPolicy, slot: Slot) -> Passage {
        let places = &mut self.places;
        let reached = if policy == SyncPolicy::No { places.written } else { places.synced };
        if barrier.0 <= reached {
            return Passage::Open;
        }
        match (&places.failure, policy) {
            (Some(_), SyncPolicy::Always) => Passage::Failed,
            (Some(_), _) => Passage::Open,
            (None, _) => {
                places.waiting.insert(slot);
                Passage::Closed
            }
        }
    }

    /// All bytes that were ever written into it.
    pub(crate) fn end(&self) -> u64 {
        self.places.end
    }

    /// How much of it is in the file.
    pub(crate) fn written(&self) -> u64 {
        self.places.written
    }

    /// Whether the file has bytes that are not synced.
    pub(crate) fn is_unsynced(&self) -> bool {
        self.places.written > self.places.synced
    }

    /// Everything before `place` is in the file.
    pub(crate) fn note_written(&mut self, place: u64) {
        self.places.written = place;
        self.places.failure = None;
    }

    /// Everything before `place` is on the disk, by a sync that began at `began`.
    pub(crate) fn note_synced(&mut self, place: u64, began: Millis) {
        let places = &mut self.places;
        places.synced = places.synced.max(place);
        places.unsynced_since = (places.end > place).then_some(began);
    }

    /// Nothing can be written at present.
    pub(crate) fn note_failure(&mut self, why: String) {
        self.places.failure = Some(why);
    }

    /// Why nothing can be written at present.
    #[inline]
    pub(crate) fn failure(&self) -> Option<&str> {
        self.places.failure.as_deref()
    }

    /// Who waited and is to look again.
    pub(crate) fn take_waiting(&mut self) -> BTreeSet<Slot> {
        mem::take(&mut self.places.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::{Barrier, Journal, MOST_PENDING, Passage};
    use crate::clients::Slot;
    use crate::config::SyncPolicy::{self, Always, EverySecond, No};

    const SLOT: Slot = Slot(7);

    fn journal(bytes: usize) -> Journal {
        let mut journal = Journal::default();
        journal.keep(true);
        journal.append(0, [&vec![b'x'; bytes][..]].into_iter());
        journal
    }

    fn waits(journal: &mut Journal, policy: SyncPolicy, now: i64) -> bool {
        journal.barrier(policy, now) != Barrier::NONE
    }

    #[test]
    fn only_always_waits_when_all_is_well() {
        let mut journal = journal(10);
        assert!(waits(&mut journal, Always, 0));
        assert!(!waits(&mut journal, EverySecond, 0));
        assert!(!waits(&mut journal, No, 0));
        journal.note_synced(journal.end(), 0);
        assert!(!waits(&mut journal, Always, 0), "nothing is left to sync");
        journal.keep(false);
        assert!(!waits(&mut journal, Always, 0), "nobody keeps it");
    }

    #[test]
    fn a_barrier_opens_when_its_place_is_synced_and_not_before() {
        let mut journal = journal(10);
        let barrier = journal.barrier(Always, 0);
        assert_eq!(journal.pass(barrier, Always, SLOT), Passage::Closed);
        journal.note_written(journal.end());
        assert_eq!(journal.pass(barrier, Always, SLOT), Passage::Closed);
        journal.note_synced(journal.end() - 1, 0);
        assert_eq!(journal.pass(barrier, Always, SLOT), Passage::Closed);
        assert_eq!(journal.take_waiting().into_iter().collect::<Vec<_>>(), [SLOT]);
        journal.note_synced(journal.end(), 0);
        assert_eq!(journal.pass(barrier, Always, SLOT), Passage::Open);
        assert!(journal.take_waiting().is_empty());
    }

    #[test]
    fn a_disk_that_is_late_makes_writers_wait() {
        let mut journal = journal(10);
        assert!(!waits(&mut journal, EverySecond, 1000));
        assert!(!waits(&mut journal, EverySecond, 3000));
        assert!(waits(&mut journal, EverySecond, 3001));
        assert!(!waits(&mut journal, No, 3001));
        journal.note_synced(journal.end(), 3001);
        assert!(!waits(&mut journal, EverySecond, 9000));
    }

    #[test]
    fn memory_for_what_is_not_written_is_bounded() {
        let size = usize::try_from(MOST_PENDING).expect("it fits");
        for policy in [EverySecond, No] {
            let mut journal = journal(size);
            let barrier = journal.barrier(policy, 0);
            assert_ne!(barrier, Barrier::NONE, "{policy:?}");
            journal.note_written(journal.end());
            assert!(!waits(&mut journal, policy, 0), "{policy:?}");
        }
    }

    #[test]
    fn a_failure_breaks_promises_aloud_and_lets_readers_go_on() {
        let mut journal = journal(10);
        let barrier = journal.barrier(Always, 0);
        journal.note_failure("full".into());
        assert_eq!(journal.pass(barrier, Always, SLOT), Passage::Failed);
        assert_eq!(journal.pass(barrier, EverySecond, SLOT), Passage::Open, "nothing was promised");
        assert!(!waits(&mut journal, Always, 0), "readers are not held up");
        journal.note_written(journal.end());
        assert_eq!(journal.failure(), None, "until it can be written again");
    }

    #[test]
    fn who_waits_is_let_go_when_the_journal_is_given_up() {
        let mut journal = journal(10);
        let barrier = journal.barrier(Always, 0);
        assert_eq!(journal.pass(barrier, Always, SLOT), Passage::Closed);
        journal.keep(false);
        assert!(journal.take_waiting().contains(&SLOT));
        assert_eq!(journal.pass(barrier, Always, SLOT), Passage::Open);
    }
}
