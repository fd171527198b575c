//! The `kv-server` program: reads the command line, serves until a signal, says goodbye.

#![forbid(unsafe_code)]

mod cli;

use std::future::poll_fn;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use kv_server::config::Config;
use kv_server::rt::{self, Signals};
use kv_server::server::{Server, StopHandle, fit_descriptors};

fn main() -> ExitCode {
    let mut config = cli::Options::parse().into_config();
    if let Some(note) = fit_descriptors(&mut config) {
        complain(&note);
    }
    match rt::block_on(serve(config)) {
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

/// From the first line to the last.
async fn serve(config: Config) -> Result<(), String> {
    let bind = config.bind;
    let welcome = Welcome::new(&config);
    let server = Server::bind(config).map_err(|error| cannot_listen(bind, &error))?;
    let signals = Signals::terminate().map_err(|error| format!("cannot catch signals: {error}"))?;
    rt::spawn(stop_on_signal(signals, server.stop_handle()));
    say(&welcome.text(server.local_addr()));
    let left = server.run().await;
    say(&match left {
        0 => "stopped; every client was answered, goodbye\n".to_owned(),
        _ => format!("stopped; {left} clients did not take their replies in time, goodbye\n"),
    });
    Ok(())
}

/// The first signal stops the server in good order, the second ends the process at once.
async fn stop_on_signal(mut signals: Signals, stop: StopHandle) {
    let _ = poll_fn(|context| signals.poll_recv(context)).await;
    stop.stop();
    let signal = poll_fn(|context| signals.poll_recv(context)).await;
    std::process::exit(signal.exit_status().into());
}

fn cannot_listen(address: SocketAddr, error: &io::Error) -> String {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "another program listens there; stop it, or choose another port, \
             as in --bind {}:{} (port 0 takes a free one)",
            address.ip(),
            address.port().checked_add(1).unwrap_or(0)
        ),
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 are the system's; choose a higher one with --bind".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; --bind 127.0.0.1:6379 is always there".to_owned()
        }
        _ => "choose another address with --bind".to_owned(),
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

    fn text(&self, address: SocketAddr) -> String {
        let (ip, port) = (address.ip(), address.port());
        format!(
            "kv-server {version}: keys and publish/subscribe for Redis clients\n\
             listening on {address}\n\
             runtime {runtime}, waiting with {backend}, process {process}\n\
             limits: {limits}\n\
             try: redis-cli -p {port}   or: nc {ip} {port}, then type: SET a 1\n\
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
