//! Redis's directives that mean nothing here: a file that was written for Redis has them.

/// What to do about a directive that is no setting of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing: it tunes what this server does not have.
    Unused,
    /// Refuse to start: who wrote it relies on something that this server would not do.
    Refused,
    /// Refuse to start: it is a mistake.
    No,
}

/// Whoever sets one of these trusts the server to keep somebody out, or to be part of something
/// larger.
const REFUSED: &[&str] = &[
    "aclfile",
    "cluster-enabled",
    "loadmodule",
    "masterauth",
    "masteruser",
    "replicaof",
    "slaveof",
    "tls-cluster",
    "tls-port",
    "tls-replication",
    "unixsocket",
    "user",
];

/// The others; a star stands for whatever follows.
const UNUSED: &[&str] = &[
    "acl-pubsub-default",
    "acllog-max-len",
    "active-*",
    "activedefrag",
    "activerehashing",
    "always-show-logo",
    "aof-*",
    "aof_rewrite_cpulist",
    "bgsave_cpulist",
    "bind-source-addr",
    "bio_cpulist",
    "busy-reply-threshold",
    "cluster-*",
    "crash-*",
    "daemonize",
    "disable-thp",
    "dynamic-hz",
    "enable-*",
    "hash-max-*",
    "hll-sparse-max-bytes",
    "hz",
    "ignore-warnings",
    "io-threads*",
    "jemalloc-bg-thread",
    "latency-*",
    "lazyfree-*",
    "list-compress-depth",
    "list-max-*",
    "locale-collate",
    "lua-time-limit",
    "maxmemory-clients",
    "maxmemory-eviction-tenacity",
    "min-replicas-*",
    "min-slaves-*",
    "oom-score-adj*",
    "pidfile",
    "proc-title-template",
    "propagation-error-behavior",
    "rdb*",
    "repl-*",
    "replica-*",
    "sanitize-dump-payload",
    "server_cpulist",
    "set-max-*",
    "set-proc-title",
    "shutdown-*",
    "slave-*",
    "socket-mark-id",
    "stream-node-max-*",
    "supervised",
    "syslog-*",
    "tls-*",
    "tracking-table-max-keys",
    "unixsocketperm",
    "zset-max-*",
];

/// What is known of a directive that is no setting. `name` is in lower case.
pub(super) fn known(name: &str, value: &str) -> Known {
    let is_off = matches!(value, "" | "no" | "0");
    if REFUSED.contains(&name) {
        return if is_off { Known::Unused } else { Known::Refused };
    }
    let is_this = |unused: &&str| match unused.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *unused,
    };
    if UNUSED.iter().any(is_this) { Known::Unused } else { Known::No }
}
