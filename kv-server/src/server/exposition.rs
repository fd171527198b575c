//! What `GET /metrics` shows, in Prometheus's text format: counters end in `_total`, units are
//! seconds and bytes, and a label names what a row is about.

use std::fmt::{Display, Write};
use std::time::Duration;

use crate::cmd::command_stats;
use crate::state::State;
use crate::stats::CommandStats;

/// The whole page, at the unix time `now`.
pub(super) fn exposition(state: &State, now: Duration) -> String {
    let mut page = Page { text: String::with_capacity(8 << 10) };
    page.process(state, now);
    page.clients(state);
    page.commands(state);
    page.data(state);
    page.text
}

struct Page {
    text: String,
}

impl Page {
    /// Begins a metric: its rows follow.
    fn metric(&mut self, kind: &str, name: &str, help: &str) {
        // Writing to a string cannot fail, here and below.
        let _ = write!(self.text, "# HELP kv_{name} {help}\n# TYPE kv_{name} {kind}\n");
    }

    /// A row with a label, whose value comes from a fixed set of plain words.
    fn row(&mut self, name: &str, label: &str, of: impl Display, value: impl Display) {
        let _ = writeln!(self.text, "kv_{name}{{{label}=\"{of}\"}} {value}");
    }

    fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.metric("counter", name, help);
        let _ = writeln!(self.text, "kv_{name} {value}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.metric("gauge", name, help);
        let _ = writeln!(self.text, "kv_{name} {value}");
    }

    fn process(&mut self, state: &State, now: Duration) {
        let platform = &state.platform;
        let (usage, metrics) = ((platform.usage)(), (platform.metrics)());
        self.metric("gauge", "info", "What this server is.");
        let (version, runtime) = (env!("CARGO_PKG_VERSION"), platform.runtime);
        let backend = (platform.backend)();
        let _ = writeln!(
            self.text,
            "kv_info{{version=\"{version}\",runtime=\"{runtime}\",backend=\"{backend}\"}} 1"
        );
        let started = Duration::from_millis(u64::try_from(platform.started).unwrap_or(0));
        let uptime = now.saturating_sub(started).as_secs_f64();
        self.gauge("uptime_seconds", "Time since the start.", uptime);
        self.metric("counter", "cpu_seconds_total", "Processor time of this process.");
        self.row("cpu_seconds_total", "mode", "user", usage.user.as_secs_f64());
        self.row("cpu_seconds_total", "mode", "system", usage.system.as_secs_f64());
        let resident = usage.resident_memory;
        self.gauge("memory_resident_bytes", "Memory that the process has.", resident);
        for (name, help, count) in [
            ("runtime_tasks", "Tasks that live.", metrics.tasks),
            ("runtime_sources", "Descriptors that are registered.", metrics.sources),
            ("runtime_timers", "Deadlines that are armed.", metrics.timers),
        ] {
            if let Some(count) = count {
                self.gauge(name, help, count);
            }
        }
    }

    fn clients(&mut self, state: &State) {
        let stats = &state.stats;
        let names = state.hub.counts();
        self.gauge("connected_clients", "Clients that are connected.", state.clients.len());
        self.gauge("max_clients", "Clients that there may be.", state.config.max_clients);
        self.gauge("monitors", "Clients that watch all others.", state.monitors.len());
        self.gauge("pubsub_channels", "Channels that have subscribers.", names.channels);
        self.gauge("pubsub_patterns", "Patterns that have subscribers.", names.patterns);
        self.counter("connections_total", "Connections that were accepted.", stats.connections);
        let rejected = stats.rejected_connections;
        self.counter("connections_rejected_total", "Those that were one too many.", rejected);
        let slow = stats.slow_clients;
        self.counter("clients_cut_off_total", "Clients that did not keep up.", slow);
        self.counter("input_bytes_total", "Bytes from clients.", stats.input_bytes);
        self.counter("output_bytes_total", "Bytes to clients.", stats.output_bytes);
    }

    fn commands(&mut self, state: &State) {
        type Value = fn(&CommandStats) -> f64;
        let columns: [(&str, &str, Value); 4] = [
            ("commands_total", "Calls of commands.", |stats| stats.calls as f64),
            ("commands_failed_total", "Those answered with an error.", |s| s.failed as f64),
            ("commands_rejected_total", "Calls that were not tried.", |s| s.rejected as f64),
            ("command_seconds_total", "Time that commands took, from a sample.", |stats| {
                stats.microseconds() as f64 / 1e6
            }),
        ];
        for (name, help, value) in columns {
            self.metric("counter", name, help);
            for (command, stats) in command_stats(state) {
                self.row(name, "command", command, value(stats));
            }
        }
        self.metric("counter", "error_replies_total", "Errors, by the code of the reply.");
        for (code, count) in &state.stats.errors {
            self.row("error_replies_total", "code", code, count);
        }
        self.gauge("slowlog_entries", "Entries of the slow log.", state.slowlog.len());
    }

    fn data(&mut self, state: &State) {
        let stats = &state.stats;
        let databases = || state.databases.iter().enumerate();
        self.metric("gauge", "keys", "Keys, by database.");
        for (index, database) in databases() {
            self.row("keys", "db", index, database.len());
        }
        self.metric("gauge", "keys_with_deadline", "Keys that will expire, by database.");
        for (index, database) in databases() {
            self.row("keys_with_deadline", "db", index, database.deadlines());
        }
        self.counter("keyspace_hits_total", "Reads that found their key.", stats.hits);
        self.counter("keyspace_misses_total", "Reads that did not.", stats.misses);
        self.counter("expired_keys_total", "Keys that expired.", state.expired_keys());
        self.counter("evicted_keys_total", "Keys that went for want of memory.", stats.evicted);
        let used = state.used_memory();
        self.gauge("memory_used_bytes", "Memory that counts for the limit.", used);
        self.gauge("memory_max_bytes", "The limit; 0 is none.", state.config.max_memory);
    }
}
