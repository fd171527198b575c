//! INFO: the server's state as lines of `name:value`, in sections. Clients look for some of the
//! names before they do anything else (`loading:0`, `redis_version`, `cluster_enabled`), and tools
//! that draw charts for the others.
//!
//! The names are Redis's. What this server does not have is 0 where a tool would stumble over its
//! absence, and missing otherwise.

use std::fmt::Write;

use super::Call;
use super::error::Outcome;
use super::info_counters::{commandstats, cpu, errorstats, latencystats, stats};
use super::info_state::{clients, memory, server};
use crate::db::{Database, Millis};
use crate::persistence::Record;
use crate::resp::Arguments;

type Section = fn(&Call<'_>, &mut String) -> std::fmt::Result;

/// The sections, in the order in which they are shown; and whether one is shown to who asks for
/// none.
const SECTIONS: [(&str, bool, Section); 14] = [
    ("Server", true, server),
    ("Clients", true, clients),
    ("Memory", true, memory),
    ("Persistence", true, persistence),
    ("Stats", true, stats),
    ("Replication", true, replication),
    ("CPU", true, cpu),
    ("Modules", true, modules),
    ("Commandstats", false, commandstats),
    ("Errorstats", true, errorstats),
    ("Latencystats", false, latencystats),
    ("Cluster", true, cluster),
    ("Keyspace", true, keyspace),
    ("Runtime", true, runtime),
];

/// `INFO [section …]`
pub(super) fn info(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let now = call.now;
    if call.state.stats.is_window_over(now) {
        call.close_window();
    }
    let is_named =
        |name: &str| arguments.from(1).any(|asked| asked.eq_ignore_ascii_case(name.as_bytes()));
    let default = arguments.len() == 1 || is_named("default");
    let everything = is_named("everything");
    let all = everything || is_named("all");
    let mut text = String::new();
    for (name, is_default, section) in SECTIONS {
        let in_all = all && (everything || name != "Modules");
        if !(in_all || (default && is_default) || is_named(name)) {
            continue;
        }
        if !text.is_empty() {
            text.push_str("\r\n");
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "# {name}\r\n").and_then(|()| section(call, &mut text));
    }
    call.reply.verbatim(&text);
    Ok(())
}

fn persistence(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let state = &call.state;
    let persistence = &state.persistence;
    let (rewrite, save) = (&persistence.rewrite, &persistence.save);
    let flag = u8::from;
    let status = |good: bool| if good { "ok" } else { "err" };
    let seconds = |millis: Option<i64>| millis.map_or(-1, |millis| millis / 1000);
    let running = |record: &Record| seconds(record.began.map(|began| (call.now - began).max(0)));
    let unsaved = persistence.unsaved(state.databases.dirty);
    let is_on = state.journal.is_on();
    write!(text, "loading:0\r\nasync_loading:0\r\n")?;
    write!(text, "rdb_changes_since_last_save:{unsaved}\r\n")?;
    write!(text, "rdb_bgsave_in_progress:{}\r\n", flag(save.began.is_some()))?;
    write!(text, "rdb_last_save_time:{}\r\n", persistence.last_save / 1000)?;
    write!(text, "rdb_last_bgsave_status:{}\r\n", status(save.succeeded))?;
    write!(text, "rdb_last_bgsave_time_sec:{}\r\n", seconds(save.took))?;
    write!(text, "rdb_current_bgsave_time_sec:{}\r\n", running(save))?;
    write!(text, "rdb_saves:{}\r\n", save.count)?;
    write!(text, "aof_enabled:{}\r\n", flag(is_on))?;
    write!(text, "aof_rewrite_in_progress:{}\r\n", flag(rewrite.began.is_some()))?;
    write!(text, "aof_rewrite_scheduled:{}\r\n", flag(persistence.wanted.rewrite))?;
    write!(text, "aof_last_rewrite_time_sec:{}\r\n", seconds(rewrite.took))?;
    write!(text, "aof_current_rewrite_time_sec:{}\r\n", running(rewrite))?;
    write!(text, "aof_last_bgrewrite_status:{}\r\n", status(rewrite.succeeded))?;
    write!(text, "aof_rewrites:{}\r\n", rewrite.count)?;
    write!(text, "aof_last_write_status:{}\r\n", status(state.journal.failure().is_none()))?;
    if is_on {
        write!(text, "aof_current_size:{}\r\n", persistence.log_size)?;
        write!(text, "aof_base_size:{}\r\n", persistence.base_size)?;
        write!(text, "aof_buffer_length:{}\r\n", state.journal.pending())?;
    }
    Ok(())
}

fn replication(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    write!(text, "role:master\r\nconnected_slaves:0\r\nmaster_failover_state:no-failover\r\n")?;
    write!(text, "master_replid:{}\r\n", call.state.platform.run_id)?;
    write!(text, "master_replid2:{:0>40}\r\n", 0)?;
    write!(text, "master_repl_offset:0\r\nsecond_repl_offset:-1\r\nrepl_backlog_active:0\r\n")?;
    write!(text, "repl_backlog_size:0\r\nrepl_backlog_first_byte_offset:0\r\n")?;
    write!(text, "repl_backlog_histlen:0\r\n")
}

/// There are none; the section's title is shown all the same.
fn modules(_: &Call<'_>, _: &mut String) -> std::fmt::Result {
    Ok(())
}

fn cluster(_: &Call<'_>, text: &mut String) -> std::fmt::Result {
    write!(text, "cluster_enabled:0\r\n")
}

fn keyspace(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    for (index, database) in call.state.databases.iter().enumerate() {
        if !database.is_empty() {
            let (keys, expires) = (database.len(), database.deadlines());
            let left = average_left(database, call.now);
            write!(text, "db{index}:keys={keys},expires={expires},avg_ttl={left}\r\n")?;
        }
    }
    Ok(())
}

/// The milliseconds that keys with a deadline have left on average; an estimate from a sample.
fn average_left(database: &Database, now: Millis) -> Millis {
    const SAMPLE: usize = 1000;
    if database.deadlines() == 0 {
        return 0;
    }
    let rows = database.rows();
    let sample = rows.iter().step_by(rows.len().div_ceil(SAMPLE));
    let left: Vec<Millis> =
        sample.filter_map(|row| row.deadline().millis()).map(|when| (when - now).max(0)).collect();
    let sum: i128 = left.iter().map(|&left| i128::from(left)).sum();
    let average = sum.checked_div(left.len() as i128).unwrap_or(0);
    Millis::try_from(average).unwrap_or(Millis::MAX)
}

/// What this server runs on. A count that the runtime does not keep is not shown.
fn runtime(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let platform = &call.state.platform;
    let metrics = (platform.metrics)();
    write!(text, "runtime:{}\r\n", platform.runtime)?;
    write!(text, "backend:{}\r\n", (platform.backend)())?;
    let counts =
        [("tasks", metrics.tasks), ("sources", metrics.sources), ("timers", metrics.timers)];
    for (name, count) in counts {
        if let Some(count) = count {
            write!(text, "{name}:{count}\r\n")?;
        }
    }
    write!(text, "connected_clients:{}\r\n", call.state.clients.len())?;
    write!(text, "slow_clients_disconnected:{}\r\n", call.state.stats.slow_clients)
}
