//! Reading back what an earlier run left, before the server listens.
//!
//! ```text
//!   appendonly yes ──► each file of the manifest: snapshot or commands ──► torn at the very end?
//!                                                                           cut off, and go on
//!   appendonly no ───► dump.rdb, if it is there
//! ```
//!
//! Commands run through the same table as a client's. Any error ends the start: a server that
//! serves less than it was given would be worse than none.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind};
use std::mem;
use std::path::Path;
use std::time::Duration;

use crate::clients::Client;
use crate::cmd::Call;
use crate::config::{Durability, MAX_BULK};
use crate::db::Deadline;
use crate::log::{Fault, Flaw, Folder, Input, read_commands, read_rdb};
use crate::rt;
use crate::state::State;

/// How often it is said how far the reading is.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// The buffer for reading.
const BUFFER: usize = 256 << 10;

/// Fills the databases from the files that `state.config` names. The log's folder, if there is to
/// be a log.
///
/// # Errors
/// What is wrong with which file, at which byte.
pub(super) fn load(state: &mut State) -> Result<Option<Folder>, String> {
    let settings = state.config.durability.clone();
    if !settings.dir.is_dir() {
        return Err(format!("--dir {}: there is no such folder", settings.dir.display()));
    }
    let mut loader = Loader::new(state);
    let folder = match settings.append_only {
        true => Some(loader.log(&settings)?),
        false => {
            loader.snapshot(&settings)?;
            None
        }
    };
    loader.finish();
    Ok(folder)
}

struct Loader<'a> {
    state: &'a mut State,
    /// What clients may send. What was written once is read, also if no client may send it now.
    max_bulk: u32,
    began: Duration,
    bytes: u64,
}

/// How far one file is read.
struct Progress<'a> {
    path: &'a Path,
    size: u64,
    reported: Duration,
    /// Looking at the clock at every command would cost more than the command.
    countdown: u32,
}

