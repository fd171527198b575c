//! What is written to the disk, and when; the names are Redis's.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How much of the data survives a stop, wanted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    /// The folder for all files. It must exist.
    pub dir: PathBuf,
    /// Whether every change is written to a log.
    pub append_only: bool,
    /// When the log is synced.
    pub sync: SyncPolicy,
    /// The name that all the log's files begin with.
    pub append_file: String,
    /// The folder in `dir` that they are in.
    pub append_folder: String,
    /// By how many percent the log grows before it is rewritten; 0: never by itself.
    pub rewrite_percentage: u32,
    /// A log with fewer bytes is not rewritten by itself.
    pub rewrite_min_size: u64,
    /// Whether a log is rewritten to Redis's binary form instead of to commands.
    pub binary_base: bool,
    /// Whether the server starts with a log whose last command is torn, without that command.
    pub load_truncated: bool,
    /// The snapshot's name in `dir`.
    pub snapshot_file: String,
    /// When a snapshot is taken by itself.
    pub save: Vec<SavePoint>,
}

/// When the log is synced: when its bytes are on the disk itself, and survive a loss of power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncPolicy {
    /// Before any client hears of a change.
    Always,
    /// Once a second.
    EverySecond,
    /// When the system likes to.
    No,
}

/// A snapshot is taken when so many changes are this old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavePoint {
    /// Since the last snapshot.
    pub after: Duration,
    /// At least so many.
    pub changes: u64,
}

impl Default for Durability {
    fn default() -> Durability {
        Durability {
            dir: PathBuf::from("."),
            append_only: false,
            sync: SyncPolicy::EverySecond,
            append_file: "appendonly.aof".into(),
            append_folder: "appendonlydir".into(),
            rewrite_percentage: 100,
            rewrite_min_size: 64 << 20,
            binary_base: false,
            load_truncated: true,
            snapshot_file: "dump.rdb".into(),
            save: Vec::new(),
        }
    }
}

impl SyncPolicy {
    /// All of them, by the names that Redis gives them.
    pub(super) const NAMES: [(&'static str, SyncPolicy); 3] = [
        ("everysec", SyncPolicy::EverySecond),
        ("always", SyncPolicy::Always),
        ("no", SyncPolicy::No),
    ];
}

impl SavePoint {
    /// Reads pairs of seconds and changes: `3600 1 300 100`. Nothing means never.
    pub fn parse_all(text: &str) -> Option<Vec<SavePoint>> {
        let numbers: Option<Vec<u32>> =
            text.split_ascii_whitespace().map(|word| word.parse().ok()).collect();
        let numbers = numbers.filter(|numbers| numbers.len().is_multiple_of(2))?;
        let points = numbers.chunks_exact(2).map(|pair| {
            (pair[0] > 0)
                .then(|| Duration::from_secs(pair[0].into()))
                .map(|after| SavePoint { after, changes: pair[1].into() })
        });
        points.collect()
    }
}

impl fmt::Display for SavePoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.after.as_secs(), self.changes)
    }
}

/// Whether `name` can be a file's in a folder that is given.
pub fn is_file_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0'])
}

#[cfg(test)]
mod tests {
    use super::{SavePoint, is_file_name};

    #[test]
    fn save_points_are_pairs() {
        assert_eq!(SavePoint::parse_all(""), Some(vec![]));
        let points = SavePoint::parse_all("3600 1  300 100").expect("pairs");
        let texts: Vec<String> = points.iter().map(SavePoint::to_string).collect();
        assert_eq!(texts, ["3600 1", "300 100"]);
        for text in ["3600", "0 1", "-1 1", "x 1", "1 1 1"] {
            assert_eq!(SavePoint::parse_all(text), None, "{text}");
        }
    }

    #[test]
    fn a_file_name_leads_nowhere_else() {
        assert!(is_file_name("dump.rdb"));
        for name in ["", ".", "..", "a/b", "/a", "a\0"] {
            assert!(!is_file_name(name), "{name:?}");
        }
    }
}
