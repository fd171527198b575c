//! What must hold for whatever bytes lie in a file of an earlier run: a log, a snapshot, or both in
//! one.

use std::io::BufReader;
use std::time::Duration;

use super::server;
use crate::db::{Databases, Millis};
use crate::log::{Encoder, Fault, Flaw, Format, Input, is_told_back};
use crate::server::read;

/// What the clock says while a file is read.
const TIME: Duration = Duration::from_secs(1_700_000_000);

/// So much is looked at to know of which kind a file is.
const LEAST: usize = 5;

/// A row, with its database first.
type Row = (u8, Vec<u8>, Vec<u8>, Option<Millis>);

/// A file makes the same rows in whatever pieces it is read. If it is torn, what comes before the
/// place that is told is whole, and makes these rows too. What was read is written so that it is
/// read again, in either format. The first byte says how long the pieces are.
///
/// # Panics
/// If that does not hold.
pub fn files(data: &[u8]) {
    let Some((length, bytes)) = data.split_first() else {
        return;
    };
    let (rows, outcome) = load(bytes, bytes.len());
    let (others, other) = load(bytes, (*length).into());
    assert_eq!((&rows, told(&outcome)), (&others, told(&other)), "in other pieces");
    match outcome {
        Ok(()) => {
            for format in [Format::Rdb, Format::Resp] {
                let (again, outcome) = load(&encode(&rows, format), 4096);
                assert_eq!((told(&outcome), again), (told(&Ok(())), written(&rows, format)));
            }
        }
        Err(Fault { at, flaw: Flaw::Truncated }) => {
            let whole = usize::try_from(at).ok().and_then(|at| bytes.get(..at));
            let (again, outcome) = load(whole.expect("a place within the file"), 4096);
            assert_eq!((told(&outcome), again), (told(&Ok(())), rows), "cut off at {at}");
        }
        Err(Fault { at, .. }) => assert!(at <= bytes.len() as u64, "{at} is behind the end"),
    }
    if let Ok(text) = str::from_utf8(bytes) {
        assert!(is_told_back(text), "as a manifest");
    }
}

/// What `bytes` make of an empty server, and what is wrong with them.
pub(super) fn load(bytes: &[u8], piece: usize) -> (Vec<Row>, Result<(), Fault>) {
    let mut state = server();
    state.databases.set_loading(true);
    let mut input = Input::new(BufReader::with_capacity(piece.max(LEAST), bytes));
    let outcome = read(&mut state, TIME, &mut input, &mut || {});
    assert_eq!(state.clients.len(), 0, "who ran the commands has left");
    (rows(&state.databases), outcome)
}

fn told(outcome: &Result<(), Fault>) -> String {
    outcome.as_ref().map_or_else(Fault::to_string, |()| "whole".to_owned())
}

/// All rows, in order.
fn rows(databases: &Databases) -> Vec<Row> {
    let mut rows = Vec::new();
    for (number, database) in (0..).zip(databases.iter()) {
        rows.extend(database.rows().iter().map(|row| {
            let (key, value) = (row.key().to_vec(), row.value().to_vec());
            (number, key, value, row.deadline().millis())
        }));
    }
    rows.sort();
    rows
}

/// A file with these rows.
fn encode(rows: &[Row], format: Format) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(format);
    encoder.begin(&mut out, TIME, "7.0.15", false);
    for (database, key, value, deadline) in rows {
        encoder.row(&mut out, *database, (key, value), *deadline);
    }
    encoder.end(&mut out);
    if format == Format::Rdb {
        // In place of a checksum: there is none.
        out.extend_from_slice(&[0; 8]);
    }
    out
}

/// What a format says of these rows: as a command, no time before 1970; in a snapshot, -1 is none.
fn written(rows: &[Row], format: Format) -> Vec<Row> {
    let mut rows = rows.to_vec();
    for (.., deadline) in &mut rows {
        *deadline = match (*deadline, format) {
            (Some(when), Format::Resp) => Some(when.max(1)),
            (Some(-1), Format::Rdb) => None,
            (same, _) => same,
        };
    }
    rows
}
