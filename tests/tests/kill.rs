//! `kill -9` at random moments under write load: what was promised is there afterwards.
//!
//! Each client counts upwards, with three commands a number in one pipeline:
//! ```text
//!   SET s n, APPEND l "n,", INCR i      acknowledged: the last n whose three replies have come
//! ```
//! After the kill the folder is given to Redis, and to a new process of ours, and each must show
//! the same: no number lost that was acknowledged, none twice, none out of order. The log is
//! rewritten all the while, so kills hit rewrites too.
//!
//! `KV_KILLS=200` sets the number of rounds for each policy, `KV_SEED` another seed.

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tests::{PATIENCE, Server, Wire, command};

const CLIENTS: usize = 4;

#[test]
fn always_loses_nothing_that_was_acknowledged() {
    rounds("always", Duration::ZERO);
}

#[test]
fn everysec_loses_at_most_a_second() {
    rounds("everysec", Duration::from_secs(1));
}

#[test]
fn without_syncs_a_killed_process_loses_at_most_a_second_too() {
    // What the system was given survives the process, synced or not.
    rounds("no", Duration::from_secs(1));
}

fn rounds(policy: &str, may_lose: Duration) {
    let number = |name: &str, default: u64| {
        env::var(name).map_or(default, |text| text.parse().expect("a number"))
    };
    let (count, seed) = (number("KV_KILLS", 6), number("KV_SEED", 20_261_121));
    let mut random = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let mut reached = [0; CLIENTS];
    let (mut acknowledged, mut unacknowledged, mut behind) = (0, 0, 0);
    for round in 0..count {
        let alive = Duration::from_millis(random.random_range(30..300));
        let preamble = if random.random() { "yes" } else { "no" };
        let what = format!("{policy}, seed {seed}, round {round}, killed after {alive:?}");
        let mut server = start(folder.path(), policy, preamble);
        if random.random_range(0..3) == 0 {
            server.connect().send(command(&["BGREWRITEAOF"]));
        }
        let progress = load_and_kill(&mut server, &reached, alive);
        let redis = compare_with_redis(folder.path(), &what);
        let server = start(folder.path(), policy, preamble);
        let ours = numbers(&mut server.connect(), &what);
        if let Some(redis) = redis {
            assert_eq!(ours, redis, "{what}: Redis reads something else");
        }
        for (client, seen) in ours.iter().enumerate() {
            let Progress { sent, promised, last } = progress[client].at(may_lose);
            assert!(*seen >= promised, "{what}: client {client} was promised {promised} of {seen}");
            assert!(*seen <= sent, "{what}: client {client} sent {sent}, but {seen} are there");
            acknowledged += last - reached[client];
            unacknowledged += sent - last;
            behind += last.saturating_sub(*seen);
        }
        reached = ours;
    }
    eprintln!(
        "{policy}: {count} kills, {acknowledged} changes acknowledged, {behind} of them lost; \
         {unacknowledged} under way"
    );
}

fn start(folder: &Path, policy: &str, preamble: &str) -> Server {
    let folder = folder.to_str().expect("UTF-8");
    Server::start_with(&[
        "--dir",
        folder,
        "--appendonly",
        "yes",
        "--appendfsync",
        policy,
        "--aof-use-rdb-preamble",
        preamble,
        "--auto-aof-rewrite-min-size",
        "16kb",
        "--auto-aof-rewrite-percentage",
        "50",
    ])
}

/// What one client did.
#[derive(Default)]
struct Journal {
    sent: AtomicU64,
    /// When each number was acknowledged, in order.
    acknowledged: Vec<(Instant, u64)>,
    first: u64,
    killed: Option<Instant>,
}

struct Progress {
    sent: u64,
    /// The last number that must be there.
    promised: u64,
    /// The last number that was acknowledged.
    last: u64,
}

impl Journal {
    fn at(&self, before_the_end: Duration) -> Progress {
        let killed = self.killed.expect("it was killed");
        let promised = self.acknowledged.iter().rev();
        let mut promised = promised.filter(|(when, _)| *when + before_the_end <= killed);
        Progress {
            sent: self.sent.load(Ordering::Acquire),
            promised: if before_the_end.is_zero() {
                self.last()
            } else {
                promised.next().map_or(self.first, |(_, number)| *number)
            },
            last: self.last(),
        }
    }

    fn last(&self) -> u64 {
        self.acknowledged.last().map_or(self.first, |(_, number)| *number)
    }
}

