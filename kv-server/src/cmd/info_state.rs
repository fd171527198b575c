//! INFO's sections about what is so at this moment: the process, its clients, its memory.

use std::fmt::{Display, Write};

use super::{Call, REDIS_VERSION};
use crate::config::setting;

/// One line.
pub(super) fn line(text: &mut String, name: &str, value: impl Display) -> std::fmt::Result {
    write!(text, "{name}:{value}\r\n")
}

pub(super) fn server(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let (platform, config) = (&call.state.platform, &call.state.config);
    let uptime = (call.now - platform.started).max(0) / 1000;
    let executable = std::env::current_exe().unwrap_or_default();
    let file = config.file.clone().unwrap_or_default();
    line(text, "redis_version", REDIS_VERSION)?;
    line(text, "redis_git_sha1", "00000000")?;
    line(text, "redis_git_dirty", 0)?;
    line(text, "redis_build_id", 0)?;
    line(text, "server_name", "kv-server")?;
    line(text, "server_version", env!("CARGO_PKG_VERSION"))?;
    line(text, "redis_mode", "standalone")?;
    line(text, "os", format_args!("{} {}", std::env::consts::OS, std::env::consts::ARCH))?;
    line(text, "arch_bits", usize::BITS)?;
    line(text, "multiplexing_api", (platform.backend)())?;
    line(text, "process_id", std::process::id())?;
    line(text, "process_supervised", "no")?;
    line(text, "run_id", &platform.run_id)?;
    line(text, "tcp_port", config.bind.port())?;
    line(text, "server_time_usec", call.time.as_micros())?;
    line(text, "uptime_in_seconds", uptime)?;
    line(text, "uptime_in_days", uptime / 86_400)?;
    line(text, "lru_clock", call.time.as_secs() & 0xff_ffff)?;
    line(text, "executable", executable.display())?;
    line(text, "config_file", file.display())
}

pub(super) fn clients(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let state = &call.state;
    let subscribed = state.clients.iter().filter(|(_, client)| client.subscriptions() > 0).count();
    let backlog = state.clients.iter().map(|(_, client)| client.outbox.backlog()).max();
    line(text, "connected_clients", state.clients.len())?;
    line(text, "cluster_connections", 0)?;
    line(text, "maxclients", state.config.max_clients)?;
    line(text, "client_recent_max_input_buffer", 0)?;
    line(text, "client_recent_max_output_buffer", backlog.unwrap_or(0))?;
    line(text, "blocked_clients", 0)?;
    line(text, "tracking_clients", 0)?;
    line(text, "clients_in_timeout_table", 0)?;
    line(text, "pubsub_clients", subscribed)?;
    line(text, "monitor_clients", state.monitors.len())
}

/// `used_memory` is what `maxmemory` limits: what the data needs, replies that wait, requests that have
/// not come whole, queues of transactions, subscriptions and watched keys, by our own count. What the process really has is `used_memory_rss`.
pub(super) fn memory(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let state = &call.state;
    let usage = (state.platform.usage)();
    let (used, data) = (state.used_memory(), state.databases.used());
    let peak = state.stats.peak_memory.max(used);
    let resident = usage.resident_memory;
    let policy = setting(b"maxmemory-policy").map_or(String::new(), |row| (row.get)(&state.config));
    let ratio = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let limit = state.config.max_memory;
    for (name, bytes) in [
        ("used_memory", used as u64),
        ("used_memory_rss", resident),
        ("used_memory_peak", peak as u64),
        ("total_system_memory", usage.total_memory),
        ("maxmemory", limit as u64),
    ] {
        line(text, name, bytes)?;
        line(text, &format!("{name}_human"), human(bytes))?;
    }
    let percent = |part: usize, whole: usize| 100.0 * ratio(part as f64, whole as f64);
    line(text, "used_memory_peak_perc", format_args!("{:.2}%", percent(used, peak)))?;
    line(text, "used_memory_overhead", used - data)?;
    line(text, "used_memory_startup", 0)?;
    line(text, "used_memory_dataset", data)?;
    line(text, "used_memory_dataset_perc", format_args!("{:.2}%", percent(data, used)))?;
    line(text, "used_memory_lua", 0)?;
    line(text, "used_memory_scripts", 0)?;
    line(text, "maxmemory_policy", policy)?;
    line(text, "allocator_allocated", state.databases.memory())?;
    let fragmentation = ratio(resident as f64, used as f64);
    line(text, "mem_fragmentation_ratio", format_args!("{fragmentation:.2}"))?;
    let fragments = i128::from(resident) - used as i128;
    line(text, "mem_fragmentation_bytes", fragments)?;
    line(text, "mem_not_counted_for_evict", 0)?;
    line(text, "mem_clients_slaves", 0)?;
    line(text, "mem_clients_normal", state.clients_memory())?;
    line(text, "mem_aof_buffer", 0)?;
    line(text, "mem_allocator", "libc")?;
    line(text, "active_defrag_running", 0)?;
    line(text, "lazyfree_pending_objects", 0)?;
    line(text, "lazyfreed_objects", 0)
}

/// A number of bytes, short.
fn human(bytes: u64) -> String {
    for (shift, unit) in [(40, 'T'), (30, 'G'), (20, 'M'), (10, 'K')] {
        if bytes >= 1 << shift {
            return format!("{:.2}{unit}", bytes as f64 / (1_u64 << shift) as f64);
        }
    }
    format!("{bytes}B")
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn bytes_are_written_as_redis_writes_them() {
        let written = [0, 1023, 1024, 990_680, 7_045_120, 25_274_793_984].map(human);
        assert_eq!(written, ["0B", "1023B", "1.00K", "967.46K", "6.72M", "23.54G"]);
    }
}
