//! Runs the transcripts that need a server: those of a chapter that are labelled `console,session`.
//!
//! ```text
//!   $ cargo run --release -p kv-server                 started, on a free port; its words are not compared
//!   $ cargo run … --bin kv-cli -- SET greeting hello   run, with that port; its output is compared
//!   end of the chapter                                 the server is ended
//! ```
//! What is run is a debug build: what a release build prints is the same, and it takes long to make. The
//! client is told to write as it does at a terminal, for that is where a reader sits.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::page::Block;
use crate::transcript;

/// Building the server is included.
const DEADLINE: Duration = Duration::from_secs(300);

/// What the commands of the blocks print today, block by block.
pub(crate) fn run(blocks: &[&Block], root: &Path) -> io::Result<Vec<String>> {
    let mut server = None;
    let mut texts = Vec::new();
    for block in blocks {
        let starts = block.code.lines().find_map(|line| line.strip_prefix("$ ").filter(is_server));
        if let Some(command) = starts {
            server = Some(Server::start(command, root)?);
            texts.push(block.code.lines().map(|line| line.to_owned() + "\n").collect());
            continue;
        }
        let port = server.as_ref().map_or(0, |server: &Server| server.port);
        let here = |command: &str| {
            let command = command.replace(" --release", "");
            command.replacen("kv-cli --", &format!("kv-cli -- --no-raw --port {port}"), 1)
        };
        texts.push(transcript::run(&block.code, root, &here)?.text);
    }
    Ok(texts)
}

fn is_server(command: &&str) -> bool {
    command.contains("kv-server") && !command.contains("--bin")
}

struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(command: &str, root: &Path) -> io::Result<Server> {
        let command = command.replace(" --release", "");
        let mut process = Command::new("sh")
            .args(["-c", &format!("exec {command} -- --bind 127.0.0.1:0")])
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = process.stdout.take().expect("it was asked for");
        let mut server = Server { process, port: 0 };
        let (sender, port) = mpsc::channel();
        thread::spawn(move || {
            // To the end: a server whose output nobody reads may stand still.
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let address = line.split("listening on ").nth(1);
                let port = address.and_then(|address| address.rsplit(':').next());
                if let Some(port) = port.and_then(|port| port.trim().parse().ok()) {
                    let _ = sender.send(port);
                }
            }
        });
        server.port = port.recv_timeout(DEADLINE).map_err(|_| {
            io::Error::other(format!("`{command}` said no \"listening on\" with a port"))
        })?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
