//! A server under test: ours, or Redis as the oracle.
//!
//! Each test starts a server of its own and ends it by dropping it, so that no test sees
//! another's keys, clients or counters, and none depends on the order of tests.

use std::env;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use crate::binary;
use crate::process::Process;
use crate::tools;
use crate::wire::Wire;

/// What our server prints before the address at which it listens.
const LISTENING: &str = "listening on ";

/// A running server.
pub struct Server {
    name: &'static str,
    process: Process,
    address: SocketAddr,
}

impl Server {
    /// Starts our server with its defaults, on a port that the kernel picks.
    ///
    /// # Panics
    /// When it cannot be built, or does not listen in time.
    #[track_caller]
    pub fn start() -> Server {
        Server::start_with(&[])
    }

    /// Starts our server with these flags besides `--bind`.
    ///
    /// # Panics
    /// As [`Server::start`] does.
    #[track_caller]
    pub fn start_with(flags: &[&str]) -> Server {
        Server::start_by(Command::new(binary::kv_server()).args(flags))
    }

    /// Starts our server in a shell that has run `preparation` (`ulimit -n 64`) before.
    ///
    /// # Panics
    /// As [`Server::start`] does.
    #[track_caller]
    pub fn start_after(preparation: &str, flags: &[&str]) -> Server {
        let script = format!("{preparation} && exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(binary::kv_server());
        Server::start_by(shell.args(flags))
    }

    /// Starts Redis, if it is installed.
    ///
    /// # Panics
    /// When it is installed and does not serve, or is missing where `CI` is set.
    pub fn oracle(test: &str) -> Option<Server> {
        Server::oracle_with(test, &[])
    }

    /// Starts Redis with these flags besides those that keep it from touching the disk, which they
    /// may override.
    ///
    /// # Panics
    /// As [`Server::oracle`] does.
    pub fn oracle_with(test: &str, flags: &[&str]) -> Option<Server> {
        let program = tools::require(test, "redis-server")?;
        // Redis cannot be given port 0, and a port that was free may be taken by the time
        // it binds; then it ends, and the next one is tried.
        (0..20)
            .find_map(|_| Server::try_oracle(&program, flags))
            .or_else(|| panic!("{test}: redis-server did not start on any of 20 ports"))
    }

    /// The server's name in messages.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether this is ours, and not the oracle.
    pub fn is_ours(&self) -> bool {
        self.name == "kv-server"
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process: id, output, signals, exit status.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Connects to it.
    ///
    /// # Panics
    /// When it does not accept the connection in time.
    #[track_caller]
    pub fn connect(&self) -> Wire {
        Wire::connect(self.address, self.name)
    }

    /// Asserts that it is still the same process, and answers.
    ///
    /// # Panics
    /// When it has ended or does not answer.
    #[track_caller]
    pub fn assert_serves(&mut self) {
        if let Some(status) = self.process.status() {
            panic!("{} ended: {status}", self.name);
        }
        self.connect().exchange("PING\r\n", "+PONG\r\n");
    }

    #[track_caller]
    fn start_by(command: &mut Command) -> Server {
        let command = command.args(["--bind", "127.0.0.1:0"]);
        let mut process = Process::spawn("kv-server", command);
        let address = process.wait_for_line("its first screen with its address", |line| {
            let (_, rest) = line.split_once(LISTENING)?;
            rest.split_whitespace().next()?.parse().ok()
        });
        let Some(address) = address else {
            panic!("kv-server ended at its start: {}", process.transcript());
        };
        Server { name: "kv-server", process, address }
    }

    fn try_oracle(program: &Path, flags: &[&str]) -> Option<Server> {
        let port = free_port();
        let mut command = Command::new(program);
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1"]).args([
            "--save",
            "",
            "--appendonly",
            "no",
        ]);
        command.args(flags);
        let mut process = Process::spawn("redis-server", &mut command);
        let ready = |line: &str| line.contains("Ready to accept connections").then_some(());
        process.wait_for_line("its readiness", ready)?;
        Some(Server {
            name: "redis-server",
            process,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        })
    }
}

/// Makes the same claim of our server and of Redis.
///
/// A claim that holds of ours alone is made of [`Server::start`], and says why.
///
/// # Panics
/// When the claim fails of either, or `PEERS` names neither.
#[track_caller]
pub fn on_every_peer(test: &str, claim: impl Fn(&Server)) {
    let peers = env::var("PEERS").unwrap_or_else(|_| "kv-server,redis".to_owned());
    let mut made = false;
    if peers.contains("redis") {
        made = true;
        if let Some(oracle) = Server::oracle(test) {
            claim(&oracle);
        }
    }
    if peers.contains("kv-server") {
        made = true;
        let mut server = Server::start();
        claim(&server);
        server.assert_serves();
    }
    assert!(made, "PEERS={peers} names neither kv-server nor redis");
}

/// An address where nobody listens, for as long as the two ends of the connection are kept: its port
/// is that of the client's end, so that it is given to nobody else.
pub fn refusing_address() -> ([TcpStream; 2], SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
    let client = TcpStream::connect(listener.local_addr().expect("it is bound"));
    let client = client.expect("it listens");
    let (server, _) = listener.accept().expect("a client has connected");
    let address = client.local_addr().expect("it is connected");
    ([client, server], address)
}

/// A port of 127.0.0.1 that is free at this moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
    listener.local_addr().expect("it is bound").port()
}
