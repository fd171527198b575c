//! The data on the disk: SAVE, BGSAVE, BGREWRITEAOF, LASTSAVE, SHUTDOWN, and what is said when it
//! cannot be written.

use super::command::{
    ADMIN, ALLOW_BUSY, ALWAYS, Command, FAST, NO_ASYNC_LOADING, NO_MULTI, NOSCRIPT, WRITE,
};
use super::error::{Error, Outcome, SYNTAX};
use super::index::Found;
use super::{Admission, Call, REDIS_VERSION};
use crate::clients::Ending;
use crate::log::{Encoder, Format, SnapshotFile};
use crate::persistence::Job;
use crate::resp::Arguments;
use crate::state::State;
use crate::transaction::Transaction;

const OPERATORS: &[&str] = &["@admin", "@dangerous"];

/// This family's rows.
pub(super) static COMMANDS: [Command; 5] = [
    Command::new("bgrewriteaof", 1, ADMIN.and(NOSCRIPT).and(NO_ASYNC_LOADING), bgrewriteaof)
        .about("1.0.0", "Rewrites the log in the background, to what the keys are now"),
    Command::new("bgsave", -1, ADMIN.and(NOSCRIPT).and(NO_ASYNC_LOADING), bgsave)
        .about("1.0.0", "Takes a snapshot in the background"),
    Command::new("save", 1, ADMIN.and(NOSCRIPT).and(NO_ASYNC_LOADING).and(NO_MULTI), save)
        .about("1.0.0", "Takes a snapshot while everybody waits"),
    Command::new("lastsave", 1, ALWAYS.and(FAST), lastsave)
        .categories(OPERATORS)
        .tips(&["nondeterministic_output"])
        .about("1.0.0", "Tells when the last snapshot was taken: unix seconds"),
    Command::new(
        "shutdown",
        -1,
        ADMIN.and(NOSCRIPT).and(ALWAYS).and(NO_MULTI).and(ALLOW_BUSY),
        shutdown,
    )
    .about("1.0.0", "Stops the server, with a snapshot or without"),
];

fn bgrewriteaof(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    let persistence = &mut call.state.persistence;
    match persistence.running {
        Some(Job::Rewrite) => {
            let text = "ERR Background append only file rewriting already in progress";
            return Err(Error::new(text));
        }
        Some(Job::Save) => call.reply.status("Background append only file rewriting scheduled"),
        None => call.reply.status("Background append only file rewriting started"),
    }
    persistence.wanted.rewrite = true;
    persistence.wake();
    Ok(())
}

fn bgsave(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let schedule = match (arguments.len(), arguments.get(1)) {
        (1, _) => false,
        (2, Some(word)) if word.eq_ignore_ascii_case(b"schedule") => true,
        _ => return Err(SYNTAX),
    };
    let persistence = &mut call.state.persistence;
    match persistence.running {
        Some(Job::Save) => return Err(Error::new("ERR Background save already in progress")),
        Some(Job::Rewrite) if !schedule => {
            return Err(Error::new(
                "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE \
                 SCHEDULE in order to schedule a BGSAVE whenever possible.",
            ));
        }
        Some(Job::Rewrite) => call.reply.status("Background saving scheduled"),
        None => call.reply.status("Background saving started"),
    }
    persistence.wanted.save = true;
    persistence.wake();
    Ok(())
}

fn save(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    if call.state.persistence.running == Some(Job::Save) {
        return Err(Error::new("ERR Background save already in progress"));
    }
    take_snapshot(call)?;
    call.reply.ok();
    Ok(())
}

fn lastsave(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.reply.integer(call.state.persistence.last_save / 1000);
    Ok(())
}

/// `SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]`
///
/// There are no replicas to wait for, so the server ends at once: NOW changes nothing, and there is
/// nothing to ABORT. What clients have sent so far is answered.
fn shutdown(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let (mut save, mut force, mut abort) = (None, false, false);
    for word in arguments.from(1) {
        match word.to_ascii_lowercase().as_slice() {
            b"save" if save != Some(false) => save = Some(true),
            b"nosave" if save != Some(true) => save = Some(false),
            b"now" => {}
            b"force" => force = true,
            b"abort" => abort = true,
            _ => return Err(SYNTAX),
        }
    }
    if abort && arguments.len() > 2 {
        return Err(SYNTAX);
    }
    if abort {
        return Err(Error::new("ERR No shutdown in progress."));
    }
    let by_itself = !call.state.config.durability.save.is_empty();
    let saved = if save.unwrap_or(by_itself) { take_snapshot(call) } else { Ok(()) };
    if saved.is_err() && !force {
        return Err(Error::new("ERR Errors trying to SHUTDOWN. Check logs."));
    }
    let wanted = &mut call.state.persistence.wanted;
    wanted.stop = true;
    wanted.last_save = Some(false);
    call.state.persistence.wake();
    call.caller().end(Ending::Now);
    Ok(())
}

