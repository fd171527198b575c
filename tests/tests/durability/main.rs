//! What is on the disk: the log, snapshots, what is made of damaged ones, what Redis makes of ours
//! and we of Redis's, and what happens when the disk does not take it.

mod admin;
mod damage;
mod exchange;
mod failure;
mod log;
mod migration;

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tests::{PATIENCE, Server, Wire, wait_until};

/// A folder for a server's files.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder for temporary files"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// A path in the folder of the log.
    fn log(&self, name: &str) -> PathBuf {
        self.path().join("appendonlydir").join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.log(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.log(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("there is room");
        std::fs::write(path, bytes).expect("there is room");
    }

    /// A log of this one file.
    fn only(&self, bytes: &[u8]) {
        self.write("appendonly.aof.manifest", b"file appendonly.aof.1.incr.aof seq 1 type i\n");
        self.write("appendonly.aof.1.incr.aof", bytes);
    }

    fn flags<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let mut flags = vec!["--dir", self.path().to_str().expect("UTF-8")];
        flags.extend(more);
        flags
    }

    /// Our server on this folder.
    #[track_caller]
    fn start(&self, more: &[&str]) -> Server {
        Server::start_with(&self.flags(more))
    }

    /// Our server on this folder, with a log.
    #[track_caller]
    fn start_log(&self, more: &[&str]) -> Server {
        self.start(&[&["--appendonly", "yes"], more].concat())
    }

    /// Redis on this folder.
    fn redis(&self, test: &str, more: &[&str]) -> Option<Server> {
        Server::oracle_with(test, &self.flags(more))
    }
}

/// Ends the server as a service manager does.
#[track_caller]
fn terminate(mut server: Server) {
    server.process().signal("TERM");
    let status = server.process().wait_for_exit(PATIENCE);
    assert_eq!(status.code(), Some(0), "{}", server.process().transcript());
}

/// Ends the server as nobody should.
#[track_caller]
fn kill(mut server: Server) {
    server.process().signal("KILL");
    server.process().wait_for_exit(PATIENCE);
}

/// Waits until a field of INFO has this value.
#[track_caller]
fn wait_for_info(wire: &mut Wire, field: &str, value: &str) {
    wait_until(&format!("{field}:{value}"), PATIENCE, || wire.info(field) == value);
}

#[track_caller]
fn set(wire: &mut Wire, key: &str, value: &str) {
    wire.transcript(&[(&format!("SET {key} {value}"), "+OK\r\n")]);
}

#[track_caller]
fn get(wire: &mut Wire, key: &str) -> Option<String> {
    let reply = wire.ask(&["GET", key]);
    reply.body.is_some().then(|| reply.text())
}
