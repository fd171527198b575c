//! INFO's sections about what happened so far.

use std::fmt::Write;

use super::Call;
use super::info_state::line;
use super::measure::all_stats;

pub(super) fn stats(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let stats = &call.state.stats;
    let names = call.state.hub.counts();
    let [commands, input, output] = stats.rates();
    let errors: u64 = stats.errors.iter().map(|(_, count)| count).sum();
    line(text, "total_connections_received", stats.connections)?;
    line(text, "total_commands_processed", stats.commands)?;
    line(text, "instantaneous_ops_per_sec", commands.round())?;
    line(text, "total_net_input_bytes", stats.input_bytes)?;
    line(text, "total_net_output_bytes", stats.output_bytes)?;
    line(text, "total_net_repl_input_bytes", 0)?;
    line(text, "total_net_repl_output_bytes", 0)?;
    line(text, "instantaneous_input_kbps", format_args!("{:.2}", input / 1024.0))?;
    line(text, "instantaneous_output_kbps", format_args!("{:.2}", output / 1024.0))?;
    line(text, "rejected_connections", stats.rejected_connections)?;
    line(text, "sync_full", 0)?;
    line(text, "sync_partial_ok", 0)?;
    line(text, "sync_partial_err", 0)?;
    line(text, "expired_keys", call.state.expired_keys())?;
    line(text, "expired_stale_perc", "0.00")?;
    line(text, "expired_time_cap_reached_count", 0)?;
    line(text, "evicted_keys", stats.evicted)?;
    line(text, "evicted_clients", 0)?;
    line(text, "keyspace_hits", stats.hits)?;
    line(text, "keyspace_misses", stats.misses)?;
    line(text, "pubsub_channels", names.channels)?;
    line(text, "pubsub_patterns", names.patterns)?;
    line(text, "pubsubshard_channels", names.shard_channels)?;
    line(text, "latest_fork_usec", 0)?;
    line(text, "total_forks", 0)?;
    line(text, "migrate_cached_sockets", 0)?;
    line(text, "slave_expires_tracked_keys", 0)?;
    line(text, "tracking_total_keys", 0)?;
    line(text, "total_error_replies", errors)
}

pub(super) fn cpu(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let usage = (call.state.platform.usage)();
    for (name, time) in [
        ("used_cpu_sys", usage.system),
        ("used_cpu_user", usage.user),
        ("used_cpu_sys_children", usage.children_system),
        ("used_cpu_user_children", usage.children_user),
    ] {
        line(text, name, format_args!("{:.6}", time.as_secs_f64()))?;
    }
    Ok(())
}

pub(super) fn commandstats(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    for (name, stats) in all_stats(call.commands, &call.state.stats.by_command) {
        let (calls, rejected, failed) = (stats.calls, stats.rejected, stats.failed);
        let spent = stats.microseconds();
        let each = if calls == 0 { 0.0 } else { spent as f64 / calls as f64 };
        write!(
            text,
            "cmdstat_{name}:calls={calls},usec={spent},usec_per_call={each:.2},\
             rejected_calls={rejected},failed_calls={failed}\r\n"
        )?;
    }
    Ok(())
}

/// In microseconds, as Redis has them.
pub(super) fn latencystats(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    for (name, stats) in all_stats(call.commands, &call.state.stats.by_command) {
        let told = ["50", "99", "99.9"].map(|percent| {
            let nanoseconds = stats.latencies.percentile(percent.parse().ok()?)?;
            Some(format!("p{percent}={:.3}", nanoseconds as f64 / 1000.0))
        });
        if let [Some(half), Some(most), Some(nearly_all)] = told {
            write!(text, "latency_percentiles_usec_{name}:{half},{most},{nearly_all}\r\n")?;
        }
    }
    Ok(())
}

pub(super) fn errorstats(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    for (code, count) in &call.state.stats.errors {
        write!(text, "errorstat_{code}:count={count}\r\n")?;
    }
    Ok(())
}
