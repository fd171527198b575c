//! The way out: a Redis cluster takes the data of a server that has become too small. The commands are
//! those of README.md.

use std::process::{Command, Stdio};

use tests::server::free_port;
use tests::{PATIENCE, Server, Wire, tools, wait_until};

use super::{Folder, terminate};

/// What README.md tells people to type; what is in capitals depends on where they do it.
const STEPS: [&str; 3] = [
    "redis-server --port PORT --dir FOLDER --appendonly yes",
    "redis-cli --cluster create NODE1 NODE2 NODE3 --cluster-yes",
    "redis-cli --cluster import NODE1 --cluster-from OLD --cluster-copy --cluster-replace",
];

/// How many keys move.
const KEYS: usize = 500;

#[test]
fn a_cluster_of_redis_takes_the_data_by_the_commands_of_the_readme() {
    let test = "a cluster takes the data";
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(readme).expect("it is there");
    for step in STEPS {
        assert!(readme.contains(step), "README.md does not say: {step}");
    }
    let Some(cli) = tools::require(test, "redis-cli") else { return };
    let folder = Folder::new();
    fill(&folder);
    let Some(old) = folder.redis(test, &["--appendonly", "yes"]) else { return };
    assert_eq!(old.connect().ask(&["DBSIZE"]).text(), KEYS.to_string(), "it has loaded the log");

    let folders = [Folder::new(), Folder::new(), Folder::new()];
    let nodes: Vec<Server> = folders.iter().filter_map(|folder| node(test, folder)).collect();
    let addresses: Vec<String> = nodes.iter().map(|node| node.address().to_string()).collect();
    let run = |arguments: &[&str]| {
        let output = Command::new(&cli)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("redis-cli runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "redis-cli {}:\n{text}", arguments.join(" "));
        text
    };
    let [first, second, third] = &addresses[..] else { panic!("three nodes: {addresses:?}") };
    run(&["--cluster", "create", first, second, third, "--cluster-yes"]);
    for node in &nodes {
        wait_until("each node to know the cluster as whole", PATIENCE, || {
            node.connect().ask(&["CLUSTER", "INFO"]).text().contains("cluster_state:ok")
        });
    }
    let old_address = old.address().to_string();
    run(&[
        "--cluster",
        "import",
        first,
        "--cluster-from",
        &old_address,
        "--cluster-copy",
        "--cluster-replace",
    ]);
    let mut wires: Vec<Wire> = nodes.iter().map(Server::connect).collect();
    let counts: Vec<usize> = wires
        .iter_mut()
        .map(|wire| wire.ask(&["DBSIZE"]).text().parse().expect("a number"))
        .collect();
    assert_eq!(counts.iter().sum::<usize>(), KEYS, "{counts:?}");
    assert!(counts.iter().all(|&count| count > 0), "each node has its share: {counts:?}");
    for number in (0..KEYS).step_by(50) {
        let value = run(&["-c", "-p", port(first), "GET", &format!("key:{number}")]);
        assert_eq!(value.trim_end(), format!("value {number}"));
    }
    let left = run(&["-c", "-p", port(first), "TTL", "key:0"]);
    let left: i64 = left.trim().parse().expect("seconds");
    assert!((1..=1000).contains(&left), "the deadline has moved too: {left}");
}

/// Lets our server write a log.
fn fill(folder: &Folder) {
    let server = folder.start_log(&[]);
    let mut wire = server.connect();
    for number in 0..KEYS {
        let (key, value) = (format!("key:{number}"), format!("value {number}"));
        assert_eq!(wire.ask(&["SET", &key, &value]).text(), "OK");
    }
    wire.transcript(&[("EXPIRE key:0 1000", ":1\r\n")]);
    drop(wire);
    terminate(server);
}

/// A node that belongs to no cluster yet.
fn node(test: &str, folder: &Folder) -> Option<Server> {
    let bus = free_port().to_string();
    folder.redis(test, &["--cluster-enabled", "yes", "--cluster-port", &bus])
}

fn port(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(_, port)| port)
}
