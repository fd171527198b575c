//! The command line, and the loads that there are.

use std::path::PathBuf;

use clap::Parser;

use crate::programs::{CONTROL, Kind, OWN, Program, REFERENCE_NAME};

/// Compares the server on our own runtime with the same server on tokio.
///
/// Builds both, and two listings of the book: a bare event loop, and fan-out by tokio's channels. Takes
/// redis-server too where it is installed, strace for the system calls, and valgrind for the instructions. Prints tables, what was to be
/// reached and whether it was, and writes a page with plots and the JSON behind it to the target
/// folder, in compare/. A whole run takes under five minutes, beside the first build.
/// Run it on a machine that does little else; it says so itself where the machine was too busy.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Options {
    /// Half a minute instead of five: fewer loads, fewer and shorter slices
    #[arg(long)]
    pub(crate) quick: bool,

    /// With --quick, count instructions too, which takes another half a minute; else it is done anyway
    #[arg(long)]
    instructions: bool,

    /// Instead: what a GET costs with ten connections, and with more, up to 19900
    #[arg(long, conflicts_with_all = ["instructions", "chosen"])]
    pub(crate) scaling: bool,

    /// Compare under this load alone; may be given several times
    #[arg(long = "workload", value_name = "NAME", value_parser = workload)]
    chosen: Vec<&'static Workload>,

    /// Folder for the page and the JSON, instead of compare/ in the target folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) output: Option<PathBuf>,
}

impl Options {
    /// The loads to compare under.
    pub(crate) fn workloads(&self) -> Vec<&'static Workload> {
        if !self.chosen.is_empty() {
            return self.chosen.clone();
        }
        let left_out = |workload: &Workload| !workload.main || workload.name == "set-1";
        // One at a time, a SET differs from a GET by less than a quick run can see.
        WORKLOADS.iter().filter(|workload| !(self.quick && left_out(workload))).collect()
    }

    /// Whether a load is looked at from all sides: those that somebody asks for, and the main ones.
    pub(crate) fn is_thorough(&self, workload: &Workload) -> bool {
        workload.main || !self.chosen.is_empty()
    }

    /// Slices of each program under a load. The lesser loads are there for their ratio to Redis, which
    /// is far from 1.
    pub(crate) fn rounds(&self, workload: &Workload) -> usize {
        match (self.quick, self.is_thorough(workload)) {
            (true, _) => 7,
            (false, true) => 42,
            (false, false) => 10,
        }
    }

    /// Slices of each program from another core under a load.
    pub(crate) fn far_slices(&self, workload: &Workload) -> usize {
        if self.is_thorough(workload) { self.far_rounds() } else { 0 }
    }

    /// Whether a program's system calls are counted. The control would say the same again.
    pub(crate) fn traces(&self, program: &Program) -> bool {
        match program.name {
            CONTROL => false,
            REFERENCE_NAME | OWN => true,
            _ => !self.quick,
        }
    }

    /// Whether instructions are counted.
    pub(crate) fn counts_instructions(&self) -> bool {
        !self.quick || self.instructions
    }

    /// How long one slice is. Many short ones tell more than few long ones: who disturbs the machine
    /// spoils the slices that he meets, and the median passes over these.
    pub(crate) fn slice_seconds(&self) -> f64 {
        if self.quick { 0.05 } else { 0.08 }
    }

    /// Slices of each program from another core, which are for the picture only.
    pub(crate) fn far_rounds(&self) -> usize {
        if self.quick { 1 } else { 3 }
    }

    /// How long one of those is.
    pub(crate) fn far_seconds(&self) -> f64 {
        if self.quick { 0.1 } else { 0.2 }
    }

    /// How long latency is measured at once.
    pub(crate) fn paced_seconds(&self) -> f64 {
        if self.quick { 0.4 } else { 0.8 }
    }

    /// Turns of which system calls are counted; a traced server is many times slower. So many that the
    /// end of the connections, of which the last turn may show some, counts for little.
    pub(crate) fn traced_turns(&self) -> u64 {
        if self.quick { 30 } else { 60 }
    }

    /// For how long an idle server is watched, in seconds.
    pub(crate) fn watched_seconds(&self) -> f64 {
        if self.quick { 0.5 } else { 1.0 }
    }

    /// Connections that are left idle.
    pub(crate) fn idle_connections(&self) -> usize {
        if self.quick { 1_000 } else { 10_000 }
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
    /// One of those by which the runtimes are compared.
    main: bool,
}

impl Workload {
    /// Whether a program can be put under this load.
    pub(crate) fn suits(&self, program: &Program) -> bool {
        match program.kind {
            Kind::KvServer | Kind::Redis => true,
            Kind::Bare => self.bare,
            Kind::Channels => self.is_fan_out(),
        }
    }

