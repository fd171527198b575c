//! A server that runs as long as it is held.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::place::{Place, Places};
use crate::programs::{Kind, Program};

/// How long a server may take until it listens; under a tool that runs it slowly, too.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ended when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    /// Kept open: whoever writes to a closed one is told so, or killed.
    _output: Option<BufReader<ChildStdout>>,
    /// Removed in the end.
    folder: Option<PathBuf>,
}

impl Server {
    /// Starts a program on the servers' core.
    ///
    /// # Errors
    /// In words: it cannot be started, or does not listen in time.
    pub(crate) fn start(program: &Program, places: &Places) -> Result<Server, String> {
        Server::start_as(program, places, &Start::default())
    }

    /// The same, in another way than the usual one.
    pub(crate) fn start_as(
        program: &Program,
        places: &Places,
        start: &Start<'_>,
    ) -> Result<Server, String> {
        let started = match program.kind {
            Kind::KvServer => {
                let mut command = start.command(program);
                command.args(["--bind", "127.0.0.1:0"]);
                if let Some(clients) = start.clients {
                    command.args(["--max-clients", &clients.to_string()]);
                }
                says_where(command, places)
            }
            Kind::Bare | Kind::Channels => says_where(start.command(program), places),
            Kind::Redis => redis(program, places, start),
        };
        started.map_err(|why| format!("{} does not start: {why}", program.name))
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(folder) = &self.folder {
            // Empty; and no harm if somebody has removed it.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// How a server is to be started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Start<'a> {
    /// How many clients it must take; unless told, what it takes by default.
    pub(crate) clients: Option<usize>,
    /// A program that is to run it, with arguments.
    pub(crate) under: &'a [String],
}

impl Start<'_> {
    fn command(&self, program: &Program) -> Command {
        let Some((tool, arguments)) = self.under.split_first() else {
            return Command::new(&program.path);
        };
        let mut command = Command::new(tool);
        command.args(arguments).arg(&program.path).stderr(Stdio::null());
        command
    }
}

/// A server of ours takes a free port, and prints which.
fn says_where(mut command: Command, places: &Places) -> Result<Server, String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = places.spawn(Place::Server, command).map_err(|error| error.to_string())?;
    let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    let address = loop {
        line.clear();
        match output.read_line(&mut line) {
            Ok(0) | Err(_) => break None,
            Ok(_) => {}
        }
        if let Some(address) = line.trim().strip_prefix("listening on ") {
            break address.parse().ok();
        }
    };
    // From here on it is ended, whatever happens.
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let address_or = address.unwrap_or(nowhere);
    let server = Server { address: address_or, child, _output: Some(output), folder: None };
    match address {
        Some(_) => Ok(server),
        None => Err("it does not print where it listens".to_owned()),
    }
}

/// Redis wants to be told a port; without snapshots and log, as our servers have none.
fn redis(program: &Program, places: &Places, start: &Start<'_>) -> Result<Server, String> {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = free.map_err(|error| format!("no free port: {error}"))?;
    let name = format!("kv-compare-{}-{}", std::process::id(), address.port());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let mut command = start.command(program);
    command.args(["--bind", "127.0.0.1", "--port", &address.port().to_string()]);
    if let Some(clients) = start.clients {
        command.args(["--maxclients", &clients.to_string()]);
    }
    // Some versions take only 127.0.0.1 for this machine's own, of all that 127.0.0.0/8 has.
    command.args(["--protected-mode", "no"]);
    command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(&folder);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let child = places.spawn(Place::Server, command).map_err(|error| error.to_string())?;
    let server = Server { address, child, _output: None, folder: Some(folder) };
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        if begun.elapsed() > PATIENCE {
            return Err(format!("it does not listen after {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(server)
}
