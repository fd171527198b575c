//! The `kv-server` program: reads the command line, serves until a signal, says goodbye.

#![forbid(unsafe_code)]

mod cli;

use std::future::poll_fn;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use kv_server::config::Config;
use kv_server::logging;
use kv_server::rt::{self, Signals};
use kv_server::server::{Server, StartError, StopHandle, fit_descriptors};

fn main() -> ExitCode {
    let cli::Asked { mut config, only_topics, note } = match cli::settings() {
        Ok(asked) => asked,
        Err(message) => {
            complain(&message);
            return ExitCode::FAILURE;
        }
    };
    if let Err(message) = logging::install(&config) {
        complain(&message);
        return ExitCode::FAILURE;
    }
    for note in note.into_iter().chain(fit_descriptors(&mut config)) {
        tracing::warn!("{note}");
    }
    let topics = match (only_topics, config.topics) {
        (Some(address), _) => Topics::Only(address),
        (None, Some(address)) => Topics::Also(address),
        (None, None) => Topics::Nowhere,
    };
    match rt::block_on(serve(config, topics)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(message)) => {
            complain(&message);
            ExitCode::FAILURE
        }
        Err(error) => {
            complain(&format!("the runtime cannot start: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Where clients that type lines are served.
#[derive(Clone, Copy, Debug)]
enum Topics {
    Nowhere,
    /// Beside Redis clients.
    Also(SocketAddr),
    /// And no others are.
    Only(SocketAddr),
}

/// From the first line to the last.
async fn serve(config: Config, topics: Topics) -> Result<(), String> {
    let welcome = Welcome::new(&config);
    let logged = config.log_file.is_some();
    let bind = config.bind;
    let server = match topics {
        Topics::Only(address) => Server::bind_topics(address, config)
            .map_err(|error| cannot_start(address, "topics", error))?,
        _ => Server::bind(config).map_err(|error| cannot_start(bind, "--bind", error))?,
    };
    let (server, topics) = open_topics(server, topics)?;
    let signals = Signals::terminate().map_err(|error| format!("cannot catch signals: {error}"))?;
    rt::spawn(stop_on_signal(signals, server.stop_handle()));
    say(&welcome.text(server.local_addr(), topics, server.metrics_addr()));
    // On stderr both would only say again what stdout says.
    if logged {
        tracing::info!("listening on {}", server.local_addr());
    }
    let left = server.run().await?;
    if logged {
        tracing::info!("stopped; {left} clients were left");
    }
    say(&match left {
        0 => "stopped; every client was answered, goodbye\n".to_owned(),
        _ => format!("stopped; {left} clients did not take their replies in time, goodbye\n"),
    });
    Ok(())
}

fn cannot_start(address: SocketAddr, flag: &str, error: StartError) -> String {
    match error {
        StartError::Listen(error) => cannot_listen(address, flag, &error),
        StartError::Load(why) => why,
    }
}

/// Opens the listener for topics, if there shall be one of its own. The real address.
fn open_topics(mut server: Server, topics: Topics) -> Result<(Server, Topics), String> {
    let topics = match topics {
        Topics::Also(address) => server
            .open_topics(address)
            .map(Topics::Also)
            .map_err(|error| cannot_listen(address, "--topics", &error))?,
        same => same,
    };
    Ok((server, topics))
}

/// The first signal stops the server in good order, the second ends the process at once.
async fn stop_on_signal(mut signals: Signals, stop: StopHandle) {
    let _ = poll_fn(|context| signals.poll_recv(context)).await;
    stop.stop();
    let signal = poll_fn(|context| signals.poll_recv(context)).await;
    std::process::exit(signal.exit_status().into());
}

/// `flag` is what chose the address.
fn cannot_listen(address: SocketAddr, flag: &str, error: &io::Error) -> String {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "another program listens there; stop it, or choose another port, \
             as in {flag} {}:{} (port 0 takes a free one)",
            address.ip(),
            address.port().checked_add(1).unwrap_or(0)
        ),
        io::ErrorKind::PermissionDenied => {
            format!("ports below 1024 are the system's; choose a higher one with {flag}")
        }
        io::ErrorKind::AddrNotAvailable => {
            let port = address.port();
            format!("this machine has no such address; {flag} 127.0.0.1:{port} is always there")
        }
        _ => format!("choose another address with {flag}"),
    };
    format!("cannot listen on {address}: {error}: {advice}")
}

/// The first screen.
struct Welcome {
    limits: String,
}

impl Welcome {
    fn new(config: &Config) -> Welcome {
        let timeout = match config.timeout {
            Some(timeout) => format!("closed after {} s of silence", timeout.as_secs()),
            None => "never closed for silence".to_owned(),
        };
        let limits = format!(
            "{} clients, {}; held back at {} KiB of unread replies",
            config.max_clients,
            timeout,
            config.output_limit / 1024
        );
        Welcome { limits }
    }

    fn text(&self, address: SocketAddr, topics: Topics, metrics: Option<SocketAddr>) -> String {
        let (ip, port) = (address.ip(), address.port());
        let metrics = metrics
            .map_or(String::new(), |address| format!("metrics at http://{address}/metrics\n"));
        let (purpose, hint) = match topics {
            Topics::Only(_) => (
                "topics for telnet and nc",
                format!(
                    "try: telnet {ip} {port}, then type: SUB news, and in another: PUB news hi"
                ),
            ),
            _ => (
                "keys and publish/subscribe for Redis clients",
                format!("try: redis-cli -p {port}   or: nc {ip} {port}, then type: SET a 1"),
            ),
        };
        let also = match topics {
            Topics::Also(at) => {
                format!("topics on {at}: telnet {} {}, then type: SUB news\n", at.ip(), at.port())
            }
            _ => String::new(),
        };
        format!(
            "kv-server {version}: {purpose}\n\
             listening on {address}\n\
             {also}\
             {metrics}\
             runtime {runtime}, waiting with {backend}, process {process}\n\
             limits: {limits}\n\
             {hint}\n\
             Ctrl-C stops it; --help lists what can be set\n",
            version = env!("CARGO_PKG_VERSION"),
            runtime = rt::NAME,
            backend = rt::backend(),
            process = std::process::id(),
            limits = self.limits,
        )
    }
}

/// On stdout, at once. If nobody reads it any more, the server serves all the same.
fn say(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// On stderr, likewise.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "kv-server: {text}");
}
