//! What is noted about each call: that it was, how long it took, and what watchers want to know.
//!
//! ```text
//!   run ── is it timed? ── no ──► count
//!              │ yes: it may take long, or it is the 64th of its kind,
//!              ▼      or somebody watches or wants to know of all
//!           clock ──► the command ──► clock ──► count, slow log, monitors
//! ```

use std::time::Instant;

use super::command::{BRIEF, Command, FAST};
use super::index::Index;
use super::{Call, monitor, slowlog};
use crate::resp::Arguments;
use crate::state::State;
use crate::stats::CommandStats;

/// Below this threshold of the slow log, in microseconds, every command is timed. What takes
/// constant time takes no milliseconds, so above it a sample of those is enough.
const EXACT: i64 = 1000;

/// The calls of the command that was called last, kept at hand: most often the next one is the same.
#[derive(Default)]
pub(super) struct Counted {
    command: Option<&'static Command>,
    number: usize,
    calls: u64,
    /// Calls whose number has none of these bits are timed.
    mask: u64,
}

/// Which calls of commands that take constant time are timed: those whose number has none of these
/// bits.
fn mask(state: &State) -> u64 {
    let exact = (0..EXACT).contains(&state.config.slowlog_threshold);
    if exact || !state.monitors.is_empty() { 0 } else { CommandStats::SAMPLE - 1 }
}

impl Call<'_> {
    /// A command begins: counts it. When that was, if it is timed.
    #[inline]
    pub(super) fn begin(&mut self, command: &'static Command) -> Option<Instant> {
        if !self.counted.command.is_some_and(|counted| std::ptr::eq(counted, command)) {
            self.count_another(command);
        }
        let timed = self.counted.calls & self.counted.mask == 0;
        self.counted.calls += 1;
        if timed { Some((self.state.platform.clock)()) } else { None }
    }

    /// Another command than the last one is to be counted.
    fn count_another(&mut self, command: &'static Command) {
        self.store_counts(0);
        let number = self.number_of(command);
        let calls = self.state.stats.by_command[number].calls;
        let mask = if command.flags.any(FAST.and(BRIEF)) { mask(self.state) } else { 0 };
        self.counted = Counted { command: Some(command), number, calls, mask };
    }

    /// Writes the calls that are counted here to where others see them, but not those that still run.
    pub(super) fn store_counts(&mut self, running: u64) {
        if self.counted.command.is_some() {
            let stats = &mut self.state.stats.by_command[self.counted.number];
            stats.calls = self.counted.calls - running;
        }
    }

    /// Looks anew at which calls are timed.
    pub(super) fn count_anew(&mut self) {
        self.store_counts(0);
        self.counted = Counted::default();
    }

    /// All counters are at zero, but for the command that says so.
    pub(super) fn reset_counts(&mut self) {
        self.counted.calls = 1;
    }

    /// The command's place among the counters, which is made if there is none yet.
    fn number_of(&mut self, command: &Command) -> usize {
        let (all, number) = (&mut self.state.stats.by_command, self.commands.number(command));
        if all.len() <= number {
            all.resize(self.commands.count(), CommandStats::default());
        }
        number
    }

    /// It was answered with an error.
    #[cold]
    pub(super) fn count_failed(&mut self, command: &'static Command) {
        let number = self.number_of(command);
        self.state.stats.by_command[number].failed += 1;
    }

    /// It was timed, and has ended.
    pub(super) fn end(
        &mut self,
        command: &'static Command,
        arguments: Arguments<'_>,
        begun: Instant,
    ) {
        let number = self.number_of(command);
        let taken = (self.state.platform.clock)().saturating_duration_since(begun);
        let stats = &mut self.state.stats.by_command[number];
        stats.timed += 1;
        stats.nanoseconds += u64::try_from(taken.as_nanos()).unwrap_or(u64::MAX);
        let threshold = self.state.config.slowlog_threshold;
        let microseconds = i64::try_from(taken.as_micros()).unwrap_or(i64::MAX);
        if threshold >= 0 && microseconds >= threshold {
            slowlog::note(self, command, arguments, taken);
        }
        if !self.state.monitors.is_empty() {
            monitor::feed(self, command, arguments);
        }
    }

    /// A command was refused before it could run.
    #[cold]
    pub(super) fn count_rejected(&mut self) {
        if let Some(command) = self.last {
            let number = self.number_of(command);
            self.state.stats.by_command[number].rejected += 1;
        }
    }
}

/// The commands that were called, or tried to be, each with what is known of its calls.
pub(super) fn all_stats<'a>(
    commands: &Index,
    stats: &'a [CommandStats],
) -> impl Iterator<Item = (&'static str, &'a CommandStats)> {
    let all = commands.all().flat_map(|one| std::iter::once(one).chain(one.subcommands));
    all.filter_map(|command| {
        let stats = stats.get(commands.number(command))?;
        (stats.calls > 0 || stats.rejected > 0).then_some((command.name, stats))
    })
}
