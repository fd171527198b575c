//! What DESIGN.md promises of the sources, checked on the sources.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use tests::binary::{cargo, metadata, workspace};
use tests::structure::source::{self, Source};
use tests::structure::{imports, layers, size, tokens};

/// The modules of `reactor`, lowest first: DESIGN.md §2, and what has come to be between.
const REACTOR: &[&str] = &[
    "event",
    "sys",
    "slab",
    "poller",
    "sources",
    "timers",
    "virtual_clock",
    "budget",
    "reactor",
    "source",
    "io",
    "time",
    "net",
    "signal",
    "process",
    "stdio",
    "testing",
];

/// The modules of `executor`, lowest first.
const EXECUTOR: &[&str] = &[
    "unwind",
    "primitives",
    "table",
    "join_error",
    "names",
    "ready_queue",
    "task",
    "scheduler",
    "join",
    "remote",
    "blocking",
    "context",
    "handle",
    "runtime",
    "spawn_named",
    "park",
    "sync",
    "cross",
    "future",
    "join_set",
    "cancellation",
    "task_local",
    "fs",
    "dns",
    "cores",
    "compat",
];

/// The modules of `kv-server`, lowest first; `cli` is the binary's own.
const KV_SERVER: &[&str] = &[
    "glob",
    "resp",
    "db",
    "events",
    "ledger",
    "transaction",
    "message",
    "outbox",
    "clients",
    "watches",
    "config",
    "logging",
    "log",
    "journal",
    "persistence",
    "pubsub",
    "platform",
    "stats",
    "slowlog",
    "state",
    "fan_out",
    "cmd",
    "topics",
    "rt",
    "connection",
    "server",
    "client",
    "fuzz",
    "cli",
];

/// Who in `kv-server` may know that there is a runtime, beside the binaries.
const KNOW_THE_RUNTIME: &[&str] = &["rt", "connection", "server", "client"];

#[test]
fn reactor_depends_on_libc_alone() {
    assert_eq!(dependencies("reactor"), ["libc"]);
}

#[test]
fn executor_depends_on_three_crates() {
    let expected = ["crossbeam-channel", "futures-task", "reactor"];
    assert_eq!(dependencies("executor"), expected);
}

#[test]
fn the_tokio_flavour_links_nothing_of_ours() {
    let crates = linked(&["-p", "kv-server", "--no-default-features", "--features", "tokio"]);
    assert!(crates.contains("tokio"), "{crates:?}");
    assert!(!crates.contains("reactor"), "{crates:?}");
    assert!(!crates.contains("executor"), "{crates:?}");
}

#[test]
fn our_own_flavour_does_not_link_tokio() {
    let crates = linked(&["-p", "kv-server"]);
    assert!(crates.contains("reactor"), "{crates:?}");
    assert!(crates.contains("executor"), "{crates:?}");
    assert!(!crates.contains("tokio"), "{crates:?}");
}

#[test]
fn imports_of_reactor_run_one_way() {
    nothing_wrong(layers::violations(&source::below("reactor/src"), REACTOR));
}

#[test]
fn imports_of_executor_run_one_way() {
    nothing_wrong(layers::violations(&source::below("executor/src"), EXECUTOR));
}

#[test]
fn imports_of_kv_server_run_one_way() {
    nothing_wrong(layers::violations(&source::below("kv-server/src"), KV_SERVER));
}

#[test]
fn data_and_commands_know_no_runtime() {
    let sources = source::below("kv-server/src");
    let wrong = sources
        .iter()
        .flat_map(imports::of)
        .filter(|import| import.to.first().is_some_and(|module| module == "rt"))
        .filter(|import| {
            let from = import.from.first().map(String::as_str);
            from.is_some_and(|from| !KNOW_THE_RUNTIME.contains(&from))
        })
        .map(|import| format!("{}: `{}`", import.place, import.to.join("::")));
    nothing_wrong(wrong.collect());
}

#[test]
fn the_kernel_and_the_clock_have_one_door() {
    let outside = |file: &Source| !file.path.starts_with("reactor/src/sys/");
    let above: Vec<Source> = source::below("reactor/src")
        .into_iter()
        .chain(source::below("executor/src"))
        .filter(outside)
        .collect();
    for named in ["libc", "Instant::now", "SystemTime::now"] {
        nothing_wrong(places(&above, named, tokens::lines_with_outside_tests));
    }
}

