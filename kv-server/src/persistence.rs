//! What commands and the tasks that write to the disk tell each other.
//!
//! ```text
//!   BGREWRITEAOF, BGSAVE, SHUTDOWN, CONFIG SET ──► wanted ──► the log's task ──► a snapshot's task
//!                  INFO, LASTSAVE ◄── what ran, and how it ended ◄──┘                   │
//!                                                              one at a time ◄──────────┘
//! ```
//!
//! Commands never touch a file, but for `SAVE`: whoever calls that wants the server to stand still.

use std::task::Waker;

use crate::config::SavePoint;
use crate::db::Millis;

/// What is going on on the disk.
#[derive(Debug)]
pub(crate) struct Persistence {
    /// The task that writes the log, while it sleeps.
    pub(crate) waker: Option<Waker>,
    /// What it is to begin when it can.
    pub(crate) wanted: Wanted,
    /// The snapshot that is being written.
    pub(crate) running: Option<Job>,
    pub(crate) rewrite: Record,
    pub(crate) save: Record,
    /// When the last snapshot was completed, or the server began.
    pub(crate) last_save: Millis,
    /// How many changes there were at its beginning.
    pub(crate) saved_dirty: u64,
    /// How many there were when the one that runs began.
    pub(crate) saving_dirty: u64,
    /// Bytes of the log's files.
    pub(crate) log_size: u64,
    /// How many of them will be replaced by the rewrite that runs.
    pub(crate) replaced_size: u64,
    /// What they were after the last rewrite.
    pub(crate) base_size: u64,
    /// Why the process must end: what was promised to be on the disk may not be there.
    pub(crate) fatal: Option<String>,
    /// The log's task sleeps until there is a change.
    pub(crate) awaits_change: bool,
    /// Everything is at its end; the log's task too has ended.
    pub(crate) ended: bool,
}

/// Things to begin.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) rewrite: bool,
    pub(crate) save: bool,
    /// The server is to stop.
    pub(crate) stop: bool,
    /// Whether a snapshot is to be taken when it stops; `None`: if one would be taken by itself.
    pub(crate) last_save: Option<bool>,
    /// All clients are gone: write what is left, and end.
    pub(crate) end: bool,
}

/// A snapshot, by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    Rewrite,
    Save,
}

/// How one kind of job fared.
#[derive(Debug)]
pub(crate) struct Record {
    /// Whether the last one succeeded; true if there was none.
    pub(crate) succeeded: bool,
    /// When the last one that ended, ended.
    pub(crate) tried: Option<Millis>,
    /// When the one that runs began.
    pub(crate) began: Option<Millis>,
    /// How long the last one took.
    pub(crate) took: Option<Millis>,
    /// How many there were.
    pub(crate) count: u64,
}

/// For so long nothing that has failed is tried again by itself, in milliseconds.
const AFTER_FAILURE: Millis = 5000;

impl Persistence {
    pub(crate) fn new(now: Millis) -> Persistence {
        let record = || Record { succeeded: true, tried: None, began: None, took: None, count: 0 };
        Persistence {
            waker: None,
            wanted: Wanted::default(),
            running: None,
            rewrite: record(),
            save: record(),
            last_save: now,
            saved_dirty: 0,
            saving_dirty: 0,
            log_size: 0,
            replaced_size: 0,
            base_size: 0,
            fatal: None,
            awaits_change: false,
            ended: false,
        }
    }

    fn record(&mut self, job: Job) -> &mut Record {
        match job {
            Job::Rewrite => &mut self.rewrite,
            Job::Save => &mut self.save,
        }
    }

    /// A job begins, after `dirty` changes.
    pub(crate) fn begin(&mut self, job: Job, now: Millis, dirty: u64) {
        self.running = Some(job);
        self.saving_dirty = dirty;
        self.replaced_size = self.log_size;
        self.record(job).began = Some(now);
    }

    /// The job that runs has ended.
    pub(crate) fn end(&mut self, job: Job, succeeded: bool, now: Millis) {
        self.running = None;
        let record = self.record(job);
        record.took = record.began.take().map(|began| (now - began).max(0));
        record.succeeded = succeeded;
        record.tried = Some(now);
        record.count += 1;
        if succeeded && job == Job::Save {
            self.note_save(now, self.saving_dirty);
        }
        self.wake();
    }

