//! `GET /metrics`, over real sockets and read by a parser of the format.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use kv_server::config::Config;
use kv_server::rt;
use kv_server::server::{Server, StopHandle};
use prometheus_parse::{Sample, Scrape, Value};

const DEADLINE: Duration = Duration::from_secs(20);

/// A server with metrics, until it is dropped.
struct Running {
    redis: SocketAddr,
    metrics: SocketAddr,
    stop: StopHandle,
    thread: Option<JoinHandle<Result<usize, String>>>,
}

fn start() -> Running {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = Config { bind: free, metrics: Some(free), ..Config::default() };
    let (started, is_started) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        rt::block_on(async move {
            let server = Server::bind(config).expect("free ports of the loopback");
            let metrics = server.metrics_addr().expect("they were asked for");
            let handle = server.stop_handle();
            started.send((server.local_addr(), metrics, handle)).expect("the test waits");
            server.run().await
        })
        .expect("a runtime")
    });
    let (redis, metrics, stop) = is_started.recv_timeout(DEADLINE).expect("it starts in time");
    Running { redis, metrics, stop, thread: Some(thread) }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            let left = thread.join();
            assert!(
                matches!(left, Ok(Ok(_))) || std::thread::panicking(),
                "the server ended badly: {left:?}"
            );
        }
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("a duration that is not zero");
    stream.set_write_timeout(Some(DEADLINE)).expect("a duration that is not zero");
    stream
}

/// The head and the body of one answer.
fn answer(reader: &mut BufReader<TcpStream>) -> (String, String) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let count = reader.read_line(&mut head).expect("a head in time");
        assert!(count > 0, "the answer ends early: {head}");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length: usize = length.expect("a length").parse().expect("a number");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the whole body in time");
    (head, String::from_utf8(body).expect("text"))
}

fn scrape(reader: &mut BufReader<TcpStream>) -> Vec<Sample> {
    reader.get_mut().write_all(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n").expect("it reads");
    let (head, body) = answer(reader);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("Content-Type: text/plain; version=0.0.4"), "{head}");
    let lines = body.lines().map(|line| Ok(line.to_owned()));
    let samples = Scrape::parse(lines).expect("the format is sound").samples;
    let rows = body.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(samples.len(), rows, "the parser understood every row of {body}");
    samples
}

fn value(samples: &[Sample], name: &str, label: Option<(&str, &str)>) -> f64 {
    let is_this = |sample: &&Sample| {
        let has = |(key, of): (&str, &str)| sample.labels.get(key) == Some(of);
        sample.metric == name && label.is_none_or(has)
    };
    let sample = samples.iter().find(is_this);
    match sample.unwrap_or_else(|| panic!("no {name} {label:?}")).value {
        Value::Counter(value) | Value::Gauge(value) => value,
        ref other => panic!("{name} is neither counter nor gauge: {other:?}"),
    }
}

#[test]
fn a_scrape_shows_what_clients_did_and_the_connection_serves_the_next() {
    let running = start();
    let mut client = connect(running.redis);
    client.write_all(b"SET a 1 EX 100\r\nGET a\r\nGET b\r\nNOPE\r\nINCR\r\n").expect("it reads");
    let mut reader = BufReader::new(client);
    let mut line = String::new();
    while !line.starts_with("-ERR wrong number") {
        line.clear();
        assert!(reader.read_line(&mut line).expect("replies in time") > 0, "it closed");
    }
    let mut metrics = BufReader::new(connect(running.metrics));
    for scrapes in 0..3 {
        let samples = scrape(&mut metrics);
        let is = |name, label| value(&samples, name, label);
        assert_eq!(is("kv_commands_total", Some(("command", "get"))), 2.0, "scrape {scrapes}");
        assert_eq!(is("kv_commands_rejected_total", Some(("command", "incr"))), 1.0);
        assert_eq!(is("kv_error_replies_total", Some(("code", "ERR"))), 2.0);
        assert_eq!(is("kv_keys", Some(("db", "0"))), 1.0);
        assert_eq!(is("kv_keys_with_deadline", Some(("db", "0"))), 1.0);
        assert_eq!(
            (is("kv_keyspace_hits_total", None), is("kv_connected_clients", None)),
            (1.0, 1.0)
        );
        assert!(is("kv_memory_used_bytes", None) > 0.0 && is("kv_input_bytes_total", None) > 40.0);
        assert!(is("kv_uptime_seconds", None) < 100.0);
        let mut seen = HashSet::new();
        for sample in &samples {
            let row = format!("{} {:?}", sample.metric, sample.labels);
            assert!(seen.insert(row.clone()), "twice: {row}");
        }
    }
}

#[test]
fn requests_in_one_piece_are_answered_in_order() {
    let running = start();
    let mut stream = connect(running.metrics);
    let requests = "HEAD /metrics HTTP/1.1\r\n\r\nGET /none HTTP/1.1\r\n\r\n\
                    POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /metrics HTTP/1.1\r\n\r\n";
    stream.write_all(requests.as_bytes()).expect("it reads");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("it answers and closes");
    let lines = text.lines().filter(|line| line.starts_with("HTTP/1.1 "));
    let statuses: Vec<&str> = lines.filter_map(|line| line.get(9..12)).collect();
    assert_eq!(statuses, ["200", "404", "405"], "after a body nobody can tell where to read on");
    assert!(text.contains("Allow: GET, HEAD\r\n"), "{text}");
}

#[test]
fn what_is_no_request_is_refused_in_bounded_memory() {
    let running = start();
    for (bytes, status) in [
        (b"*1\r\n$4\r\nPING\r\n\r\n\r\n".to_vec(), "400"),
        ([b"GET /metrics HTTP/1.1\r\nA: ".to_vec(), vec![b'x'; 100_000]].concat(), "431"),
    ] {
        let mut stream = connect(running.metrics);
        // It may be refused before all of it was read.
        let _ = stream.write_all(&bytes);
        let mut reader = BufReader::new(stream);
        let (head, _) = answer(&mut reader);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert!(head.contains("Connection: close\r\n"), "{head}");
    }
}

#[test]
fn more_connections_than_places_do_not_keep_the_newest_out() {
    let running = start();
    let silent: Vec<TcpStream> = (0..40).map(|_| connect(running.metrics)).collect();
    let mut metrics = BufReader::new(connect(running.metrics));
    assert!(!scrape(&mut metrics).is_empty());
    drop(silent);
}

#[test]
fn it_answers_while_the_server_stops_and_not_after() {
    let mut running = start();
    let mut metrics = BufReader::new(connect(running.metrics));
    assert!(!scrape(&mut metrics).is_empty());
    running.stop.stop();
    let left = running.thread.take().expect("it is joined once").join();
    assert_eq!(left.expect("it does not panic"), Ok(0));
    let mut rest = Vec::new();
    // The end, or a reset.
    let _ = metrics.read_to_end(&mut rest);
    assert_eq!(rest, b"");
    assert!(TcpStream::connect(running.metrics).is_err(), "it listens no more");
}
