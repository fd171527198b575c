//! INFO: the server's state as lines of `name:value`, in sections. Clients look for some of the
//! names before they do anything else (`loading:0`, `redis_version`, `cluster_enabled`).

use std::fmt::Write;

use super::error::Outcome;
use super::{Call, REDIS_VERSION};
use crate::resp::Arguments;

type Section = fn(&Call<'_>, &mut String) -> std::fmt::Result;

/// The sections, in the order in which they are shown.
const SECTIONS: [(&str, Section); 9] = [
    ("Server", server),
    ("Clients", clients),
    ("Memory", memory),
    ("Persistence", persistence),
    ("Stats", stats),
    ("Replication", replication),
    ("Cluster", cluster),
    ("Keyspace", keyspace),
    ("Runtime", runtime),
];

/// `INFO [section …]`
pub(super) fn info(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let asked = |section: &str| {
        arguments.len() == 1
            || arguments.from(1).any(|name| {
                let all = [&b"default"[..], b"all", b"everything"];
                name.eq_ignore_ascii_case(section.as_bytes())
                    || all.iter().any(|all| name.eq_ignore_ascii_case(all))
            })
    };
    let mut text = String::new();
    for (name, section) in SECTIONS.into_iter().filter(|(name, _)| asked(name)) {
        if !text.is_empty() {
            text.push_str("\r\n");
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "# {name}\r\n").and_then(|()| section(call, &mut text));
    }
    call.reply.verbatim(&text);
    Ok(())
}

fn server(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let platform = &call.state.platform;
    let uptime = (call.now - platform.started).max(0) / 1000;
    write!(text, "redis_version:{REDIS_VERSION}\r\n")?;
    write!(text, "server_name:kv-server\r\n")?;
    write!(text, "server_version:{}\r\n", env!("CARGO_PKG_VERSION"))?;
    write!(text, "redis_mode:standalone\r\n")?;
    write!(text, "os:{}\r\n", std::env::consts::OS)?;
    write!(text, "arch_bits:{}\r\n", usize::BITS)?;
    write!(text, "multiplexing_api:{}\r\n", (platform.backend)())?;
    write!(text, "process_id:{}\r\n", std::process::id())?;
    write!(text, "run_id:{}\r\n", platform.run_id)?;
    write!(text, "tcp_port:{}\r\n", platform.port)?;
    write!(text, "uptime_in_seconds:{uptime}\r\n")?;
    write!(text, "uptime_in_days:{}\r\n", uptime / 86_400)
}

fn clients(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let state = &call.state;
    let subscribed = state.clients.iter().filter(|(_, client)| client.subscriptions() > 0).count();
    write!(text, "connected_clients:{}\r\n", state.clients.len())?;
    write!(text, "maxclients:{}\r\n", state.config.max_clients)?;
    write!(text, "blocked_clients:0\r\n")?;
    write!(text, "pubsub_clients:{subscribed}\r\n")
}

/// The allocator keeps no count that would be free to read, so `used_memory` is what the system
/// says: the resident memory of the process.
fn memory(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let resident = (call.state.platform.resident_memory)().unwrap_or(0);
    write!(text, "used_memory:{resident}\r\n")?;
    write!(text, "used_memory_rss:{resident}\r\n")?;
    write!(text, "maxmemory:0\r\n")?;
    write!(text, "maxmemory_policy:noeviction\r\n")
}

fn persistence(_: &Call<'_>, text: &mut String) -> std::fmt::Result {
    write!(text, "loading:0\r\nasync_loading:0\r\naof_enabled:0\r\n")
}

fn stats(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let stats = &call.state.stats;
    let (channels, patterns) = call.state.hub.counts();
    write!(text, "total_connections_received:{}\r\n", stats.connections)?;
    write!(text, "total_commands_processed:{}\r\n", stats.commands)?;
    write!(text, "total_net_input_bytes:{}\r\n", stats.input_bytes)?;
    write!(text, "total_net_output_bytes:{}\r\n", stats.output_bytes)?;
    write!(text, "rejected_connections:{}\r\n", stats.rejected_connections)?;
    write!(text, "expired_keys:{}\r\n", call.state.expired_keys())?;
    write!(text, "evicted_keys:0\r\n")?;
    write!(text, "keyspace_hits:{}\r\n", stats.hits)?;
    write!(text, "keyspace_misses:{}\r\n", stats.misses)?;
    write!(text, "pubsub_channels:{channels}\r\n")?;
    write!(text, "pubsub_patterns:{patterns}\r\n")
}

fn replication(_: &Call<'_>, text: &mut String) -> std::fmt::Result {
    write!(text, "role:master\r\nconnected_slaves:0\r\n")
}

fn cluster(_: &Call<'_>, text: &mut String) -> std::fmt::Result {
    write!(text, "cluster_enabled:0\r\n")
}

fn keyspace(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    for (index, database) in call.state.databases.iter().enumerate() {
        if !database.is_empty() {
            let (keys, expires) = (database.len(), database.deadlines());
            write!(text, "db{index}:keys={keys},expires={expires},avg_ttl=0\r\n")?;
        }
    }
    Ok(())
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
