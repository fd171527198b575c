//! Runs the load generator, and reads what it found.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::place::{Place, Places};
use crate::programs::found;
use crate::server::Server;

/// Options of every load.
const COMMON: [&str; 5] = ["--json", "--quiet", "--keys=10000", "--value-size=64", "--address"];

/// The load generator, and where it may run.
#[derive(Debug)]
pub(crate) struct Driver {
    generator: PathBuf,
    pub(crate) places: Places,
    /// There is chrt(1).
    can_wait_politely: bool,
}

/// What one run found.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) per_second: f64,
    /// Processor seconds of the server, a million operations.
    pub(crate) cpu: f64,
    pub(crate) operations: f64,
    /// All that the generator said.
    pub(crate) all: Value,
}

impl Driver {
    pub(crate) fn new(generator: PathBuf, places: Places) -> Driver {
        Driver { generator, places, can_wait_politely: found("chrt") }
    }

    /// The generator as a command. On the servers' core it is a batch process (sched(7)): one that,
    /// when it wakes, does not take the core from who runs. Else the first reply of a turn would
    /// interrupt the server, ten times and more a turn, the faster the server the more often; so the
    /// server goes on until it waits itself.
    fn command(&self, place: Place) -> Command {
        if place == Place::Server && self.can_wait_politely {
            let mut command = Command::new("chrt");
            command.args(["--batch", "0"]).arg(&self.generator);
            return command;
        }
        Command::new(&self.generator)
    }

    /// Loads a server from a place.
    ///
    /// # Errors
    /// In words: what the generator complains of.
    pub(crate) fn run(
        &self,
        server: &Server,
        place: Place,
        load: &[&str],
        more: &[&str],
    ) -> Result<Run, String> {
        let mut command = self.command(place);
        command.args(COMMON).arg(server.address.to_string());
        command.args(["--server-process", &server.process().to_string()]);
        command.args(load).args(more);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ran = self.places.spawn(place, command).and_then(|child| child.wait_with_output());
        let output = ran.map_err(|error| format!("kv-bench cannot be run: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let printed = String::from_utf8_lossy(&output.stdout);
            return Err(format!("kv-bench {} failed: {said}{printed}", load.join(" ")));
        }
        let all: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("kv-bench does not print JSON: {error}"))?;
        let number = |name: &str| {
            all[name].as_f64().ok_or_else(|| format!("kv-bench does not say its {name}"))
        };
        Ok(Run {
            per_second: number("operations_per_second")?,
            cpu: number("server_cpu_seconds_per_million")?,
            operations: number("operations")?,
            all,
        })
    }
}
