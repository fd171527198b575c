//! Writing a snapshot: for a rewrite of the log, or for itself.
//!
//! ```text
//!   state ── a slice of rows ──► encode ──► a thread for blocking calls writes it ──┐
//!     ▲                                                                             │ next slice
//!     └─────────────────────────────────────────────────────────────────────────────┘
//!             after the last: sync, rename, and for a rewrite: the manifest
//! ```
//!
//! The server serves between two slices; what changes meanwhile is told as it was (see
//! `db/snapshot.rs`). A snapshot that comes to no end leaves nothing behind.

use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::unix_millis;
use crate::cmd::REDIS_VERSION;
use crate::config::Durability;
use crate::connection::Shared;
use crate::db::{Slice, Told};
use crate::log::{Encoder, Folder, Format, SnapshotFile};
use crate::persistence::Job;
use crate::rt;
use crate::state::State;

/// How much of the state one turn of the loop tells.
const SLICE: Slice = Slice { rows: 1024, bytes: 128 << 10 };

/// A snapshot that has begun.
pub(super) struct Telling {
    number: u32,
    format: Format,
    job: Job,
}

/// The rewrite of the log.
pub(super) struct Rewrite {
    telling: Telling,
    /// The log has no beginning without it.
    first: bool,
}

/// A snapshot that stands alone.
pub(super) struct Save {
    telling: Telling,
    path: PathBuf,
    temporary: PathBuf,
}

/// Begins a snapshot of this moment to rewrite the log with, or the `first` of a new log.
pub(super) fn begin_rewrite(state: &mut State, first: bool) -> Rewrite {
    let format = base_format(&state.config.durability);
    Rewrite { telling: Telling::begin(state, Job::Rewrite, format), first }
}

/// Begins a snapshot of this moment.
pub(super) fn begin_save(state: &mut State) -> Save {
    let settings = &state.config.durability;
    let path = settings.dir.join(&settings.snapshot_file);
    let temporary = settings.dir.join("temp-bgsave.rdb");
    Save { telling: Telling::begin(state, Job::Save, Format::Rdb), path, temporary }
}

impl Telling {
    fn begin(state: &mut State, job: Job, format: Format) -> Telling {
        state.persistence.begin(job, unix_millis(), state.databases.dirty);
        Telling { number: state.databases.begin_snapshot(), format, job }
    }

    /// Writes all rows to `file`.
    async fn write(&self, shared: &Shared, file: SnapshotFile) -> io::Result<SnapshotFile> {
        let (mut file, mut chunk) = (file, Vec::new());
        let mut encoder = Encoder::new(self.format);
        encoder.begin(&mut chunk, rt::unix_time(), REDIS_VERSION, self.job == Job::Rewrite);
        loop {
            let told = shared.state.borrow_mut().databases.tell_snapshot(
                self.number,
                SLICE,
                |database, key, value, deadline| {
                    encoder.row(&mut chunk, database, (key, value), deadline.millis());
                },
            );
            match told {
                Told::Nothing => return Err(io::ErrorKind::Interrupted.into()),
                Told::All => encoder.end(&mut chunk),
                Told::Part => {}
            }
            let work = rt::spawn_blocking(move || {
                let done = file.write(&chunk);
                chunk.clear();
                (file, chunk, done)
            });
            let (file_back, chunk_back, done) = work.await?;
            done?;
            (file, chunk) = (file_back, chunk_back);
            if told == Told::All {
                return Ok(file);
            }
        }
    }

    /// The job has ended.
    fn end(&self, state: &mut State, outcome: &io::Result<u64>) {
        if let Err(error) = outcome {
            let what = match self.job {
                Job::Rewrite => "the log is not rewritten",
                Job::Save => "no snapshot is taken",
            };
            // It was given up on purpose.
            if error.kind() != io::ErrorKind::Interrupted {
                state.databases.end_snapshot();
                tracing::warn!("{what}: {}", describe(error));
            }
        }
        state.persistence.end(self.job, outcome.is_ok(), unix_millis());
    }
}

impl Rewrite {
    /// Writes the new base of the log in `folder`. The file that was begun for it is `followed` by
    /// what changes meanwhile, if there is a log.
    pub(super) async fn run(
        self,
        shared: Rc<Shared>,
        folder: Option<Arc<Mutex<Folder>>>,
        followed: bool,
    ) {
        let outcome = match folder {
            Some(folder) => self.write(&shared, folder, followed).await,
            None => Err(io::Error::other("there is no folder for it")),
        };
        let state = &mut *shared.state.borrow_mut();
        if let Ok(length) = outcome {
            state.persistence.note_base(length);
        }
        if outcome.is_err() && self.first {
            state.config.durability.append_only = false;
        }
        self.telling.end(state, &outcome);
    }

    async fn write(
        &self,
        shared: &Shared,
        folder: Arc<Mutex<Folder>>,
        followed: bool,
    ) -> io::Result<u64> {
        let (format, of) = (self.telling.format, Arc::clone(&folder));
        let file = rt::spawn_blocking(move || locked(&of).snapshot(format)).await??;
        let file = self.telling.write(shared, file).await?;
        rt::spawn_blocking(move || locked(&folder).install(file, format, followed)).await?
    }

    /// It cannot begin.
    pub(super) fn give_up(self, state: &mut State, why: &str) {
        self.telling.end(state, &Err(io::Error::other(why.to_owned())));
    }
}

impl Save {
    /// Writes the snapshot.
    pub(super) async fn run(self, shared: Rc<Shared>) {
        let Save { telling, path, temporary } = self;
        let outcome = async {
            let format = telling.format;
            let file =
                rt::spawn_blocking(move || SnapshotFile::create(temporary, format)).await??;
            let file = telling.write(&shared, file).await?;
            rt::spawn_blocking(move || file.finish(&path)).await?
        };
        let outcome = outcome.await;
        telling.end(&mut shared.state.borrow_mut(), &outcome);
    }
}

/// The lock's holders do not panic; if one did, the files are as good as after a crash.
pub(super) fn locked(folder: &Mutex<Folder>) -> MutexGuard<'_, Folder> {
    folder.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The format that a rewrite has.
fn base_format(settings: &Durability) -> Format {
    if settings.binary_base { Format::Rdb } else { Format::Resp }
}

/// What the system says, without its number: as Redis tells it.
pub(super) fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
