//! Topics: people with telnet or nc, and Redis clients, on the same channels.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use socket2::SockRef;
use tests::binary::kv_server;
use tests::process::Process;
use tests::{PATIENCE, Server, Wire, command, procfs, tools, wait_for, wait_until};

/// As many subscribers as DESIGN.md promises clients.
const SUBSCRIBERS: usize = 10_000;

/// A server with two listeners.
struct Both {
    server: Server,
    topics: SocketAddr,
}

impl Both {
    fn start(flags: &[&str]) -> Both {
        let flags = [&["--topics", "127.0.0.1:0"], flags].concat();
        let mut server = Server::start_with(&flags);
        let topics = server.process().wait_for_line("the address of topics", |line| {
            line.strip_prefix("topics on ")?.split(": ").next()?.parse().ok()
        });
        let topics = topics.expect("it says where it serves topics");
        Both { server, topics }
    }

    /// Somebody with telnet.
    fn telnet(&self) -> Wire {
        Wire::connect(self.topics, "topics")
    }

    /// Somebody with telnet who is subscribed; that is not answered, so it is asked for.
    fn listener(&self, topic: &str, already: usize) -> Wire {
        let mut wire = self.telnet();
        wire.send(format!("SUB {topic}\n"));
        self.wait_for_subscribers(topic, already + 1);
        wire
    }

    fn wait_for_subscribers(&self, topic: &str, count: usize) {
        let mut observer = self.server.connect();
        wait_until(&format!("{count} subscribers of {topic}"), PATIENCE, || {
            let answer = observer.ask(&["PUBSUB", "NUMSUB", topic]);
            answer.items[1].text() == count.to_string()
        });
    }
}

#[test]
fn telnet_and_redis_clients_share_a_topic() {
    let mut both = Both::start(&[]);
    let mut typist = both.listener("news", 0);
    let mut by_channel = both.server.connect();
    by_channel.ask(&["SUBSCRIBE", "news"]);
    let mut by_pattern = both.server.connect();
    by_pattern.ask(&["PSUBSCRIBE", "n*"]);
    let mut publisher = both.server.connect();
    publisher.transcript(&[("PUBLISH news hello", ":3\r\n")]);
    typist.expect("UPDATED news hello\n");
    let mut other = both.telnet();
    other.send("PUB news it rains, again\r\n");
    typist.expect("UPDATED news it rains, again\n");
    // Who is subscribed is told what it publishes itself, as in Redis.
    typist.exchange("PUB news mine\n", "UPDATED news mine\n");
    let said = ["hello", "it rains, again", "mine"];
    for text in said {
        by_channel.expect(command(&["message", "news", text]));
        by_pattern.expect(command(&["pmessage", "n*", "news", text]));
    }
    typist.send("UNSUB news\n");
    both.wait_for_subscribers("news", 1);
    // The one that only published was answered nothing at all.
    other.exchange("UNSUB news\r\n", "ERROR you are not subscribed to \"news\"\r\n");
    both.server.assert_serves();
}

#[test]
fn a_message_of_several_lines_forges_none() {
    let both = Both::start(&[]);
    let mut typist = both.listener("news", 0);
    let mut publisher = both.server.connect();
    publisher.ask(&["PUBLISH", "news", "a\nUPDATED bank pay\r\n\x1b[2J\0"]);
    publisher.ask(&["PUBLISH", "news", "the end"]);
    typist.expect("UPDATED news a\\nUPDATED bank pay\\r\\n\\x1b[2J\\x00\nUPDATED news the end\n");
}

