//! The log: a line with the time and the level for what is worth one.
//!
//! | Redis's name | here | what is written |
//! | --- | --- | --- |
//! | `warning` | `WARN` | what who runs the server must know: it cannot accept, it lowered a limit |
//! | `notice` | `INFO` | start and stop, subscribers that were cut off |
//! | `verbose` | `DEBUG` | every client that comes |
//! | `debug` | `TRACE` | why bytes were no request |
//!
//! What is off costs a comparison. Without [`install`], as in the tests, all of it is off.

use std::fs::File;
use std::io;
use std::sync::{Arc, OnceLock};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt, reload};

use crate::config::{Config, LogLevel};

/// The level of this process.
static LEVEL: OnceLock<reload::Handle<LevelFilter, Registry>> = OnceLock::new();

/// Begins to write the log, to stderr or to the file that is set.
///
/// # Errors
/// If the file cannot be opened, or the process has a log already.
pub fn install(config: &Config) -> Result<(), String> {
    let writer = match &config.log_file {
        None => BoxMakeWriter::new(io::stderr),
        Some(path) => {
            let file = File::options().create(true).append(true).open(path);
            let cannot = |error| format!("cannot write the log to {}: {error}", path.display());
            BoxMakeWriter::new(Arc::new(file.map_err(cannot)?))
        }
    };
    let (level, handle) = reload::Layer::new(filter(config.log_level));
    // Where nobody reads the log any more, the server serves all the same.
    let lines = fmt::layer()
        .with_writer(writer)
        .with_target(false)
        .with_ansi(false)
        .log_internal_errors(false);
    let subscriber = tracing_subscriber::registry().with(level).with(lines);
    subscriber.try_init().map_err(|error| error.to_string())?;
    LEVEL.set(handle).map_err(|_| "the process has a log already".to_owned())
}

/// What is worth a line from now on.
pub(crate) fn set_level(level: LogLevel) {
    if let Some(handle) = LEVEL.get() {
        // Fails only if the log is gone.
        let _ = handle.reload(filter(level));
    }
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Warning => LevelFilter::WARN,
        LogLevel::Notice => LevelFilter::INFO,
        LogLevel::Verbose => LevelFilter::DEBUG,
        LogLevel::Debug => LevelFilter::TRACE,
    }
}
