//! The task that writes the log, and begins whatever else is to be written.
//!
//! ```text
//!                    ┌───────────────── 1 something to do? one thing after the other ◄───────────┐
//!                    ▼                                                                           │
//!   journal ──► 2 a group: all that has gathered ──► append, perhaps sync ──► 3 let replies go ──┤
//!                                                       │ cannot be written                      │
//!                                                       └──► 4 refuse writes, try again          │
//!   wanted ───► 5 begin a new file, and a snapshot that stands for all files before it ──────────┤
//!   time ─────► 6 sync, a rewrite, a save that is due ───────────────────────────────────────────┘
//! ```
//!
//! Files are touched on the runtime's threads for blocking calls alone, so the loop never waits for
//! a disk. While one group is being written the next gathers: under `always` one sync serves all
//! clients that came meanwhile.
//!
//! A group that cannot be written (the disk is full) is kept and tried again; until that succeeds
//! writes are refused with `MISCONF`. A *sync* that fails is the end of the process: the system may
//! have dropped what it could not write, and would say so only once. The next start reads what
//! really is there.

mod files;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::snapshots::{self, describe};
use super::{StopHandle, unix_millis};
use crate::config::{Durability, SyncPolicy};
use crate::connection::Shared;
use crate::log::{AppendFile, Folder};
use crate::rt::{self, Timer};
use crate::state::State;

/// Under `everysec`.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// How long to wait before a group is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// The task's state.
pub(super) struct Writer {
    shared: Rc<Shared>,
    stop: StopHandle,
    /// The log's folder, once there was one.
    folder: Option<Arc<Mutex<Folder>>>,
    /// The file that is appended to, while there is to be a log.
    file: Option<AppendFile>,
    /// A sync that runs while groups are written.
    syncing: Option<Syncing>,
    last_sync: Option<Instant>,
    timer: Timer,
}

/// A sync that runs: up to which place of the journal, and since when.
struct Syncing {
    place: u64,
    began: i64,
    job: Pin<Box<dyn Future<Output = io::Result<()>>>>,
}

/// One thing to do.
enum Task {
    Group,
    Sync,
    TurnOn,
    TurnOff,
    Rewrite,
    Save,
    End,
    /// A sync has failed.
    Fail(io::Error),
}

/// Why a group is not safe.
enum Trouble {
    Write(io::Error),
    Sync(io::Error),
}

impl Writer {
    /// Writes to `file` of `folder`, if there is a log at the start.
    pub(super) fn new(
        shared: Rc<Shared>,
        stop: StopHandle,
        log: Option<(Folder, AppendFile)>,
    ) -> Writer {
        let (folder, file) = log.unzip();
        let folder = folder.map(|folder| Arc::new(Mutex::new(folder)));
        Writer { shared, stop, folder, file, syncing: None, last_sync: None, timer: Timer::new() }
    }