#[test]
fn each_subscriber_sees_a_topic_in_the_same_order() {
    const EACH: usize = 2000;
    let both = Both::start(&[]);
    let mut listeners = [both.listener("t", 0), both.listener("t", 1)];
    let mut by_line = both.telnet();
    let mut by_command = both.server.connect();
    // In pieces, so that the two publishers take turns.
    for start in (0..EACH).step_by(50) {
        let numbers = || start..start + 50;
        by_line.send(numbers().map(|n| format!("PUB t line {n}\n")).collect::<String>());
        let publish = |n| command(&["PUBLISH", "t", &format!("command {n}")]);
        by_command.send(numbers().flat_map(publish).collect::<Vec<u8>>());
    }
    let seen = listeners.each_mut().map(|listener| {
        let lines = |read: &[u8]| read.iter().filter(|&&byte| byte == b'\n').count();
        let (read, _) = listener.read_until(PATIENCE, |read| lines(read) == 2 * EACH);
        String::from_utf8(read).expect("numbers")
    });
    for publisher in ["line", "command"] {
        let start = format!("UPDATED t {publisher} ");
        let numbers = seen[0].lines().filter_map(|line| line.strip_prefix(&start)?.parse().ok());
        let numbers: Vec<usize> = numbers.collect();
        assert!(numbers.into_iter().eq(0..EACH), "the messages of {publisher}");
    }
    assert!(seen[0] == seen[1], "two subscribers saw two orders");
}

