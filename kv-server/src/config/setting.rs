//! What a setting is.

use super::Config;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// What Redis calls it: in the file, and for `CONFIG`.
    pub name: &'static str,
    /// What the flag is called, if that is something else; the flag is known by both.
    pub flag: &'static str,
    /// What the value is, for the manual.
    pub value: &'static str,
    /// What it is for; a setting that is here for Redis's tools alone has nothing to say and no flag.
    pub help: &'static str,
    /// Whether its value has several words, which need no quotes in the file.
    pub words: bool,
    /// Whether `CONFIG SET` may change it.
    pub changes: bool,
    /// The value, as [`Setting::set`] takes it.
    pub get: fn(&Config) -> String,
    /// Changes it, or says why not.
    pub set: Change,
}

/// Reads a value and writes it into the settings, or says why not.
pub(super) type Change = fn(&mut Config, &str) -> Result<(), String>;

impl Setting {
    pub(super) const fn new(
        name: &'static str,
        value: &'static str,
        help: &'static str,
        get: fn(&Config) -> String,
        set: Change,
    ) -> Setting {
        Setting { name, flag: name, value, help, words: false, changes: true, get, set }
    }

    /// Gives the flag another name.
    pub(super) const fn flag(self, flag: &'static str) -> Setting {
        Setting { flag, ..self }
    }

    /// Its value has several words.
    pub(super) const fn words(self) -> Setting {
        Setting { words: true, ..self }
    }

    /// Only a new start can change it.
    pub(super) const fn at_start(self) -> Setting {
        Setting { changes: false, ..self }
    }
}