/// Writes from several clients until the server is killed, after `alive`.
fn load_and_kill(server: &mut Server, reached: &[u64], alive: Duration) -> Vec<Journal> {
    let address = server.address();
    let begun = Instant::now();
    let clients: Vec<_> = reached
        .iter()
        .enumerate()
        .map(|(client, &from)| thread::spawn(move || write(address, client, from)))
        .collect();
    // The moment is the point of this test, and any moment will do.
    thread::sleep(alive.saturating_sub(begun.elapsed()));
    let killed = Instant::now();
    server.process().signal("KILL");
    server.process().wait_for_exit(PATIENCE);
    clients
        .into_iter()
        .map(|client| {
            let mut journal = client.join().expect("a client ends with the connection");
            journal.killed = Some(killed);
            journal
        })
        .collect()
}

/// Counts upwards from `from` until the connection breaks.
fn write(address: SocketAddr, client: usize, from: u64) -> Journal {
    let mut journal = Journal { first: from, ..Journal::default() };
    journal.sent.store(from, Ordering::Release);
    let Ok(mut stream) = TcpStream::connect(address) else { return journal };
    let _ = stream.set_nodelay(true);
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let (s, l, i) = (format!("s{client}"), format!("l{client}"), format!("i{client}"));
    let mut number = from;
    loop {
        number += 1;
        let (text, entry) = (number.to_string(), format!("{number},"));
        // Now and then anew, so that the values, and with them the log, do not grow without bound.
        let verb = if number % 500 == 1 { "SET" } else { "APPEND" };
        let mut bytes = command(&["SET", &s, &text]);
        bytes.extend(command(&[verb, &l, &entry]));
        bytes.extend(command(&["INCR", &i]));
        journal.sent.store(number, Ordering::Release);
        if stream.write_all(&bytes).is_err() || !read_lines(&mut stream, 3) {
            return journal;
        }
        journal.acknowledged.push((Instant::now(), number));
    }
}

/// Whether so many replies of one line came, and none was an error.
fn read_lines(stream: &mut TcpStream, mut count: usize) -> bool {
    let mut chunk = [0; 512];
    while count > 0 {
        let Ok(read @ 1..) = stream.read(&mut chunk) else { return false };
        let text = &chunk[..read];
        assert!(!text.contains(&b'-'), "{}", text.escape_ascii());
        count -= text.iter().filter(|&&byte| byte == b'\n').count();
    }
    true
}

/// How far each client came, as the server has it, after a look at all that must agree.
fn numbers(wire: &mut Wire, what: &str) -> [u64; CLIENTS] {
    std::array::from_fn(|client| {
        let mut get = |name: &str| {
            let reply = wire.ask(&["GET", &format!("{name}{client}")]);
            reply.body.as_ref().map_or_else(String::new, |_| reply.text())
        };
        let number =
            |text: String| if text.is_empty() { 0 } else { text.parse().expect("a number") };
        let (s, list, i): (u64, String, u64) = (number(get("s")), get("l"), number(get("i")));
        let list: Vec<u64> = list.split_terminator(',').map(|n| n.parse().expect(what)).collect();
        assert!(
            list.windows(2).all(|pair| pair[1] == pair[0] + 1),
            "{what}: client {client}: {list:?}"
        );
        let l = list.last().copied().unwrap_or(s.saturating_sub(1));
        assert!(s == l || s == l + 1, "{what}: client {client}: SET {s}, APPEND {l}");
        assert!(i <= l && i + 1 >= l, "{what}: client {client}: APPEND {l}, INCR {i}");
        // The next round goes on after the last number that is complete or begun.
        if s > i {
            // Completed here, so that the three agree again.
            if l < s {
                wire.ask(&["APPEND", &format!("l{client}"), &format!("{s},")]);
            }
            wire.ask(&["SET", &format!("i{client}"), &s.to_string()]);
        }
        s
    })
}

/// Gives a copy of the folder to Redis. How far each client came, as it reads it.
fn compare_with_redis(folder: &Path, what: &str) -> Option<[u64; CLIENTS]> {
    let copy = tempfile::tempdir().expect("a folder for temporary files");
    let status = std::process::Command::new("cp")
        .args(["-r", "--"])
        .arg(folder.join("appendonlydir"))
        .arg(copy.path())
        .status();
    assert!(status.expect("there is cp").success(), "{what}: cannot copy");
    assert!(fs::exists(copy.path().join("appendonlydir")).expect("readable"));
    let dir = copy.path().to_str().expect("UTF-8");
    let redis = Server::oracle_with("the kills", &["--appendonly", "yes", "--dir", dir])?;
    Some(numbers(&mut redis.connect(), what))
}