    /// Until the server has ended.
    pub(super) async fn run(mut self) {
        while self.with(|state| state.persistence.fatal.is_none()) {
            match poll_fn(|context| self.poll_task(context)).await {
                Task::Group => self.write_group().await,
                Task::Sync => self.begin_sync(),
                Task::TurnOn => self.turn_on().await,
                Task::TurnOff => self.turn_off().await,
                Task::Rewrite => self.rewrite().await,
                Task::Save => {
                    let save = self.with(snapshots::begin_save);
                    rt::spawn(save.run(Rc::clone(&self.shared)));
                }
                Task::Fail(error) => self.fail_for_good(&sync_text(&error)),
                Task::End => {
                    self.end().await;
                    break;
                }
            }
        }
        self.with(|state| {
            state.persistence.ended = true;
            state.depart();
        });
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.shared.state.borrow_mut())
    }

    /// 1: What is to be done next.
    fn poll_task(&mut self, context: &mut Context<'_>) -> Poll<Task> {
        let shared = Rc::clone(&self.shared);
        let state = &mut *shared.state.borrow_mut();
        state.persistence.waker = Some(context.waker().clone());
        if std::mem::take(&mut state.persistence.wanted.stop) {
            self.stop.stop();
        }
        if let Some(syncing) = &mut self.syncing
            && let Poll::Ready(done) = syncing.job.as_mut().poll(context)
        {
            let (place, began) = (syncing.place, syncing.began);
            self.syncing = None;
            match done {
                Ok(()) => note_synced(state, place, began),
                Err(error) => return Poll::Ready(Task::Fail(error)),
            }
        }
        let is_on = self.file.is_some();
        let (now, ends) = (unix_millis(), state.persistence.wanted.end);
        // Under load there always is a group, and these must come all the same.
        if !ends
            && state.persistence.running.is_none()
            && let Some(task) = next_job(state, is_on, now)
        {
            return Poll::Ready(task);
        }
        if !ends && is_on && !state.config.durability.append_only {
            return Poll::Ready(Task::TurnOff);
        }
        let sync_due = self.sync_due(state);
        if sync_due.is_some_and(|left| left.is_zero()) {
            return Poll::Ready(Task::Sync);
        }
        if is_on && state.journal.has_pending() {
            return Poll::Ready(Task::Group);
        }
        if ends {
            return Poll::Ready(Task::End);
        }
        self.poll_time(context, state, now, sync_due)
    }

    /// How long until the log is to be synced, if it is to be.
    fn sync_due(&self, state: &State) -> Option<Duration> {
        if self.file.is_none() || self.syncing.is_some() || !state.journal.is_unsynced() {
            return None;
        }
        match state.config.durability.sync {
            // Each group is synced when it is written; these were written under another policy.
            SyncPolicy::Always => Some(Duration::ZERO),
            SyncPolicy::EverySecond => Some(self.last_sync.map_or(Duration::ZERO, |last| {
                (last + SYNC_EVERY).saturating_duration_since(rt::now())
            })),
            SyncPolicy::No => None,
        }
    }

    /// 6: Nothing is to be done; waits until something will be.
    fn poll_time(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        now: i64,
        sync_due: Option<Duration>,
    ) -> Poll<Task> {
        let mut next = sync_due;
        if state.persistence.running.is_none() {
            let points = &state.config.durability.save;
            let due = state.persistence.next_save(points, state.databases.dirty);
            let left =
                due.map(|due| u64::try_from(due - now).unwrap_or(0)).map(Duration::from_millis);
            next = [next, left].into_iter().flatten().min();
            state.persistence.awaits_change = !points.is_empty() && left.is_none();
        }
        match next {
            None => self.timer.disarm(),
            Some(left) => self.timer.arm_at(rt::now() + left),
        }
        if self.timer.poll_elapsed(context).is_ready() {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// 2: Writes all that has gathered.
    async fn write_group(&mut self) {
        let (group, place) = self.with(|state| (state.journal.take(), state.journal.end()));
        self.write(group, place).await;
    }

    /// Writes `group`, which ends at `place` of the journal, however long that takes.
    async fn write(&mut self, group: Vec<u8>, place: u64) {
        let mut group = group;
        loop {
            let Some(mut file) = self.file.take() else { return };
            // All others are synced while the next are written.
            let sync = self.with(|state| state.config.durability.sync == SyncPolicy::Always);
            let began = unix_millis();
            let job = rt::spawn_blocking(move || {
                let written = file.append(&group).map_err(Trouble::Write);
                let done = written.and_then(|()| match sync {
                    true => file.sync().map_err(Trouble::Sync),
                    false => Ok(()),
                });
                (file, group, done)
            });
            // The job does not panic, and the pool lives as long as this task.
            let Ok((file, back, done)) = job.await else {
                return self.fail_for_good("the thread that wrote the log is gone");
            };
            (self.file, group) = (Some(file), back);
            match done {
                Ok(()) => return self.note(group, place, sync.then_some(began)),
                Err(Trouble::Sync(error)) => return self.fail_for_good(&sync_text(&error)),
                Err(Trouble::Write(error)) => {
                    if self.refuse(&error) {
                        return;
                    }
                    rt::sleep(RETRY_AFTER).await;
                }
            }
        }
    }

    /// 3: A group is in the file, and synced if that is told; who waited for it may go on.
    fn note(&mut self, group: Vec<u8>, place: u64, synced: Option<i64>) {
        self.with(|state| {
            if state.journal.failure().is_some() {
                tracing::warn!("the log can be written again; writes are accepted");
            }
            state.persistence.log_size += group.len() as u64;
            state.journal.note_written(place);
            if let Some(began) = synced {
                state.journal.note_synced(place, began);
            }
            state.journal.give(group);
            let_go(state);
        });
    }

    /// 4: The log cannot be written. Whether to give up, as the server is about to end.
    fn refuse(&mut self, error: &io::Error) -> bool {
        let text = describe(error);
        self.with(|state| {
            if state.journal.failure().is_none() {
                tracing::warn!(
                    "the log cannot be written: {text}; writes are refused until it can"
                );
            }
            state.journal.note_failure(text.clone());
            let_go(state);
            if state.persistence.wanted.end {
                let text = format!("the last changes cannot be written to the log: {text}");
                state.persistence.fatal = Some(text);
                return true;
            }
            false
        })
    }

    /// What was promised may be lost, and nobody can tell: no more is promised.
    fn fail_for_good(&mut self, why: &str) {
        self.file = None;
        self.with(|state| {
            state.persistence.fatal = Some(why.to_owned());
            state.journal.note_failure(why.to_owned());
            state.clients.kill_all();
        });
        self.stop.stop();
    }

    /// Begins to sync what is in the file. A sync that runs already becomes a part of this one: it
    /// may be of the file before.
    fn begin_sync(&mut self) {
        if let Some(file) = &self.file {
            let place = self.with(|state| state.journal.written());
            let before = self.syncing.take();
            let job = rt::spawn_blocking(file.syncing());
            let job = Box::pin(async {
                if let Some(before) = before {
                    before.job.await?;
                }
                job.await?
            });
            self.syncing = Some(Syncing { place, began: unix_millis(), job });
            self.last_sync = Some(rt::now());
        }
    }

    /// Syncs all that is in the file.
    async fn sync(&mut self) {
        self.end_sync().await;
        self.begin_sync();
        self.end_sync().await;
    }

    /// Waits for the sync that runs.
    async fn end_sync(&mut self) {
        if let Some(Syncing { place, began, job }) = self.syncing.take() {
            match job.await {
                Ok(()) => self.with(|state| note_synced(state, place, began)),
                Err(error) => self.fail_for_good(&sync_text(&error)),
            }
        }
    }

    fn settings(&self) -> Durability {
        self.with(|state| state.config.durability.clone())
    }
}

/// What is wanted, or due by itself, while no snapshot is being written.
fn next_job(state: &mut State, is_on: bool, now: i64) -> Option<Task> {
    let settings = &state.config.durability;
    let persistence = &mut state.persistence;
    if settings.append_only && !is_on {
        return Some(Task::TurnOn);
    }
    let (percentage, min_size) = (settings.rewrite_percentage, settings.rewrite_min_size);
    let due = is_on && persistence.is_rewrite_due(percentage, min_size, now);
    if std::mem::take(&mut persistence.wanted.rewrite) || due {
        return Some(Task::Rewrite);
    }
    let due = persistence.next_save(&settings.save, state.databases.dirty);
    if std::mem::take(&mut persistence.wanted.save) || due.is_some_and(|due| due <= now) {
        return Some(Task::Save);
    }
    None
}

/// Everything before `place` is on the disk; who waited for that may go on.
fn note_synced(state: &mut State, place: u64, began: i64) {
    state.journal.note_synced(place, began);
    let_go(state);
}

/// Wakes those who waited for the journal.
fn let_go(state: &mut State) {
    for slot in state.journal.take_waiting() {
        state.clients.wake_one(slot);
    }
}

fn sync_text(error: &io::Error) -> String {
    format!(
        "the log cannot be synced: {}; nobody can tell what of the last changes is on the disk, so \
         the server ends here. The next start reads what is there",
        describe(error)
    )
}
