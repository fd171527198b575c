//! The settings for what is written to the disk.

use std::path::PathBuf;

use super::changes::{YES_OR_NO, yes_or_no};
use super::setting::Setting;
use super::values::{choice, chosen, number, size};
use super::{Config, SavePoint, SyncPolicy, is_file_name};

/// This part's rows.
pub(super) static SETTINGS: &[Setting] = &[
    Setting::new(
        "appendonly",
        "YES|NO",
        "Whether every change is written to a log, from which the next start has all keys again",
        |config| chosen(&config.durability.append_only, &YES_OR_NO),
        |config, text| yes_or_no(text).map(|value| config.durability.append_only = value),
    ),
    Setting::new(
        "appendfsync",
        "POLICY",
        "When the log is forced to the disk: before a client hears of its change (always), once a \
         second (everysec), or when the system likes to (no)",
        |config| chosen(&config.durability.sync, &SyncPolicy::NAMES),
        |config, text| choice(text, &SyncPolicy::NAMES).map(|value| config.durability.sync = value),
    ),
    Setting::new(
        "dir",
        "FOLDER",
        "The folder for all files",
        |config| config.durability.dir.display().to_string(),
        |config, text| {
            config.durability.dir = PathBuf::from(text);
            Ok(())
        },
    )
    .at_start(),
    Setting::new(
        "appendfilename",
        "NAME",
        "The name that the log's files begin with",
        |config| config.durability.append_file.clone(),
        |config, text| file_name(text).map(|name| config.durability.append_file = name),
    )
    .at_start(),
    Setting::new(
        "appenddirname",
        "NAME",
        "The folder in --dir for the log's files",
        |config| config.durability.append_folder.clone(),
        |config, text| file_name(text).map(|name| config.durability.append_folder = name),
    )
    .at_start(),
    Setting::new(
        "auto-aof-rewrite-percentage",
        "PERCENT",
        "By how many percent the log grows before it is rewritten; 0 is never by itself",
        |config| config.durability.rewrite_percentage.to_string(),
        |config, text| {
            number(text, 0, i32::MAX as u32)
                .map(|value| config.durability.rewrite_percentage = value)
        },
    ),
    Setting::new(
        "auto-aof-rewrite-min-size",
        "SIZE",
        "A smaller log is not rewritten by itself",
        |config| config.durability.rewrite_min_size.to_string(),
        |config, text| {
            size(text, 0, i64::MAX as u64).map(|value| config.durability.rewrite_min_size = value)
        },
    ),
    Setting::new(
        "aof-use-rdb-preamble",
        "YES|NO",
        "Whether to rewrite the log to Redis's binary form; no: to commands",
        |config| chosen(&config.durability.binary_base, &YES_OR_NO),
        |config, text| yes_or_no(text).map(|value| config.durability.binary_base = value),
    ),
    Setting::new(
        "aof-load-truncated",
        "YES|NO",
        "Whether to start with a log whose last command is torn, without that command",
        |config| chosen(&config.durability.load_truncated, &YES_OR_NO),
        |config, text| yes_or_no(text).map(|value| config.durability.load_truncated = value),
    ),
    Setting::new(
        "dbfilename",
        "NAME",
        "The snapshot's name in --dir; it is read at the start if there is no log",
        |config| config.durability.snapshot_file.clone(),
        |config, text| file_name(text).map(|name| config.durability.snapshot_file = name),
    )
    .at_start(),
    Setting::new(
        "save",
        "SECONDS CHANGES ...",
        "Take a snapshot when there were CHANGES in SECONDS; pairs in one word. Empty is never by \
         itself",
        save_points,
        set_save,
    )
    .words(),
    // A log that cannot be written, or a snapshot that failed, always stops writes.
    Setting::new(
        "stop-writes-on-bgsave-error",
        "",
        "",
        |_| "yes".into(),
        |_, text| only(text, true),
    ),
    // The log is synced while it is rewritten, too: another file, and not on the loop's thread.
    Setting::new("no-appendfsync-on-rewrite", "", "", |_| "no".into(), |_, text| only(text, false)),
];

fn file_name(text: &str) -> Result<String, String> {
    if is_file_name(text) {
        return Ok(text.into());
    }
    Err("argument must be a name, without a path".into())
}

fn save_points(config: &Config) -> String {
    let points: Vec<String> = config.durability.save.iter().map(SavePoint::to_string).collect();
    points.join(" ")
}

fn set_save(config: &mut Config, text: &str) -> Result<(), String> {
    config.durability.save = SavePoint::parse_all(text).ok_or("Invalid save parameters")?;
    Ok(())
}

/// A setting that has one value.
fn only(text: &str, value: bool) -> Result<(), String> {
    if yes_or_no(text)? == value { Ok(()) } else { Err("this server knows no other way".into()) }
}
