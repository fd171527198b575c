//! The program as one meets it in a shell: its first screen, its complaints, its exit status.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(20);

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kv-server"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn output(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program can be run")
}

/// A running server, its stdout, and the first screen that it printed.
struct Started {
    child: Child,
    stdout: BufReader<ChildStdout>,
    screen: Vec<String>,
    address: String,
}

impl Started {
    fn new() -> Started {
        Started::from(program(&["--bind", "127.0.0.1:0"]))
    }

    fn from(mut command: Command) -> Started {
        let mut child = command.spawn().expect("it can be run");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut screen = Vec::new();
        let mut address = None;
        while screen.last().is_none_or(|line: &String| !line.contains("Ctrl-C")) {
            let mut line = String::new();
            let count = stdout.read_line(&mut line).expect("the screen is text");
            assert!(count > 0, "the screen ends early: {screen:?}");
            address = address.or(line.trim().strip_prefix("listening on ").map(str::to_owned));
            screen.push(line);
        }
        let address = address.expect("the screen says where it listens");
        Started { child, stdout, screen, address }
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.expect("there is a program `kill`").success());
    }

    /// The exit status and what was printed last.
    fn into_end(mut self) -> (Option<i32>, String) {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                break status;
            }
            assert!(begun.elapsed() < DEADLINE, "waited {DEADLINE:?} for the program to end");
            std::thread::sleep(Duration::from_millis(5));
        };
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("text");
        (status.code(), rest)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_first_screen_says_what_runs_where_and_what_to_do() {
    let started = Started::new();
    assert!(started.screen.len() <= 10, "{:?}", started.screen);
    let screen = started.screen.concat();
    let port = started.address.rsplit(':').next().expect("a port");
    for part in [
        env!("CARGO_PKG_VERSION"),
        kv_server::rt::NAME,
        kv_server::rt::backend(),
        &started.child.id().to_string(),
        &format!("redis-cli -p {port}"),
        &format!("nc 127.0.0.1 {port}"),
        "10000 clients",
    ] {
        assert!(screen.contains(part), "{part} is missing in {screen}");
    }
    assert!(screen.is_ascii(), "any terminal can show it");
}

