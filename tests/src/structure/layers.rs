//! Upward imports and circles.
//!
//! ```text
//!   order = [event, sys, poller, net]        a module may import what stands before it
//!
//!   net ──► poller ──► sys ──► event         fine
//!   sys ──► poller                           upward: named with file and line
//!   net::tcp ──► net::buffer ──► net::tcp    a circle among the files of one module
//! ```
//!
//! The order is a line and not a graph: whoever reads the files in that order meets nothing
//! that was not explained before, which is how the book reads them. A module that the table
//! lacks fails, as does one that the table has and the crate has not.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::{self, Import};
use super::source::Source;

/// What is wrong with the imports of a crate whose modules have this order, lowest first.
pub fn violations(sources: &[Source], order: &[&str]) -> Vec<String> {
    let modules: BTreeSet<Vec<String>> = sources
        .iter()
        .filter(|source| !source.is_test())
        .map(Source::module)
        .filter(|module| !module.is_empty())
        .collect();
    let found: Vec<Import> = sources.iter().flat_map(imports::of).collect();
    let mut wrong = against_table(&modules, order);
    wrong.extend(upward(&found, order, &modules));
    wrong.extend(circles(&found, &modules));
    wrong
}

/// Modules and table must agree, or the table checks something else than the crate.
fn against_table(modules: &BTreeSet<Vec<String>>, order: &[&str]) -> Vec<String> {
    let actual: BTreeSet<&str> = modules.iter().map(|module| module[0].as_str()).collect();
    let table: BTreeSet<&str> = order.iter().copied().collect();
    let missing = actual
        .difference(&table)
        .map(|name| format!("the module `{name}` is not in the table of modules: add it"));
    let stale = table
        .difference(&actual)
        .map(|name| format!("the table of modules has `{name}`, the crate has not: remove it"));
    missing.chain(stale).collect()
}

fn upward(found: &[Import], order: &[&str], modules: &BTreeSet<Vec<String>>) -> Vec<String> {
    let height = |name: &str| order.iter().position(|module| *module == name);
    // One that the table lacks is told of once, not at each of its imports.
    let is_module = |name: &String| modules.iter().any(|module| module[0] == *name);
    let mut wrong = Vec::new();
    for import in found {
        let Some(from) = import.from.first() else {
            // The crate's root stands above all of its modules.
            continue;
        };
        let path = import.to.join("::");
        let place = &import.place;
        let Some(to) = import.to.first() else {
            wrong.push(format!("{place}: `{from}` imports all of the crate's root"));
            continue;
        };
        match (height(from), height(to)) {
            (Some(from_height), Some(to_height)) if from_height < to_height => {
                wrong.push(format!("{place}: upward: `{from}` imports `{path}`"));
            }
            (_, None) if !is_module(to) => wrong.push(format!(
                "{place}: `{from}` imports `{path}` through the crate's root: name its module"
            )),
            _ => {}
        }
    }
    wrong
}

/// Circles among files. A module and its own parts may know one another: they are one thing.
fn circles(found: &[Import], modules: &BTreeSet<Vec<String>>) -> Vec<String> {
    let mut graph: BTreeMap<&[String], BTreeSet<&[String]>> = BTreeMap::new();
    for import in found {
        let (Some(from), Some(to)) = (file_of(&import.from, modules), file_of(&import.to, modules))
        else {
            continue;
        };
        if !from.starts_with(to) && !to.starts_with(from) {
            graph.entry(from).or_default().insert(to);
        }
    }
    let mut wrong = BTreeSet::new();
    for start in graph.keys() {
        if let Some(circle) = way_back(&graph, start) {
            wrong.insert(format!("a circle of imports: {circle}"));
        }
    }
    wrong.into_iter().collect()
}

/// The longest beginning of a path that is a file.
fn file_of<'a>(path: &'a [String], modules: &BTreeSet<Vec<String>>) -> Option<&'a [String]> {
    (1..=path.len()).rev().map(|length| &path[..length]).find(|part| modules.contains(*part))
}

/// A shortest way from `start` to itself, told from its least member, so that each circle is
/// told once.
fn way_back(graph: &BTreeMap<&[String], BTreeSet<&[String]>>, start: &[String]) -> Option<String> {
    let mut ways: Vec<Vec<&[String]>> = vec![vec![start]];
    let mut seen: BTreeSet<&[String]> = BTreeSet::new();
    let mut at = 0;
    while at < ways.len() {
        let way = ways[at].clone();
        at += 1;
        for next in graph.get(way[way.len() - 1]).into_iter().flatten() {
            if *next == start {
                let least = way.iter().min().is_none_or(|least| *least == start);
                let names: Vec<String> = way.iter().map(|part| part.join("::")).collect();
                return least.then(|| format!("{} → {}", names.join(" → "), names[0]));
            }
            if seen.insert(next) {
                let mut longer = way.clone();
                longer.push(next);
                ways.push(longer);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: [&str; 3] = ["low", "middle", "high"];

    fn check(files: &[(&str, &str)]) -> Vec<String> {
        let mut sources = vec![
            Source::new("x/src/lib.rs", "mod low; pub use crate::high::H;"),
            Source::new("x/src/low.rs", ""),
            Source::new("x/src/middle/mod.rs", "mod a; mod b; use self::a::A;"),
            Source::new("x/src/middle/a.rs", "use super::Shared;"),
            Source::new("x/src/middle/b.rs", "use crate::low::L;"),
            Source::new("x/src/high.rs", "use crate::{low::L, middle::M};"),
        ];
        for (path, text) in files {
            let path = format!("x/src/{path}");
            sources.retain(|source| source.path != path);
            sources.push(Source::new(&path, text));
        }
        violations(&sources, &ORDER)
    }

    #[test]
    fn imports_that_run_one_way_are_fine() {
        assert_eq!(check(&[]), Vec::<String>::new());
    }

    #[test]
    fn an_upward_import_is_named() {
        let wrong = check(&[("low.rs", "fn f() { crate::middle::a::go(); }")]);
        assert_eq!(wrong, ["x/src/low.rs:1: upward: `low` imports `middle::a::go`"]);
        // By way of `super` too, and from within a module's part.
        let wrong = check(&[("middle/b.rs", "use super::super::high::H;")]);
        assert_eq!(wrong, ["x/src/middle/b.rs:1: upward: `middle` imports `high::H`"]);
    }

    #[test]
    fn a_circle_within_a_module_is_told_once() {
        let wrong = check(&[
            ("middle/a.rs", "use super::b::B;"),
            ("middle/b.rs", "use crate::middle::a::A;"),
        ]);
        assert_eq!(wrong, ["a circle of imports: middle::a → middle::b → middle::a"]);
    }

    #[test]
    fn the_crates_root_is_no_way_round() {
        let wrong = check(&[("low.rs", "use crate::H;")]);
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(wrong[0].contains("through the crate's root"), "{wrong:?}");
        let wrong = check(&[("low.rs", "use super::*;")]);
        assert_eq!(wrong.len(), 1, "{wrong:?}");
    }

    #[test]
    fn table_and_crate_must_agree() {
        let wrong = check(&[("newcomer.rs", "")]);
        assert!(wrong[0].contains("`newcomer` is not in the table"), "{wrong:?}");
        let wrong = violations(&[Source::new("x/src/low.rs", "")], &["low", "gone"]);
        assert!(wrong[0].contains("`gone`, the crate has not"), "{wrong:?}");
    }
}
