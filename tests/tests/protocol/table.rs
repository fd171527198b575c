//! The table of commands: what COMMAND says of each is what Redis says, to the byte; and the README
//! lists them all. `KV_BLESS=1` writes its list.

use std::collections::BTreeMap;
use std::{env, fs};

use tests::binary::workspace;
use tests::reply::Reply;
use tests::{Server, Wire};

/// What is told of a command before its subcommands: its name, arity, flags, keys, categories, hints.
const TOLD: usize = 9;

/// The names of all commands and subcommands.
fn names(wire: &mut Wire) -> Vec<String> {
    let containers: Vec<String> =
        wire.ask(&["COMMAND", "LIST"]).items.iter().map(Reply::text).collect();
    let mut names = Vec::new();
    for name in containers {
        let reply = wire.ask(&["COMMAND", "INFO", &name]);
        let subcommands = &reply.items[0].items[TOLD].items;
        names.extend(subcommands.iter().map(|subcommand| subcommand.items[0].text()));
        names.push(name);
    }
    names
}

#[test]
fn each_command_is_described_as_redis_describes_it() {
    let Some(oracle) = Server::oracle("the table of commands") else {
        return;
    };
    let ours = Server::start();
    for version in ["2", "3"] {
        let (mut theirs, mut own) = (oracle.connect(), ours.connect());
        theirs.ask(&["HELLO", version]);
        own.ask(&["HELLO", version]);
        // Clients call it, and Redis has it since 7.2.
        let newer = "client|setinfo";
        let names: Vec<String> = names(&mut own).into_iter().filter(|name| name != newer).collect();
        assert!(names.len() > 100, "{} commands", names.len());
        let mut wrong = Vec::new();
        for name in names {
            let describe = |wire: &mut Wire| {
                let reply = wire.ask(&["COMMAND", "INFO", &name]);
                let told = &reply.items[0].items;
                let parts: Vec<Vec<u8>> = told.iter().take(TOLD).map(Reply::encode).collect();
                parts.concat().escape_ascii().to_string()
            };
            let (expected, actual) = (describe(&mut theirs), describe(&mut own));
            if expected != actual {
                wrong.push(format!("{name}\n  redis {expected}\n  ours  {actual}"));
            }
        }
        assert!(wrong.is_empty(), "RESP{version}: {}", wrong.join("\n"));
    }
}

/// The commands by their groups, containers with their subcommands, as a table in Markdown.
fn listing(wire: &mut Wire) -> String {
    let mut groups: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let documents = wire.ask(&["COMMAND", "DOCS"]);
    for pair in documents.items.chunks(2) {
        let fields = &pair[1].items;
        let field = |name: &str| {
            let at = fields.chunks(2).find(|field| field[0].text() == name);
            at.map(|field| &field[1])
        };
        let group = field("group").expect("each command has a group").text();
        let name = pair[0].text().to_uppercase();
        let mut shown = format!("`{name}`");
        if let Some(subcommands) = field("subcommands") {
            let names = subcommands.items.iter().step_by(2).map(|name| {
                let name = name.text().to_uppercase();
                name.split_once('|').map_or(name.clone(), |(_, short)| short.to_owned())
            });
            let mut names: Vec<String> = names.collect();
            names.sort();
            shown += &format!(" ({})", names.join(", "));
        }
        groups.entry(group).or_default().insert(name, shown);
    }
    let mut table = "| group | commands |\n| --- | --- |\n".to_owned();
    for (group, commands) in groups {
        let commands: Vec<String> = commands.into_values().collect();
        table += &format!("| {group} | {} |\n", commands.join(", "));
    }
    table
}

#[test]
fn the_readme_lists_every_command() {
    let path = workspace().join("README.md");
    let readme = fs::read_to_string(&path).expect("there is a README");
    let (begin, end) = ("<!-- commands: written by a test -->\n", "<!-- end of commands -->\n");
    let (before, rest) = readme.split_once(begin).expect("a place for the commands");
    let (listed, after) = rest.split_once(end).expect("an end of that place");
    let expected = listing(&mut Server::start().connect());
    if env::var_os("KV_BLESS").is_some() {
        fs::write(&path, [before, begin, &expected, end, after].concat()).expect("it is ours");
    } else {
        assert_eq!(listed, expected, "run this test with KV_BLESS=1 to write the list");
    }
}