#[test]
fn hostile_lines_are_told_so_or_borne() {
    let mut both = Both::start(&[]);
    let unknown =
        |word: &str| format!("ERROR unknown command \"{word}\"; HELP lists what there is\n");
    let mut wire = both.telnet();
    wire.exchange("GET / HTTP/1.1\n", unknown("GET"));
    wire.exchange("*1\n", unknown("*1"));
    wire.exchange(b"\0\x01\n", unknown("\\x00\\x01"));
    wire.exchange(
        "PUB only\n",
        "ERROR PUB needs a topic and a message, as in: PUB news it rains\n",
    );
    wire.exchange("SUB a\x07\n", "ERROR a topic has no control characters\n");
    // Telnet's own words, cut anywhere: they are no part of the line.
    for piece in
        [&b"\xff"[..], b"\xfb\x01\xff\xfd", b"\x03\xff\xfa\x1f\0\n\0\x18\xff", b"\xf0SUB x y\n"]
    {
        wire.send(piece);
    }
    wire.expect("ERROR SUB takes one topic, which is one word\n");
    // A line of a megabyte, and then the next.
    wire.send(vec![b'x'; 1 << 20]);
    wire.exchange(
        "\nSUB\n",
        "ERROR a line may have 65536 bytes; a longer one was dropped\n\
                              ERROR SUB needs a topic, as in: SUB news\n",
    );
    wire.exchange("\n\r\n  \nSUB\r\n", "ERROR SUB needs a topic, as in: SUB news\r\n");
    // An unfinished line is no line.
    let mut listener = both.listener("t", 0);
    let mut hasty = both.telnet();
    hasty.send("PUB t whole\nPUB t hal");
    hasty.half_close();
    hasty.expect_end("");
    listener.expect("UPDATED t whole\n");
    listener.exchange("PUB t next\n", "UPDATED t next\n");
    // What no client would send, for as long as it takes to read its errors.
    let mut noise = both.telnet();
    noise.send(
        (0..200_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<u8>>(),
    );
    noise.send("\nQUIT\n");
    let said = noise.read_to_end();
    assert!(
        said.split(|&byte| byte == b'\n')
            .all(|line| line.is_empty() || line.starts_with(b"ERROR "))
    );
    both.server.assert_serves();
}

#[test]
fn who_asks_for_help_or_leaves_is_understood() {
    let both = Both::start(&[]);
    let mut wire = both.telnet();
    wire.send("help\nquit\nPUB t x\n");
    let said = String::from_utf8(wire.read_to_end()).expect("text");
    assert_eq!(said.lines().count(), 5, "{said}");
    assert!(said.contains("PUB topic message"), "{said}");
}

#[test]
fn ten_thousand_subscribers_come_and_go_and_leave_nothing_behind() {
    let count = subscribers_allowed();
    let limit = (count + 100).to_string();
    let mut both = Both::start(&["--max-clients", &limit]);
    let mut observer = both.server.connect();
    let before = Traces::of(&both.server, &mut observer);
    // Half of them type, half speak RESP; all hear the same topic, and each has one of its own.
    let mut typists: Vec<Wire> = (0..count / 2).map(|_| both.telnet()).collect();
    let mut clients: Vec<Wire> = (0..count / 2).map(|_| both.server.connect()).collect();
    for (number, wire) in typists.iter_mut().enumerate() {
        wire.send(format!("SUB all\r\nSUB typist{number}\r\n"));
    }
    for (number, wire) in clients.iter_mut().enumerate() {
        wire.send(command(&["SUBSCRIBE", "all", &format!("client{number}")]));
    }
    for wire in &mut clients {
        wire.reply();
        wire.reply();
    }
    both.wait_for_subscribers("all", typists.len() + clients.len());
    let channels = typists.len() + clients.len() + 1;
    assert_eq!(observer.info("pubsub_channels"), channels.to_string());
    let reached = observer.ask(&["PUBLISH", "all", "hi"]).text();
    assert_eq!(reached, (channels - 1).to_string());
    for wire in &mut typists {
        wire.expect("UPDATED all hi\r\n");
    }
    for wire in &mut clients {
        wire.expect(command(&["message", "all", "hi"]));
    }
    // They leave in every manner there is: politely, without a word, in a huff.
    for (number, mut wire) in typists.into_iter().chain(clients).enumerate() {
        match number % 3 {
            0 => wire.send("QUIT\r\n"),
            1 => SockRef::from(wire.stream()).set_linger(Some(Duration::ZERO)).expect("a socket"),
            _ => {}
        }
    }
    wait_until("the subscribers to be forgotten", 2 * PATIENCE, || {
        Traces::of(&both.server, &mut observer) == before
    });
    both.server.assert_serves();
}

#[test]
fn a_typist_that_does_not_read_is_cut_off_and_counted() {
    let mut both = Both::start(&["--pubsub-limit", "1mb"]);
    let slow = both.listener("t", 0);
    let mut quick = both.listener("t", 1);
    let mut publisher = both.server.connect();
    let text = "x".repeat(60_000);
    let message = command(&["PUBLISH", "t", &text]);
    wait_until("the slow one to be cut off", PATIENCE, || {
        publisher.send(&message);
        publisher.reply();
        quick.expect(format!("UPDATED t {text}\n"));
        publisher.info("slow_clients_disconnected") == "1"
    });
    both.wait_for_subscribers("t", 1);
    quick.exchange("PUB t hi\n", "UPDATED t hi\n");
    drop(slow);
    both.server.assert_serves();
}

#[test]
fn a_client_too_many_is_told_in_a_line() {
    let both = Both::start(&["--max-clients", "2"]);
    let mut listener = both.listener("t", 0);
    // The place of the one that asked for subscribers is free once it was seen to leave.
    let second = wait_for("a free place", PATIENCE, || {
        let mut wire = both.telnet();
        let _ = wire.try_send("UNSUB t\n");
        let (answer, _) = wire.read_until(PATIENCE, |read| read.ends_with(b"\n"));
        answer.starts_with(b"ERROR you are not").then_some(wire)
    });
    both.telnet().expect_end("ERROR too many clients; try again later\n");
    listener.exchange("PUB t hi\n", "UPDATED t hi\n");
    drop(second);
}

#[test]
fn who_is_silent_is_sent_away_unless_it_listens() {
    let both = Both::start(&["--timeout", "3"]);
    let mut listener = both.listener("t", 0);
    both.telnet().expect_end("");
    listener.exchange("PUB t hi\n", "UPDATED t hi\n");
}

#[test]
fn stopping_sends_what_waits_and_closes() {
    let mut both = Both::start(&[]);
    let mut listener = both.listener("t", 0);
    let mut publisher = both.telnet();
    publisher.send("PUB t last words\n");
    both.server.process().signal("TERM");
    listener.expect_end("UPDATED t last words\n");
    publisher.expect_end("");
    let status = both.server.process().wait_for_exit(PATIENCE);
    assert_eq!((status.code(), both.server.process().stderr()), (Some(0), String::new()));
}

#[test]
fn a_pause_holds_messages_back_until_it_is_over() {
    let both = Both::start(&[]);
    let mut listener = both.listener("t", 0);
    let mut observer = both.server.connect();
    observer.transcript(&[("CLIENT PAUSE 100000 WRITE", "+OK\r\n")]);
    let mut typist = both.telnet();
    typist.send("PUB t one\nPUB t two\n");
    // What publishes nothing is not held back. Whether the two lines came before the end of the
    // pause or after it, they must arrive.
    let mut other = both.telnet();
    other.exchange("SUB\n", "ERROR SUB needs a topic, as in: SUB news\n");
    assert_eq!(observer.ask(&["PUBSUB", "NUMSUB", "t"]).items[1].text(), "1");
    observer.transcript(&[("CLIENT UNPAUSE", "+OK\r\n")]);
    listener.expect("UPDATED t one\nUPDATED t two\n");
}

#[test]
fn topics_are_served_alone_if_asked_for() {
    let mut process =
        Process::spawn("topics", Command::new(kv_server()).args(["topics", "127.0.0.1:0"]));
    let address = process.wait_for_line("its address", |line| {
        line.strip_prefix("listening on ")?.parse::<SocketAddr>().ok()
    });
    let address = address.expect("it says where it listens");
    let screen = process.stdout();
    assert!(screen.contains(&format!("telnet 127.0.0.1 {}", address.port())), "{screen}");
    let mut wire = Wire::connect(address, "topics");
    wire.exchange("SUB a\nPUB a hi\n", "UPDATED a hi\n");
    // No Redis client is understood here.
    wire.exchange("PING\r\n", "ERROR unknown command \"PING\"; HELP lists what there is\r\n");
    process.signal("TERM");
    wire.expect_end("");
    assert_eq!(process.wait_for_exit(PATIENCE).code(), Some(0));
}

#[test]
fn an_address_in_use_is_said_to_be() {
    let both = Both::start(&[]);
    for arguments in [vec!["--bind", "127.0.0.1:0", "--topics"], vec!["topics"]] {
        let taken = both.topics.to_string();
        let output = Command::new(kv_server()).args(arguments).arg(&taken).output();
        let output = output.expect("it can be run");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("cannot listen on {taken}")), "{said}");
        assert!(said.contains("topics"), "it names what to change: {said}");
    }
}

