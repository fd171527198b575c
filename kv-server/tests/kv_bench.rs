//! The load generator as a program, against our server and against Redis.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

#[allow(dead_code, reason = "the other suites use the rest of it")]
mod common;

/// Runs `kv-bench`; it ends by itself, as each run here is short.
fn bench(address: SocketAddr, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kv-bench"));
    command.args(["--address", &address.to_string(), "--quiet"]).args(arguments);
    command.stdin(Stdio::null()).output().expect("the program can be run")
}

/// Its results; the run must be a good one.
#[track_caller]
fn measured(address: SocketAddr, arguments: &[&str]) -> Value {
    let output = bench(address, &[arguments, &["--json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("{name} is no number in {value}"))
}

/// Every way of load does what it was told, on a server of Redis's protocol.
fn every_way_does_what_it_is_told(address: SocketAddr) {
    let few = ["--connections", "4", "--keys", "50", "--value-size", "1-2000"];
    let run = |more: &[&str]| measured(address, &[&few, more].concat());

    let free = run(&["--mix", "get=3,set=1,incr,mset,del,ping,publish", "--requests", "2000"]);
    assert_eq!((free["way"].as_str(), number(&free, "operations")), (Some("free-running"), 2000));

    let step = run(&["--lock-step", "--pipeline", "16", "--requests", "1000"]);
    assert_eq!(step["way"], "lock-step");
    assert_eq!(number(&step, "operations"), 1024, "whole turns of 4 times 16");

    let zipf = run(&["--distribution", "zipf:0.9", "--pipeline", "7", "--requests", "700"]);
    assert!((700..728).contains(&number(&zipf, "operations")), "{zipf}");

    let open = run(&["--rate", "2000", "--requests", "401"]);
    assert_eq!((open["way"].as_str(), number(&open, "operations")), (Some("open loop"), 401));
    let seconds = open["seconds"].as_f64().expect("a number");
    assert!(seconds >= 0.2, "401 requests at 2000 a second took {seconds} s");

    let fan = run(&["--subscribers", "5", "--pipeline", "3", "--requests", "1"]);
    assert_eq!((fan["way"].as_str(), number(&fan, "operations")), (Some("fan-out"), 4 * 3 * 5));

    // 21 messages to each of five subscribers are the first that make 101 operations.
    let paced = ["--connections=4", "--subscribers=5", "--rate=400", "--requests=101"];
    let late = measured(address, &[&paced[..], &["--value-size=16-2000"]].concat());
    let (way, operations) = (late["way"].as_str(), number(&late, "operations"));
    assert_eq!((way, operations), (Some("open loop fan-out"), 105));
    let seconds = late["seconds"].as_f64().expect("a number");
    assert!(seconds >= 0.05, "21 messages at 400 a second took {seconds} s");

    for result in [free, step, zipf, open, fan, late] {
        assert_eq!(number(&result, "errors"), 0, "{result}");
        let latency = &result["latency_microseconds"];
        let order = ["p50", "p90", "p99", "p99.9", "p99.99", "max"];
        let values = order.map(|name| latency[name].as_f64().expect("a number"));
        assert!(values[0] > 0.0 && values.is_sorted(), "{latency}");
    }
}

#[test]
fn every_way_of_load_on_our_server() {
    let server = common::start(|_| {});
    every_way_does_what_it_is_told(server.address);
}

#[test]
fn a_run_lasts_as_long_as_it_was_told_and_tells_the_servers_time() {
    let server = common::start(|_| {});
    let process = std::process::id().to_string();
    let timed = ["--seconds", "0.2", "--warm-up", "0.05", "--server-process", &process];
    let result = measured(server.address, &timed);
    let seconds = result["seconds"].as_f64().expect("a number");
    assert!((0.2..5.0).contains(&seconds), "{seconds} s");
    // The server is a thread of ours.
    assert!(result["server_cpu_seconds"].as_f64().expect("a number") > 0.0, "{result}");
    assert!(result["server_cpu_seconds_per_million"].as_f64().expect("a number") > 0.1, "{result}");
}

#[test]
fn idle_connections_stand_beside_those_that_send() {
    let server = common::start(|config| config.max_clients = 20);
    let few = ["--connections", "4", "--keys", "50", "--requests", "400", "--lock-step"];
    let result = measured(server.address, &[&few[..], &["--idle", "16"]].concat());
    assert_eq!((number(&result, "operations"), number(&result, "idle")), (400, 16));
    // One more than the server takes: so they are there.
    let output = bench(server.address, &[&few[..], &["--idle", "17"]].concat());
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    // The word may be lost, if the server closes before it was read.
    let refused = ["max number of clients reached", "connection was lost"];
    assert!(refused.iter().any(|word| said.contains(word)), "{said}");
}

#[test]
fn a_password_is_given_and_a_wrong_one_is_told() {
    let server = common::start(|config| config.password = b"secret".to_vec());
    let few = ["--requests", "10", "--connections", "2", "--keys", "5"];
    let result = measured(server.address, &[&few[..], &["--password", "secret"]].concat());
    assert_eq!(number(&result, "errors"), 0);
    let output = bench(server.address, &[&few[..], &["--password", "guess"]].concat());
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("refuses AUTH: WRONGPASS"), "{said}");
}

#[test]
fn errors_are_counted_shown_and_the_exit_status() {
    let server = common::start(|_| {});
    let mut client = server.client();
    client.call("SET num:000000000000 word", "+OK\r\n");
    let few = ["--mix", "incr", "--keys", "1", "--requests", "8", "--connections", "2"];
    let output = bench(server.address, &[&few[..], &["--no-fill"]].concat());
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("errors      8; the first: ERR value is not an integer"), "{text}");
    assert!(text.contains("incr; 1 keys, uniform"), "{text}");
}

#[test]
fn nobody_who_listens_is_told_with_the_address() {
    // The port of a connection's other end: nobody listens there, and it is given to nobody else.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let held = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("it listens");
    let _other_end = listener.accept().expect("a client has connected");
    let address = held.local_addr().expect("it is connected");
    let output = bench(address, &["--requests", "1"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&format!("cannot connect to {address}")), "{said}");
}

#[test]
fn more_connections_than_files_are_refused_before_anything_is_sent() {
    let server = common::start(|_| {});
    let (soft, hard) = rlimit::Resource::NOFILE.get().expect("there is such a limit");
    if hard > 50_000 {
        return eprintln!("skipped: {hard} open files are allowed here, {soft} unless asked");
    }
    let output = bench(server.address, &["--connections", "60000", "--requests", "1"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    let told = format!("need 60032 open files, but this process may have {hard}");
    assert!(said.contains(&told), "{said}");
}

/// A Redis of our own, ended when dropped.
struct Redis {
    process: Child,
    address: SocketAddr,
}

impl Redis {
    /// `None` where it is not installed.
    fn start() -> Option<Redis> {
        // A port that was free may be taken by the time it binds; then it ends, and another is tried.
        (0..20).map_while(|_| Redis::spawn()).find_map(Redis::serving)
    }

    fn spawn() -> Option<Redis> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        drop(listener);
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &address.port().to_string()])
            .args(["--save", "", "--appendonly", "no"])
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::null())
            .spawn();
        Some(Redis { process: process.ok()?, address })
    }

    /// `None` if it ends instead.
    fn serving(mut self) -> Option<Redis> {
        let mut ended = false;
        common::wait_until("redis-server listens or ends", || {
            ended = self.process.try_wait().expect("it is our child").is_some();
            ended || TcpStream::connect(self.address).is_ok()
        });
        (!ended).then_some(self)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn every_way_of_load_on_redis() {
    match Redis::start() {
        Some(redis) => every_way_does_what_it_is_told(redis.address),
        None if std::env::var_os("CI").is_some() => panic!("redis-server is not installed"),
        None => eprintln!("skipped: redis-server is not installed"),
    }
}