    /// The rewrite's file is this long.
    pub(crate) fn note_base(&mut self, length: u64) {
        self.log_size = self.log_size.saturating_sub(self.replaced_size) + length;
        self.base_size = self.log_size;
    }

    /// A snapshot of the state after `dirty` changes is complete.
    pub(crate) fn note_save(&mut self, now: Millis, dirty: u64) {
        self.last_save = now;
        self.saved_dirty = dirty;
        self.save.succeeded = true;
    }

    /// How many changes no snapshot has.
    pub(crate) fn unsaved(&self, dirty: u64) -> u64 {
        dirty.saturating_sub(self.saved_dirty)
    }

    /// When a snapshot is to be taken by itself, if there are changes enough; perhaps now.
    pub(crate) fn next_save(&self, points: &[SavePoint], dirty: u64) -> Option<Millis> {
        let unsaved = self.unsaved(dirty);
        let reached = points.iter().filter(|point| unsaved > 0 && unsaved >= point.changes);
        let next = reached.map(|point| {
            let after = Millis::try_from(point.after.as_millis()).unwrap_or(Millis::MAX);
            self.last_save.saturating_add(after)
        });
        let next = next.min()?;
        let tried = self.save.tried.filter(|_| !self.save.succeeded);
        Some(tried.map_or(next, |tried| next.max(tried + AFTER_FAILURE)))
    }

    /// Whether the log has grown enough to be rewritten by itself.
    pub(crate) fn is_rewrite_due(&self, percentage: u32, min_size: u64, now: Millis) -> bool {
        let base = self.base_size.max(1);
        let growth = self.log_size.saturating_sub(base).saturating_mul(100) / base;
        let failed = self.rewrite.tried.filter(|_| !self.rewrite.succeeded);
        percentage > 0
            && self.log_size > min_size
            && growth >= percentage.into()
            && failed.is_none_or(|tried| now - tried >= AFTER_FAILURE)
    }

    /// Whether the log's task waits for a change, and there is one.
    #[inline]
    pub(crate) fn is_due(&self, dirty: u64) -> bool {
        self.awaits_change && dirty != self.saved_dirty
    }

    /// Tells the log's task that there is something to do.
    pub(crate) fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Job, Persistence};
    use crate::config::SavePoint;

    fn point(seconds: u64, changes: u64) -> SavePoint {
        SavePoint { after: Duration::from_secs(seconds), changes }
    }

    #[test]
    fn a_snapshot_is_due_when_enough_changes_are_old_enough() {
        let mut persistence = Persistence::new(1000);
        let points = [point(60, 1), point(10, 5)];
        assert_eq!(persistence.next_save(&points, 0), None, "nothing has changed");
        assert_eq!(persistence.next_save(&points, 1), Some(61_000));
        assert_eq!(persistence.next_save(&points, 5), Some(11_000));
        assert_eq!(persistence.next_save(&[], 5), None);
        persistence.begin(Job::Save, 11_000, 5);
        persistence.end(Job::Save, false, 12_000);
        assert_eq!(persistence.next_save(&points, 6), Some(17_000), "not at once again");
        persistence.begin(Job::Save, 17_000, 6);
        persistence.end(Job::Save, true, 18_000);
        assert_eq!((persistence.unsaved(7), persistence.last_save), (1, 18_000));
        assert_eq!(persistence.next_save(&points, 7), Some(78_000));
    }

    #[test]
    fn a_log_is_due_when_it_has_grown_by_its_percentage() {
        let mut persistence = Persistence::new(0);
        (persistence.base_size, persistence.log_size) = (1000, 1999);
        assert!(!persistence.is_rewrite_due(100, 0, 0));
        persistence.log_size = 2000;
        assert!(persistence.is_rewrite_due(100, 0, 0));
        assert!(!persistence.is_rewrite_due(100, 2000, 0), "it is small");
        assert!(!persistence.is_rewrite_due(0, 0, 0), "never by itself");
        persistence.begin(Job::Rewrite, 0, 0);
        persistence.log_size = 2300;
        persistence.note_base(500);
        assert_eq!((persistence.log_size, persistence.base_size), (800, 800));
        persistence.log_size = 1600;
        persistence.end(Job::Rewrite, false, 1000);
        assert!(!persistence.is_rewrite_due(100, 0, 2000), "not at once again");
        assert!(persistence.is_rewrite_due(100, 0, 6000));
    }
}