/// What subscribers could leave behind.
#[derive(Debug, PartialEq, Eq)]
struct Traces {
    counters: Vec<String>,
    descriptors: Option<usize>,
}

impl Traces {
    fn of(server: &Server, observer: &mut Wire) -> Traces {
        let info = observer.ask(&["INFO"]).text();
        let fields = ["tasks:", "sources:", "timers:", "connected_clients:", "pubsub_"];
        let is_one = |line: &&str| fields.iter().any(|field| line.starts_with(field));
        let counters: Vec<String> = info.lines().filter(is_one).map(str::to_owned).collect();
        assert!(counters.len() >= 5, "INFO tells too little:\n{info}");
        let descriptors = procfs::available().then(|| procfs::open_descriptors(server.id()));
        Traces { counters, descriptors }
    }
}

/// How many connections this process may have; says so if they are fewer than the test is about.
fn subscribers_allowed() -> usize {
    let spare = 200;
    let wanted = (SUBSCRIBERS + spare) as u64;
    let allowed = rlimit::increase_nofile_limit(wanted).expect("a limit can be read and raised");
    if allowed < wanted {
        let reason = format!("only {allowed} descriptors a process; fewer subscribe");
        tools::skip("ten thousand subscribers, in part", &reason);
    }
    let allowed = usize::try_from(allowed).expect("a number of descriptors");
    allowed.saturating_sub(spare).min(SUBSCRIBERS)
}
