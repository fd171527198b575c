//! What is noted about each call: that it was, how long it took, and what watchers want to know.
//!
//! ```text
//!   run ── is it timed? ── no ──► count
//!              │ yes: it may take long, or it is the 64th of its kind,
//!              ▼      or somebody watches or wants to know of all
//!           clock ──► the command ──► clock ──► count, slow log, monitors
//! ```

use std::time::Instant;

use super::command::{BRIEF, FAST};
use super::index::{Found, Index};
use super::{Call, monitor, slowlog};
use crate::resp::Arguments;
use crate::state::State;
use crate::stats::CommandStats;

/// Below this threshold of the slow log, in microseconds, every command is timed. What takes
/// constant time takes no milliseconds, so above it a sample of those is enough.
const EXACT: i64 = 1000;

/// Which calls of commands that take constant time are timed: those before which the number of calls
/// has none of these bits.
#[inline]
pub(super) fn mask(state: &State) -> u64 {
    let exact = (0..EXACT).contains(&state.config.slowlog_threshold);
    if exact || !state.monitors.is_empty() { 0 } else { CommandStats::SAMPLE - 1 }
}

impl Call<'_> {
    /// A command begins. When that was, if it is timed.
    #[inline]
    pub(super) fn begin(&self, found: Found) -> Option<Instant> {
        let counted = self.state.stats.by_command.get(usize::from(found.number));
        let calls = counted.map_or(0, |stats| stats.calls);
        let timed = calls & self.timed == 0 || !found.command.flags.any(FAST.and(BRIEF));
        if timed { Some((self.state.platform.clock)()) } else { None }
    }

    /// It has ended, and counts.
    #[inline]
    pub(super) fn count(&mut self, found: Found) {
        match self.state.stats.by_command.get_mut(usize::from(found.number)) {
            Some(stats) => stats.calls += 1,
            None => self.stats_of(found).calls += 1,
        }
    }

    /// What is known of the command's calls. The first of all makes room for it.
    #[cold]
    fn stats_of(&mut self, found: Found) -> &mut CommandStats {
        let all = &mut self.state.stats.by_command;
        let number = usize::from(found.number);
        if number >= all.len() {
            all.resize(self.commands.count(), CommandStats::default());
        }
        &mut all[number]
    }

    /// It was answered with an error.
    #[cold]
    pub(super) fn count_failed(&mut self, found: Found) {
        self.stats_of(found).failed += 1;
    }

    /// It was timed, and has ended.
    #[cold]
    pub(super) fn end(&mut self, found: Found, arguments: Arguments<'_>, begun: Instant) {
        let taken = (self.state.platform.clock)().saturating_duration_since(begun);
        self.stats_of(found).record(u64::try_from(taken.as_nanos()).unwrap_or(u64::MAX));
        let threshold = self.state.config.slowlog_threshold;
        let microseconds = i64::try_from(taken.as_micros()).unwrap_or(i64::MAX);
        if threshold >= 0 && microseconds >= threshold {
            slowlog::note(self, found.command, arguments, taken);
        }
        if !self.state.monitors.is_empty() {
            monitor::feed(self, found.command, arguments);
        }
    }

    /// A command was refused before it could run.
    #[cold]
    pub(super) fn count_rejected(&mut self) {
        if let Some(found) = self.last {
            self.stats_of(found).rejected += 1;
        }
    }
}

/// The commands that were called, or tried to be, each with what is known of its calls.
pub(super) fn all_stats<'a>(
    commands: &Index,
    stats: &'a [CommandStats],
) -> impl Iterator<Item = (&'static str, &'a CommandStats)> {
    commands.with_subcommands().filter_map(|(number, command)| {
        let stats = stats.get(usize::from(number))?;
        (stats.calls > 0 || stats.rejected > 0).then_some((command.name, stats))
    })
}