    /// Whether messages go to subscribers.
    fn is_fan_out(&self) -> bool {
        self.unit == "message"
    }
}

/// A load of single commands, so many of each connection at once.
const fn requests(
    name: &'static str,
    title: &'static str,
    load: &'static [&'static str],
    at_once: u64,
) -> Workload {
    Workload { name, title, unit: "request", load, turn: 50 * at_once, bare: true, main: true }
}

/// One that the event loop does not know, or does not matter for it.
const fn lesser(workload: Workload) -> Workload {
    Workload { bare: false, main: false, ..workload }
}

/// All that there are; 50 connections, values of 64 bytes.
const WORKLOADS: [Workload; 11] = [
    requests("get-1", "GET, 1 a round trip", &["--mix=get", "--pipeline=1"], 1),
    requests("set-1", "SET, 1 a round trip", &["--mix=set", "--pipeline=1"], 1),
    requests("get-16", "GET, 16 pipelined", &["--mix=get", "--pipeline=16"], 16),
    requests("set-16", "SET, 16 pipelined", &["--mix=set", "--pipeline=16"], 16),
    Workload {
        name: "fan-out-16",
        title: "fan-out to 100 subscribers, window 16",
        unit: "message",
        load: &["--subscribers", "100", "--connections=1", "--pipeline=16"],
        turn: 16 * 100,
        bare: true,
        main: true,
    },
    lesser(requests("incr-1", "INCR, 1 a round trip", &["--mix=incr", "--pipeline=1"], 1)),
    lesser(requests("incr-16", "INCR, 16 pipelined", &["--mix=incr", "--pipeline=16"], 16)),
    lesser(requests(
        "mset-1",
        "MSET of 10 keys, 1 a round trip",
        &["--mix=mset", "--pipeline=1"],
        1,
    )),
    lesser(requests(
        "mset-16",
        "MSET of 10 keys, 16 pipelined",
        &["--mix=mset", "--pipeline=16"],
        16,
    )),
    lesser(requests(
        "publish-1",
        "PUBLISH to nobody, 1 a round trip",
        &["--mix=publish", "--pipeline=1"],
        1,
    )),
    lesser(requests(
        "publish-16",
        "PUBLISH to nobody, 16 pipelined",
        &["--mix=publish", "--pipeline=16"],
        16,
    )),
];

/// The load of a name.
///
/// # Errors
/// There is none; says which there are.
pub(crate) fn workload(name: &str) -> Result<&'static Workload, String> {
    WORKLOADS.iter().find(|workload| workload.name == name).ok_or_else(|| {
        let names: Vec<&str> = WORKLOADS.iter().map(|workload| workload.name).collect();
        format!("there are {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> Vec<&'static str> {
        let options = Options::parse_from(std::iter::once(&"compare").chain(arguments));
        options.workloads().iter().map(|workload| workload.name).collect()
    }

    #[test]
    fn a_whole_run_has_all_loads_a_quick_one_the_main_ones_and_a_chosen_one_itself() {
        assert_eq!(names(&[]).len(), WORKLOADS.len());
        assert_eq!(names(&["--quick"]), ["get-1", "get-16", "set-16", "fan-out-16"]);
        assert_eq!(names(&["--quick", "--workload", "incr-16"]), ["incr-16"]);
        let error =
            Options::try_parse_from(["compare", "--workload=get-2"]).expect_err("none is so");
        assert!(error.to_string().contains("there are get-1, set-1"), "{error}");
    }

    #[test]
    fn a_program_is_put_under_the_loads_that_it_knows() {
        let known = |kind| {
            let program = Program { name: "it", kind, path: PathBuf::new() };
            let all = WORKLOADS.iter().filter(|workload| workload.suits(&program));
            all.map(|workload| workload.name).collect::<Vec<_>>()
        };
        assert_eq!(known(Kind::KvServer).len(), WORKLOADS.len());
        assert_eq!(known(Kind::Bare), ["get-1", "set-1", "get-16", "set-16", "fan-out-16"]);
        assert_eq!(known(Kind::Channels), ["fan-out-16"]);
    }

    #[test]
    fn lesser_loads_are_short_unless_they_are_asked_for() {
        let rounds = |arguments: &[&str]| {
            let options = Options::parse_from(std::iter::once(&"compare").chain(arguments));
            let last = options.workloads().pop().expect("there is a load");
            (last.name, options.rounds(last), options.far_slices(last))
        };
        assert_eq!(rounds(&[]), ("publish-16", 10, 0));
        assert_eq!(rounds(&["--workload=publish-16"]), ("publish-16", 42, 3));
    }
}
