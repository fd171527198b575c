//! What a start may fail at, and its last step.

use std::error::Error;
use std::{fmt, io};

use crate::log::{AppendFile, Folder};
use crate::state::State;

/// Why a server does not start.
#[derive(Debug)]
pub enum StartError {
    /// The address cannot be had.
    Listen(io::Error),
    /// Something is wrong with the files of an earlier run: which, where, and what.
    Load(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Listen(error) => write!(formatter, "cannot listen: {error}"),
            StartError::Load(why) => formatter.write_str(why),
        }
    }
}

impl Error for StartError {}

/// From now on every change goes to the log in `folder`.
pub(super) fn open_log(
    state: &mut State,
    mut folder: Folder,
) -> Result<(Folder, AppendFile), StartError> {
    let file = folder.open_last().map_err(|error| {
        let dir = state.config.durability.dir.join(&state.config.durability.append_folder);
        StartError::Load(format!("{}: the log cannot be opened: {error}", dir.display()))
    })?;
    state.journal.keep(true);
    state.persistence.log_size = folder.size();
    // Redis would count from now: a server that is restarted often would never rewrite its log.
    state.persistence.base_size = folder.base_size();
    Ok((folder, file))
}
