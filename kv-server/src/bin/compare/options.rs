//! The command line, and the loads that there are.

use std::path::PathBuf;

use clap::Parser;

use crate::programs::{Kind, Program};

/// Compares the server on our own runtime with the same server on tokio.
///
/// Builds both, and the bare event loop of the book; takes redis-server too where it is installed, and
/// strace for the system calls. Prints a table, and writes a page with plots and the JSON behind it
/// to the target folder, in compare/. A whole run takes under five minutes, beside the first build.
/// Run it on a machine that does little else; it says so itself where the machine was too busy.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Options {
    /// Half a minute instead of four: fewer and shorter slices
    #[arg(long)]
    pub(crate) quick: bool,

    /// Load to compare under; may be given several times. Also: incr-1, incr-16, mset-1, mset-16,
    /// publish-1, publish-16
    #[arg(long = "workload", value_name = "NAME", value_parser = workload,
          default_values = ["get-1", "set-1", "get-16", "set-16", "fan-out-16"])]
    chosen: Vec<&'static Workload>,

    /// Folder for the page and the JSON, instead of compare/ in the target folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) output: Option<PathBuf>,
}

impl Options {
    /// Slices of each program and workload.
    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 6 } else { 42 }
    }

    /// How long one slice is.
    pub(crate) fn slice_seconds(&self) -> f64 {
        if self.quick { 0.05 } else { 0.1 }
    }

    /// Slices of each program from another core, which are for the picture only.
    pub(crate) fn far_rounds(&self) -> usize {
        if self.quick { 1 } else { 3 }
    }

    /// How long one of those is.
    pub(crate) fn far_seconds(&self) -> f64 {
        if self.quick { 0.15 } else { 0.3 }
    }

    /// Turns of which system calls are counted; a traced server is many times slower.
    pub(crate) fn traced_turns(&self) -> u64 {
        if self.quick { 30 } else { 160 }
    }

    /// Connections that are left idle.
    pub(crate) fn idle_connections(&self) -> usize {
        if self.quick { 1_000 } else { 4_000 }
    }

    /// The loads to compare under.
    pub(crate) fn workloads(&self) -> &[&'static Workload] {
        &self.chosen
    }
}

/// A load of the generator, all of it in lock-step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Workload {
    /// On the command line.
    pub(crate) name: &'static str,
    /// In tables.
    pub(crate) title: &'static str,
    /// What one operation is.
    pub(crate) unit: &'static str,
    /// Options of the generator.
    pub(crate) load: &'static [&'static str],
    /// Operations of one turn: of all that is sent before all is waited for.
    pub(crate) turn: u64,
    /// The bare event loop knows the command.
    bare: bool,
}

impl Workload {
    /// Whether a program can be put under this load.
    pub(crate) fn suits(&self, program: &Program) -> bool {
        self.bare || program.kind != Kind::Bare
    }
}

const fn requests(
    name: &'static str,
    title: &'static str,
    load: &'static [&'static str],
    at_once: u64,
    bare: bool,
) -> Workload {
    Workload { name, title, unit: "request", load, turn: 50 * at_once, bare }
}

/// All that there are; 50 connections, values of 64 bytes.
const WORKLOADS: [Workload; 11] = [
    requests("get-1", "GET, 1 a round trip", &["--mix=get", "--pipeline=1"], 1, true),
    requests("set-1", "SET, 1 a round trip", &["--mix=set", "--pipeline=1"], 1, true),
    requests("get-16", "GET, 16 pipelined", &["--mix=get", "--pipeline=16"], 16, true),
    requests("set-16", "SET, 16 pipelined", &["--mix=set", "--pipeline=16"], 16, true),
    Workload {
        name: "fan-out-16",
        title: "fan-out to 100 subscribers, window 16",
        unit: "message",
        load: &["--subscribers", "100", "--connections=1", "--pipeline=16"],
        turn: 16 * 100,
        bare: true,
    },
    requests("incr-1", "INCR, 1 a round trip", &["--mix=incr", "--pipeline=1"], 1, false),
    requests("incr-16", "INCR, 16 pipelined", &["--mix=incr", "--pipeline=16"], 16, false),
    requests(
        "mset-1",
        "MSET of 10 keys, 1 a round trip",
        &["--mix=mset", "--pipeline=1"],
        1,
        false,
    ),
    requests(
        "mset-16",
        "MSET of 10 keys, 16 pipelined",
        &["--mix=mset", "--pipeline=16"],
        16,
        false,
    ),
    requests(
        "publish-1",
        "PUBLISH to nobody, 1 a round trip",
        &["--mix=publish", "--pipeline=1"],
        1,
        true,
    ),
    requests(
        "publish-16",
        "PUBLISH to nobody, 16 pipelined",
        &["--mix=publish", "--pipeline=16"],
        16,
        true,
    ),
];

fn workload(name: &str) -> Result<&'static Workload, String> {
    WORKLOADS.iter().find(|workload| workload.name == name).ok_or_else(|| {
        let names: Vec<&str> = WORKLOADS.iter().map(|workload| workload.name).collect();
        format!("there are {}", names.join(", "))
    })
}
