//! maxmemory: what goes, and what is refused when nothing may go.

use std::time::Duration;

use super::{Bench, OK};
use crate::clients::Slot;

const OOM: &str = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

#[test]
fn without_eviction_what_needs_memory_is_refused_and_the_rest_is_not() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("SET a 1", OK),
            ("CONFIG SET maxmemory 1", OK),
            ("SET b 1", OOM),
            ("INCR a", OOM),
            ("NOPE", "-ERR unknown command 'NOPE', with args beginning with: \r\n"),
            ("SET a", "-ERR wrong number of arguments for 'set' command\r\n"),
            ("GET a", "$1\r\n1\r\n"),
            ("DEL a", ":1\r\n"),
            ("SET b 1", OK),
            ("SET c 1", OOM),
            ("CONFIG SET maxmemory 0", OK),
            ("SET c 1", OK),
        ],
    );
    let info = bench.call(slot, "INFO commandstats errorstats");
    assert!(info.contains("errorstat_OOM:count=3\r\n"), "{info}");
    let set = info.lines().find(|line| line.starts_with("cmdstat_set:")).expect("it was called");
    assert!(set.contains("calls=3,") && set.ends_with("rejected_calls=3,failed_calls=0"), "{set}");
}

#[test]
fn a_transaction_that_grows_is_refused_as_a_whole() {
    let mut bench = Bench::new();
    let (slot, other) = (bench.client(), bench.client());
    let queued = "+QUEUED\r\n";
    let why = format!("-EXECABORT Transaction discarded because of: {}", &OOM[1..]);
    bench.dialogue(slot, &[("SET a 1", OK), ("MULTI", OK), ("SET a 2", queued)]);
    bench.dialogue(other, &[("CONFIG SET maxmemory 1", OK)]);
    bench.dialogue(slot, &[("EXEC", &why), ("MULTI", OK), ("GET a", OOM), ("DISCARD", OK)]);
    bench.dialogue(other, &[("CONFIG SET maxmemory 0", OK)]);
    bench.dialogue(slot, &[("MULTI", OK), ("GET a", queued)]);
    bench.dialogue(other, &[("CONFIG SET maxmemory 1", OK)]);
    bench.dialogue(slot, &[("EXEC", "*1\r\n$1\r\n1\r\n")]);
}

#[test]
fn in_a_batch_the_limit_holds_from_the_next_command_on() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let replies = bench.send(slot, b"SET a 1\r\nCONFIG SET maxmemory 1\r\nSET b 1\r\nGET a\r\n");
    assert_eq!(replies, format!("{OK}{OK}{OOM}$1\r\n1\r\n"));
}

#[test]
fn the_limit_is_held_and_what_goes_is_counted_and_written_down() {
    for policy in ["allkeys-lru", "allkeys-lfu", "allkeys-random"] {
        let mut bench = Bench::new();
        let slot = bench.client();
        bench.state.journal.keep(true);
        bench.dialogue(slot, &[("CONFIG SET maxmemory 200kb", OK)]);
        bench.dialogue(slot, &[(&format!("CONFIG SET maxmemory-policy {policy}"), OK)]);
        let value = "v".repeat(100);
        for number in 0..5000 {
            bench.call(slot, &format!("SET key:{number} {value}"));
            let used = bench.state.used_memory();
            assert!(used < (200 << 10) + 1000, "{policy}: {used} bytes after {number} keys");
        }
        let left = bench.state.databases.at(0).len() as u64;
        assert!(left > 500, "{policy}: {left} keys are left");
        let evicted = bench.state.stats.evicted;
        assert_eq!(left + evicted, 5000, "{policy}");
        let info = bench.call(slot, "INFO stats");
        assert!(info.contains(&format!("evicted_keys:{evicted}\r\n")), "{policy}: {info}");
        let journal = bench.state.journal.take();
        let deletions = journal.windows(9).filter(|bytes| bytes == b"$3\r\nDEL\r\n").count();
        assert_eq!(deletions as u64, evicted, "{policy}");
    }
}