#[test]
fn only_sys_knows_which_system_it_is_on() {
    let above: Vec<Source> = ["reactor/src", "executor/src", "kv-server/src"]
        .into_iter()
        .flat_map(source::below)
        .filter(|file| !file.path.starts_with("reactor/src/sys/"))
        .collect();
    for named in ["target_os", "target_vendor", "reactor_kqueue_emu"] {
        nothing_wrong(places(&above, named, tokens::lines_with_outside_tests));
    }
}

#[test]
fn only_the_facade_knows_which_runtime_it_is_on() {
    let above: Vec<Source> = source::below("kv-server")
        .into_iter()
        .filter(|file| !file.path.starts_with("kv-server/src/rt/"))
        .collect();
    for named in ["feature = \"tokio\"", "feature = \"own\""] {
        nothing_wrong(places(&above, named, tokens::lines_with));
    }
}

/// What a chapter of the book shows that is about the line itself: instructions, and calls past it; and
/// about projections, a right one and a wrong one.
const SHOWN_UNSAFE: &[&str] = &[
    "book/exercises/solutions/ex07.rs",
    "book/listings/src/ch03/",
    "book/listings/src/ch07/fair.rs",
];

#[test]
fn unsafe_is_in_reactor_alone() {
    let may = |file: &Source| {
        file.path.starts_with("reactor/")
            || SHOWN_UNSAFE.iter().any(|folder| file.path.starts_with(folder))
    };
    let others: Vec<Source> = source::below("").into_iter().filter(|file| !may(file)).collect();
    nothing_wrong(places(&others, "unsafe", tokens::lines_with));
}

#[test]
fn files_and_functions_are_short() {
    let files = source::below("");
    nothing_wrong(files.iter().flat_map(size::violations).collect());
}

#[test]
fn the_top_level_holds_what_the_design_lists() {
    // What git would see: what it has, and what it would be given by `git add`.
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(workspace())
        .output();
    let listing = match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into(),
        _ => {
            let reason = "this is no git work tree, or there is no git";
            return tests::tools::missing("the top level", reason);
        }
    };
    let listing: String = listing;
    let top: BTreeSet<&str> = listing.lines().filter_map(|path| path.split('/').next()).collect();
    assert!(top.contains("Cargo.toml"), "git lists no sources: {top:?}");
    let listed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "reactor",
        "executor",
        "kv-server",
        "book",
        "tests",
    ];
    let strange: Vec<&&str> = top
        .iter()
        .filter(|name| {
            let known = listed.contains(name);
            !known && !name.starts_with('.') && !name.starts_with("LICENSE")
        })
        .collect();
    assert!(strange.is_empty(), "not in DESIGN.md §2: {strange:?}");
}

/// The normal dependencies of a crate of the workspace, on any system and with any feature.
fn dependencies(name: &str) -> Vec<String> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let package = packages
        .iter()
        .find(|package| package["name"] == name)
        .unwrap_or_else(|| panic!("no crate `{name}` in the workspace"));
    let mut names: Vec<String> = package["dependencies"]
        .as_array()
        .expect("a list of dependencies")
        .iter()
        .filter(|dependency| dependency["kind"] == Value::Null)
        // Off unless somebody asks for them: the traits of the ecosystem.
        .filter(|dependency| dependency["optional"] == Value::Bool(false))
        .map(|dependency| dependency["name"].as_str().expect("a name").to_owned())
        .collect();
    names.sort();
    names
}

/// The crates that a build with these options would link.
fn linked(options: &[&str]) -> BTreeSet<String> {
    let mut arguments = vec!["tree", "-e", "normal", "--prefix", "none", "--format", "{p}"];
    arguments.extend(options);
    let tree = cargo(&arguments).unwrap_or_else(|error| panic!("{error}"));
    // Each line is `name v1.2.3 (path)`, without indentation.
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn places(files: &[Source], named: &str, find: fn(&Source, &str) -> Vec<usize>) -> Vec<String> {
    assert!(!files.is_empty(), "a check of nothing checks nothing");
    files
        .iter()
        .flat_map(|file| {
            let lines = find(file, named).into_iter();
            lines.map(|line| format!("{}:{line}: `{named}`", file.path))
        })
        .collect()
}

#[track_caller]
fn nothing_wrong(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