impl Loader<'_> {
    fn new(state: &mut State) -> Loader<'_> {
        state.databases.set_loading(true);
        let max_bulk = mem::replace(&mut state.config.max_bulk, MAX_BULK);
        Loader { state, max_bulk, began: rt::unix_time(), bytes: 0 }
    }

    /// All files of a log, in order.
    fn log(&mut self, settings: &Durability) -> Result<Folder, String> {
        let folder = Folder::open(&settings.dir, &settings.append_folder, &settings.append_file)?;
        let files = folder.files();
        let snapshot = settings.dir.join(&settings.snapshot_file);
        if files.is_empty() && snapshot.exists() {
            tracing::warn!(
                "{} is not read, as with --appendonly yes only the log is, and there is none yet \
                 (to take it over: start with --appendonly no, then CONFIG SET appendonly yes)",
                snapshot.display()
            );
        }
        for (index, path) in files.iter().enumerate() {
            let is_last = index + 1 == files.len();
            let Err(fault) = self.file(path) else { continue };
            if !matches!(fault.flaw, Flaw::Truncated) || !is_last {
                return Err(format!(
                    "{}: {fault}. Nothing was changed; keep a copy before you mend it, for \
                     example with redis-check-aof --fix",
                    path.display()
                ));
            }
            if !settings.load_truncated {
                return Err(format!(
                    "{}: {fault}. With --aof-load-truncated yes it is cut off there",
                    path.display()
                ));
            }
            self.cut(path, fault.at)?;
        }
        Ok(folder)
    }

    /// The snapshot, if there is one.
    fn snapshot(&mut self, settings: &Durability) -> Result<(), String> {
        let path = settings.dir.join(&settings.snapshot_file);
        match fs::metadata(&path) {
            Ok(_) => self.file(&path).map_err(|fault| format!("{}: {fault}", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// One file, of either kind; one that begins as a snapshot may go on with commands.
    fn file(&mut self, path: &Path) -> Result<(), Fault> {
        let failed = |error| Fault { at: 0, flaw: Flaw::Failed(error) };
        let file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        self.bytes += size;
        let mut progress = Progress { path, size, reported: rt::unix_time(), countdown: 0 };
        let mut input = Input::new(BufReader::with_capacity(BUFFER, file));
        read(self.state, self.began, &mut input, &mut || progress.step())
    }

    /// Takes away what follows the last whole command.
    fn cut(&mut self, path: &Path, at: u64) -> Result<(), String> {
        let told = |error| format!("{}: cannot be cut off at byte {at}: {error}", path.display());
        let file = OpenOptions::new().write(true).open(path).map_err(told)?;
        let size = file.metadata().map_err(told)?.len();
        file.set_len(at).and_then(|()| file.sync_all()).map_err(told)?;
        tracing::warn!(
            "{}: its last command is torn; cut off at byte {at}, {} bytes less",
            path.display(),
            size - at
        );
        Ok(())
    }

    /// Says what was read, if anything was.
    fn finish(self) {
        let databases = &mut self.state.databases;
        databases.set_loading(false);
        self.state.config.max_bulk = self.max_bulk;
        // Nothing of this is a change, or news to anybody.
        databases.dirty = 0;
        databases.take_created();
        databases.take_arrived();
        self.state.reset_stats();
        if self.bytes == 0 {
            return;
        }
        let took = rt::unix_time().saturating_sub(self.began).as_secs_f64();
        let keys: usize = self.state.databases.iter().map(|database| database.len()).sum();
        let megabytes = self.bytes as f64 / 1e6;
        tracing::warn!(
            "{keys} keys read from {megabytes:.1} MB in {took:.2} s ({:.0} MB/s)",
            megabytes / took.max(1e-6)
        );
    }
}

/// Reads what one file holds, of either kind: a snapshot may go on with commands. `step` is called for
/// each row and command; the clock stands at `began`.
pub(crate) fn read(
    state: &mut State,
    began: Duration,
    input: &mut Input<impl BufRead>,
    step: &mut dyn FnMut(),
) -> Result<(), Fault> {
    if input.begins_with(b"REDIS")? {
        rows(state, input, step)?;
    }
    commands(state, began, input, step)
}

fn rows(
    state: &mut State,
    input: &mut Input<impl BufRead>,
    step: &mut dyn FnMut(),
) -> Result<(), Fault> {
    let databases = &mut state.databases;
    let outcome = read_rdb(input, |database, key: &[u8], value: &[u8], deadline| {
        let count = databases.count();
        let Some(database) = u8::try_from(database).ok().filter(|&d| usize::from(d) < count) else {
            return Err(format!("database {database} of {count}; see --databases"));
        };
        let deadline = deadline.map_or(Deadline::NEVER, Deadline::at);
        databases.set(database, key, value, deadline);
        step();
        Ok(())
    });
    // A snapshot is written as a whole: a part of one is not to be completed by cutting.
    outcome.map_err(|fault| match fault.flaw {
        Flaw::Truncated => {
            Fault { at: fault.at, flaw: Flaw::Wrong("the snapshot is not complete".into()) }
        }
        _ => fault,
    })
}

fn commands(
    state: &mut State,
    began: Duration,
    input: &mut Input<impl BufRead>,
    step: &mut dyn FnMut(),
) -> Result<(), Fault> {
    let nowhere = state.config.bind;
    let slot = state.clients.insert(Client::new(nowhere, nowhere, 0));
    let mut out = Vec::new();
    let mut call = Call::new(state, slot, began, &mut out);
    let outcome = read_commands(input, &mut |arguments| {
        step();
        call.replay(arguments)
    });
    state.remove(slot);
    outcome
}

impl Progress<'_> {
    fn step(&mut self) {
        if let Some(left) = self.countdown.checked_sub(1) {
            self.countdown = left;
            return;
        }
        self.countdown = 10_000;
        let now = rt::unix_time();
        if now.saturating_sub(self.reported) >= REPORT_EVERY {
            self.reported = now;
            tracing::info!("reading {} ({} MB)", self.path.display(), self.size >> 20);
        }
    }
}