#[test]
fn volatile_policies_touch_only_what_has_a_deadline() {
    for policy in ["volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"] {
        let mut bench = Bench::new();
        let slot = bench.client();
        for number in 0..1000 {
            bench.call(slot, &format!("SET stays:{number} v"));
        }
        for number in 0..20 {
            bench.call(slot, &format!("SET goes:{number} v EX {}", 1000 + number));
        }
        bench.dialogue(slot, &[(&format!("CONFIG SET maxmemory-policy {policy}"), OK)]);
        let limit = bench.state.used_memory();
        bench.dialogue(slot, &[(&format!("CONFIG SET maxmemory {limit}"), OK)]);
        for number in 0..10 {
            assert_eq!(bench.call(slot, &format!("SET new:{number} v")), OK, "{policy}");
        }
        let database = bench.state.databases.at(0);
        assert!(database.deadlines() < 20, "{policy}: {} deadlines", database.deadlines());
        assert_eq!(database.len() - database.deadlines(), 1010, "{policy}");
        if policy == "volatile-ttl" {
            assert_eq!(bench.call(slot, "EXISTS goes:0"), ":0\r\n", "the first to end goes first");
            assert_eq!(bench.call(slot, "EXISTS goes:19"), ":1\r\n");
        }
        bench.call(slot, "CONFIG SET maxmemory 1");
        assert_eq!(bench.call(slot, "SET x v"), OOM, "{policy}: nothing more may go");
        assert_eq!(bench.state.databases.at(0).len(), 1010, "{policy}");
    }
}

#[test]
fn a_much_lower_limit_is_reached_in_steps_and_nobody_is_refused_meanwhile() {
    let mut bench = Bench::new();
    let slot = bench.client();
    for number in 0..30_000 {
        bench.call(slot, &format!("SET key:{number} v"));
    }
    bench.dialogue(slot, &[("CONFIG SET maxmemory-policy allkeys-random maxmemory 100kb", OK)]);
    let mut before = bench.state.databases.at(0).len();
    assert!(before > 10_000, "not all at once: {before} are left");
    for number in 0..100 {
        assert_eq!(bench.call(slot, &format!("SET new:{number} v")), OK);
        let after = bench.state.databases.at(0).len();
        assert!(after <= before + 1 && before <= after + 512, "{before} keys, then {after}");
        before = after;
    }
    assert!(bench.state.used_memory() <= (100 << 10) + 200);
}

#[test]
fn replies_that_wait_count_too() {
    let mut bench = Bench::new();
    let (slot, subscriber) = (bench.client(), bench.client());
    bench.call(subscriber, "SUBSCRIBE news");
    bench.dialogue(slot, &[("CONFIG SET maxmemory 50kb", OK), ("SET a 1", OK)]);
    bench.call(slot, &format!("PUBLISH news {}", "x".repeat(60_000)));
    bench.dialogue(slot, &[("SET b 1", OOM)]);
    bench.received(subscriber);
    bench.dialogue(slot, &[("SET b 1", OK)]);
    assert_eq!(bench.state.clients.buffers.held(), 0);
}

/// Keys as they are asked for in real life: the k-th most wanted one time in k.
struct Zipf {
    sums: Vec<f64>,
    random: u64,
}

impl Zipf {
    fn new(keys: u32) -> Zipf {
        let mut sum = 0.0;
        let add = |rank: u32| {
            sum += 1.0 / f64::from(rank);
            sum
        };
        Zipf { sums: (1..=keys).map(add).collect(), random: 7 }
    }

    fn next(&mut self) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let all = self.sums[self.sums.len() - 1];
        let point = (self.random >> 33) as f64 / f64::from(1_u32 << 31) * all;
        self.sums.partition_point(|&sum| sum < point)
    }
}

/// The share of reads that find their key, where what is not found is written.
fn hit_rate(policy: &str) -> f64 {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.call(slot, &format!("CONFIG SET maxmemory-policy {policy} maxmemory 60kb"));
    let mut keys = Zipf::new(5000);
    let load = |bench: &mut Bench, keys: &mut Zipf, slot: Slot, count: usize| {
        for number in 0..count {
            if number % 20 == 0 {
                bench.now += Duration::from_secs(1);
            }
            let key = keys.next();
            if bench.call(slot, &format!("GET {key}")) == super::NULL {
                bench.call(slot, &format!("SET {key} v"));
            }
        }
    };
    load(&mut bench, &mut keys, slot, 15_000);
    bench.call(slot, "CONFIG RESETSTAT");
    load(&mut bench, &mut keys, slot, 30_000);
    let stats = &bench.state.stats;
    assert!(stats.evicted > 1000, "{policy}: only {} had to go", stats.evicted);
    stats.hits as f64 / (stats.hits + stats.misses) as f64
}

#[test]
fn keeping_what_is_used_hits_more_often_than_chance() {
    let [random, lru, lfu] = ["allkeys-random", "allkeys-lru", "allkeys-lfu"].map(hit_rate);
    assert!(lru > random + 0.02, "lru {lru:.3}, random {random:.3}");
    assert!(lfu > lru, "lfu {lfu:.3}, lru {lru:.3}");
}
