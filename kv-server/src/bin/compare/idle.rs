//! Memory of connections that were served once and then say nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use indicatif::ProgressBar;

use crate::drive::Driver;
use crate::machine::resident;
use crate::options::Options;
use crate::outcome::Idle;
use crate::programs::{CONTROL, Program, REFERENCE_NAME};
use crate::server::Server;

/// Connections before the first look: tables and buffers that all share exist by then.
const BEFORE: usize = 200;

/// How long a server may take for a reply.
const PATIENCE: Duration = Duration::from_secs(10);

/// What connections ask once.
const QUESTION: &[u8] = b"*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n";

/// Measures each program.
///
/// # Errors
/// In words: a server does not take so many connections.
pub(crate) fn run(
    options: &Options,
    programs: &[Program],
    driver: &Driver,
    bar: &ProgressBar,
) -> Result<Vec<Idle>, String> {
    let wanted = (options.idle_connections() + BEFORE) as u64 + 100;
    // Inherited by the servers that do not raise it themselves.
    let limit = rlimit::increase_nofile_limit(wanted).unwrap_or(1024).saturating_sub(100);
    let connections = usize::try_from(limit).unwrap_or(0).min(options.idle_connections() + BEFORE);
    let mut found: Vec<Idle> = Vec::new();
    for program in programs.iter().filter(|program| program.name != CONTROL) {
        bar.set_message(format!("idle connections: {}", program.name));
        let server = Server::start(program, &driver.places)?;
        let Some(bytes) = each(&server, connections.saturating_sub(BEFORE))
            .map_err(|why| format!("{} with idle connections: {why}", program.name))?
        else {
            return Ok(Vec::new());
        };
        let reference = found.iter().find(|idle| idle.name == REFERENCE_NAME);
        let ratio = bytes / reference.map_or(bytes, |idle| idle.bytes);
        let connections = connections.saturating_sub(BEFORE);
        found.push(Idle { name: program.name, connections, bytes, ratio });
        bar.inc(1);
    }
    Ok(found)
}

/// Resident bytes of each connection; `None` where the system does not say.
fn each(server: &Server, connections: usize) -> Result<Option<f64>, String> {
    let mut idle = Vec::new();
    for _ in 0..BEFORE {
        idle.push(served_once(server).map_err(|error| error.to_string())?);
    }
    let before = resident(server.process());
    for count in 0..connections {
        let stream = served_once(server).map_err(|error| format!("after {count}: {error}"))?;
        idle.push(stream);
    }
    let after = resident(server.process());
    let more = after.zip(before).map(|(after, before)| after.saturating_sub(before));
    Ok(more.map(|more| more as f64 / connections.max(1) as f64))
}

fn served_once(server: &Server) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(server.address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(QUESTION)?;
    let mut reply = [0; 5];
    stream.read_exact(&mut reply)?;
    match &reply {
        b"$-1\r\n" => Ok(stream),
        _ => Err(std::io::ErrorKind::InvalidData.into()),
    }
}