/// Writes a snapshot, here and now: the one command that makes everybody wait for a disk, because
/// its caller asks for just that.
fn take_snapshot(call: &mut Call<'_>) -> Outcome {
    let settings = &call.state.config.durability;
    let path = settings.dir.join(&settings.snapshot_file);
    let temporary = settings.dir.join("temp-save.rdb");
    let written = SnapshotFile::create(temporary, Format::Rdb).and_then(|mut file| {
        let mut encoder = Encoder::new(Format::Rdb);
        let mut chunk = Vec::new();
        encoder.begin(&mut chunk, call.time, REDIS_VERSION, false);
        for (index, database) in (0u8..).zip(call.state.databases.iter()) {
            for row in database.rows() {
                encoder.row(&mut chunk, index, (row.key(), row.value()), row.deadline().millis());
                if chunk.len() >= 64 << 10 {
                    file.write(&chunk)?;
                    chunk.clear();
                }
            }
        }
        encoder.end(&mut chunk);
        file.write(&chunk)?;
        file.finish(&path)
    });
    match written {
        Ok(_) => {
            call.state.persistence.note_save(call.now, call.state.databases.dirty);
            Ok(())
        }
        Err(error) => {
            call.state.persistence.save.succeeded = false;
            Err(Error::with(&[b"ERR ", error.to_string().as_bytes()]))
        }
    }
}

/// The whole reply to a change that the log cannot take; `why` is what the system says.
pub(crate) fn misconf(why: &str) -> Vec<u8> {
    [b"-", error(why).text(), b"\r\n"].concat()
}

fn error(why: &str) -> Error {
    Error::with(&[b"MISCONF Errors writing to the AOF file: ", why.as_bytes()])
}

impl State {
    /// Refuses a command that would change something that then does not reach the disk. PING is
    /// refused too, so that those who watch the server hear of it.
    pub(super) fn refuse_unwritable(
        &self,
        command: &Command,
        transaction: Option<&Transaction>,
    ) -> Outcome {
        let runs_writes = command.name == "exec" && transaction.is_some_and(|queue| queue.writes);
        if !command.flags.has(WRITE) && command.name != "ping" && !runs_writes {
            return Ok(());
        }
        if let Some(why) = self.journal.failure() {
            return Err(error(why));
        }
        if !self.persistence.save.succeeded && !self.config.durability.save.is_empty() {
            return Err(Error::new(
                "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to \
                 persist to disk. Commands that may modify the data set are disabled, because this \
                 instance is configured to report errors during writes if RDB snapshotting fails \
                 (stop-writes-on-bgsave-error option). Please check the Redis logs for details \
                 about the RDB error.",
            ));
        }
        Ok(())
    }
}

impl Call<'_> {
    /// Runs a command that an earlier run has written down. No reply is kept.
    ///
    /// # Errors
    /// If it is no command that changes data, or does not succeed: the log is not what it should be.
    pub(crate) fn replay(&mut self, arguments: Arguments<'_>) -> Result<(), String> {
        self.guarded = false;
        self.reply.out.clear();
        let text = |error: &[u8]| String::from_utf8_lossy(error).trim_end().to_owned();
        let found = self.commands.called(arguments);
        let admission = self.admit(found, arguments).map_err(|error| text(error.text()))?;
        let Admission::Run(Found { command, .. }) = admission else {
            return Err("it does not run".into());
        };
        if !command.flags.has(WRITE) && command.name != "select" {
            return Err(format!("the command '{}' changes nothing", command.name));
        }
        (command.run)(self, arguments).map_err(|error| text(error.text()))?;
        match self.reply.out.strip_prefix(b"-") {
            Some(error) => Err(text(error)),
            None => Ok(()),
        }
    }
}
