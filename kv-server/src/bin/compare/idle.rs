//! Connections that were served once and then say nothing: their memory, and what the server does.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use indicatif::ProgressBar;

use crate::drive::Driver;
use crate::machine::resident;
use crate::options::Options;
use crate::outcome::{Idle, Quiet};
use crate::programs::{CONTROL, Kind, Program, REFERENCE_NAME, found};
use crate::quiet;
use crate::server::{Server, Start};

/// Connections before the first look: tables and buffers that all share exist by then.
const BEFORE: usize = 200;

/// Descriptors that are not connections, here or in a server.
const OURS: usize = 100;

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
) -> Result<(Vec<Idle>, Vec<Quiet>), String> {
    let wanted = (options.idle_connections() + BEFORE + OURS) as u64;
    // Inherited by the servers that do not raise it themselves.
    let limit = rlimit::increase_nofile_limit(wanted).unwrap_or(1024);
    let possible = usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(OURS);
    let count = possible.min(options.idle_connections() + BEFORE).saturating_sub(BEFORE);
    let start = Start { clients: Some(count + BEFORE + 1), ..Start::default() };
    let traces = found("strace");
    let (mut memory, mut quiet) = (Vec::<Idle>::new(), Vec::new());
    for program in programs.iter().filter(|program| is_asked(program)) {
        bar.set_message(format!("idle connections: {}", program.name));
        let server = Server::start_as(program, &driver.places, &start)?;
        let told = |why| format!("{} with idle connections: {why}", program.name);
        let (idle, bytes) = connect(&server, count).map_err(told)?;
        if let Some(bytes) = bytes {
            let reference = memory.iter().find(|idle| idle.name == REFERENCE_NAME);
            let ratio = bytes / reference.map_or(bytes, |idle| idle.bytes);
            memory.push(Idle { name: program.name, connections: count, bytes, ratio });
        }
        if traces && options.traces(program) {
            match quiet::watch(program.name, &server, options.watched_seconds()) {
                Ok(found) => quiet.push(found),
                Err(why) => bar.suspend(|| eprintln!("nobody watches an idle server: {why}")),
            }
        }
        drop(idle);
        bar.inc(1);
    }
    Ok((memory, quiet))
}

/// The control would say the same again, and one knows no GET.
pub(crate) fn is_asked(program: &Program) -> bool {
    program.name != CONTROL && program.kind != Kind::Channels
}

/// Connections that were served, and resident bytes of each of `count`; `None` where the system does
/// not say.
fn connect(server: &Server, count: usize) -> Result<(Vec<TcpStream>, Option<f64>), String> {
    let mut idle = Vec::with_capacity(BEFORE + count);
    for _ in 0..BEFORE {
        idle.push(served_once(server).map_err(|error| error.to_string())?);
    }
    let before = resident(server.process());
    for number in 0..count {
        let stream = served_once(server).map_err(|error| format!("after {number}: {error}"))?;
        idle.push(stream);
    }
    let after = resident(server.process());
    let more = after.zip(before).map(|(after, before)| after.saturating_sub(before));
    Ok((idle, more.map(|more| more as f64 / count.max(1) as f64)))
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