#[test]
fn a_signal_ends_it_in_good_order_with_status_0() {
    for signal in ["INT", "TERM"] {
        let mut started = Started::new();
        let mut client = TcpStream::connect(&started.address).expect("it listens");
        client.set_read_timeout(Some(DEADLINE)).expect("a duration");
        client.write_all(b"PING\r\n").expect("it reads");
        started.signal(signal);
        let mut reply = Vec::new();
        client.read_to_end(&mut reply).expect("it answers and closes");
        assert_eq!(reply, b"+PONG\r\n");
        let mut stderr = started.child.stderr.take().expect("it is piped");
        let (status, last) = started.into_end();
        assert_eq!(status, Some(0), "after SIG{signal}");
        assert_eq!(last.lines().count(), 1, "one line of farewell: {last}");
        let mut complaints = String::new();
        stderr.read_to_string(&mut complaints).expect("text");
        assert_eq!(complaints, "");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let started = Started::new();
    // A client that never reads its replies would keep the server for seconds.
    let mut client = TcpStream::connect(&started.address).expect("it listens");
    client.write_all(b"SET a ").expect("it reads");
    client.write_all(&vec![b'v'; 60_000]).expect("it reads");
    client.write_all(b"\r\n").expect("it reads");
    client.write_all(&b"GET a\r\n".repeat(1000)).expect("it reads");
    // It has begun to answer: it knows of the client, and of what it owes it.
    client.set_read_timeout(Some(DEADLINE)).expect("a duration");
    let mut begin = [0; 12];
    client.read_exact(&mut begin).expect("it answers");
    assert_eq!(&begin, b"+OK\r\n$60000\r");
    let begun = Instant::now();
    started.signal("TERM");
    // Until the first one is noticed, a second of the same kind may be merged with it.
    while TcpStream::connect(&started.address).is_ok() {
        assert!(begun.elapsed() < DEADLINE, "waited {DEADLINE:?} until it listens no more");
        std::thread::sleep(Duration::from_millis(5));
    }
    started.signal("INT");
    let (status, _) = started.into_end();
    // The status tells the two ends apart: it did not wait for the client that never reads.
    assert_eq!(status, Some(130), "after {:?}", begun.elapsed());
}

#[test]
fn a_port_in_use_is_explained() {
    let other = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = other.local_addr().expect("it is bound").to_string();
    let output = output(&["--bind", &address]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&address) && stderr.contains("--bind"), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(output.stdout, b"");
}

#[test]
fn an_address_of_another_machine_is_explained() {
    let output = output(&["--bind", "192.0.2.1:0"]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("no such address"), "{stderr}");
}

#[test]
fn wrong_arguments_are_explained() {
    for (arguments, part) in [
        (&["--bind", "nowhere"][..], "--bind"),
        (&["--max-clients", "0"], "--max-clients"),
        (&["--output-limit", "8 bytes"], "64kb"),
        (&["--nonsense"], "--nonsense"),
    ] {
        let output = output(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(part), "{arguments:?}: {stderr}");
    }
}

#[test]
fn help_names_every_flag_with_its_default() {
    let output = output(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8_lossy(&output.stdout);
    for flag in [
        "--bind",
        "--max-clients",
        "--output-limit",
        "--pubsub-limit",
        "--query-limit",
        "--max-bulk",
        "--timeout",
        "--databases",
        "--backlog",
    ] {
        let (_, after) = help.split_once(flag).unwrap_or_else(|| panic!("no {flag} in {help}"));
        let own = after.split("\n  ").take(4).collect::<String>();
        assert!(after.contains("[default: "), "{flag} has no default: {own}");
    }
}

/// A folder that goes when the test ends.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("kv-server-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("there is room for files");
        Folder(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("the folder can be written to");
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The system clears its folder of temporary files some day.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Sends a line; gives back what is answered until `end` comes.
fn asked(address: &str, line: &str, end: &str) -> String {
    let mut client = TcpStream::connect(address).expect("it listens");
    client.set_read_timeout(Some(DEADLINE)).expect("a duration");
    client.write_all(format!("{line}\r\n").as_bytes()).expect("it reads");
    let mut reply = String::new();
    let mut reader = BufReader::new(client);
    while !reply.ends_with(end) {
        let count = reader.read_line(&mut reply).expect("text in time");
        assert!(count > 0, "it closed after {reply}");
    }
    reply
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file() {
    let folder = Folder::new("precedence");
    let more = folder.write("more.conf", "timeout 13\n");
    let text = format!("# mine\nport 1\ninclude {more}\nmaxclients 11\ndatabases 12\nhz 10\n");
    let file = folder.write("kv.conf", &text);
    let mut command = program(&[&file, "--port", "0", "--databases", "3"]);
    command.env("KV_SERVER_MAX_CLIENTS", "5").env("KV_SERVER_DATABASES", "4");
    let mut started = Started::from(command);
    for (name, value) in [("maxclients", "5"), ("databases", "3"), ("timeout", "13")] {
        let reply = asked(&started.address, &format!("CONFIG GET {name}"), &format!("{value}\r\n"));
        assert!(reply.starts_with("*2\r\n"), "{reply}");
    }
    started.signal("TERM");
    let mut stderr = started.child.stderr.take().expect("it is piped");
    let mut warnings = String::new();
    stderr.read_to_string(&mut warnings).expect("text");
    assert!(warnings.contains("WARN") && warnings.contains("not used by this server: hz"));
    assert_eq!(warnings.lines().count(), 1, "{warnings}");
}

#[test]
fn mistakes_in_files_and_in_the_environment_are_explained() {
    let folder = Folder::new("mistakes");
    let file = folder.write("kv.conf", "port 0\n\nmaxmemory much\n");
    let wrong = output(&[&file]);
    assert_eq!(wrong.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&wrong.stderr);
    assert!(stderr.contains("kv.conf, line 3: argument must be a memory value"), "{stderr}");
    let missing = output(&["/does/not/exist.conf"]);
    assert_eq!(missing.status.code(), Some(2));
    let wrong = program(&[]).env("KV_SERVER_TIMEOUT", "soon").output().expect("it can be run");
    assert_eq!(wrong.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&wrong.stderr);
    assert!(stderr.contains("soon") && stderr.contains("--timeout"), "{stderr}");
}

#[test]
fn config_rewrite_keeps_the_file_and_its_remarks() {
    let folder = Folder::new("rewrite");
    let file = folder.write("kv.conf", "# mine\nbind 127.0.0.1\nport 0\ntimeout 60\n# end\n");
    let mut started = Started::from(program(&[&file]));
    asked(&started.address, "CONFIG SET timeout 7 maxmemory 1mb", "+OK\r\n");
    asked(&started.address, "CONFIG REWRITE", "+OK\r\n");
    let text = std::fs::read_to_string(&file).expect("it is still there");
    let (_, port) = started.address.rsplit_once(':').expect("a port");
    // As Redis does, it says where it runs: the next start may be somewhere else.
    let here = std::env::current_dir().and_then(|dir| dir.canonicalize()).expect("a folder");
    let expected = format!(
        "# mine\nbind 127.0.0.1\nport {port}\ntimeout 7\n# end\n\
         # Generated by CONFIG REWRITE\nmaxmemory 1048576\ndir {}\n",
        here.display()
    );
    assert_eq!(text, expected);
    let files = std::fs::read_dir(&folder.0).expect("it is there").count();
    assert_eq!(files, 1, "nothing temporary is left");
    started.signal("TERM");
    assert_eq!(started.child.wait().expect("it is our child").code(), Some(0));
}

#[test]
fn the_log_goes_to_its_file_and_the_level_changes_while_it_runs() {
    let folder = Folder::new("log");
    let log = folder.0.join("kv.log").display().to_string();
    let started =
        Started::from(program(&["--port", "0", "--logfile", &log, "--loglevel", "warning"]));
    let lines = || std::fs::read_to_string(&log).expect("it is there");
    asked(&started.address, "PING", "+PONG\r\n");
    assert_eq!(lines(), "");
    asked(&started.address, "CONFIG SET loglevel debug", "+OK\r\n");
    asked(&started.address, "*x", "invalid multibulk length\r\n");
    let written = lines();
    assert!(written.contains("DEBUG client ") && written.contains("is connected"), "{written}");
    assert!(written.contains("TRACE") && written.contains("invalid multibulk length"), "{written}");
    started.signal("TERM");
    let (status, _) = started.into_end();
    assert_eq!(status, Some(0));
    assert!(lines().contains("INFO stopped"), "{}", lines());
}

/// Only Linux has all of 127.0.0.0/8 without being told.
#[cfg(target_os = "linux")]
#[test]
fn further_addresses_share_the_port_and_may_be_missing() {
    let started =
        Started::from(program(&["--bind", "127.0.0.1 127.0.0.2 -192.0.2.1", "--port", "0"]));
    let (_, port) = started.address.rsplit_once(':').expect("a port");
    asked(&format!("127.0.0.2:{port}"), "PING", "+PONG\r\n");
    asked(&started.address, "CONFIG GET bind", "127.0.0.1 127.0.0.2 -192.0.2.1\r\n");
}

/// The screen is written after the signals are caught and before the first of them is obeyed: who
/// then ends in good order has lived through a screen that nobody reads. Only Linux shows from outside
/// which signals a process catches.
#[cfg(target_os = "linux")]
#[test]
fn no_reader_of_the_screen_is_no_reason_to_die() {
    let mut child = program(&["--bind", "127.0.0.1:0"]).spawn().expect("it can be run");
    drop(child.stdout.take());
    drop(child.stderr.take());
    let status = format!("/proc/{}/status", child.id());
    let catches_sigterm = || {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let mask = text.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask & 1 << (15 - 1) != 0)
    };
    let begun = Instant::now();
    while !catches_sigterm() {
        assert!(child.try_wait().expect("it is our child").is_none(), "it ended");
        assert!(begun.elapsed() < DEADLINE, "waited {DEADLINE:?} for it to catch SIGTERM");
        std::thread::sleep(Duration::from_millis(5));
    }
    let sent = Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status();
    assert!(sent.expect("there is a program `kill`").success());
    while child.try_wait().expect("it is our child").is_none() {
        assert!(begun.elapsed() < DEADLINE, "waited {DEADLINE:?} for the program to end");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(child.wait().expect("it is our child").code(), Some(0));
}
