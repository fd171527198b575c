//! Loading data by `--pipe`.

use tests::{Server, command, on_every_peer};

use crate::support::run_with;

#[test]
fn replies_and_errors_are_counted() {
    on_every_peer("kv-cli --pipe", |peer| {
        let mut input = b"SET a 1\r\nGET a\nNONSENSE\n".to_vec();
        input.extend(command(&["INCR", "a"]));
        // The last line has no end.
        input.extend(b"PING");
        let run = run_with(peer.address(), &["--pipe"], &input);
        assert!(run.stdout.ends_with("errors: 1, replies: 5\n"), "{run:?}");
        assert!(run.stderr.starts_with("ERR unknown command"), "{run:?}");
        assert_eq!(run.status, Some(1));
        let run = run_with(peer.address(), &["--pipe", "-3", "-n", "1"], "PING\nPING\n");
        let expected = "All data transferred. Waiting for the last reply...\n\
            Last reply received from server.\nerrors: 0, replies: 2\n";
        assert_eq!((run.status, run.stdout.as_str()), (Some(0), expected), "{run:?}");
        let empty = run_with(peer.address(), &["--pipe"], "");
        assert!(empty.stdout.ends_with("errors: 0, replies: 0\n"), "{empty:?}");
        assert_eq!(empty.status, Some(0));
    });
}

#[test]
fn more_than_any_buffer_holds_goes_through() {
    on_every_peer("kv-cli --pipe with much", |peer| {
        let value = "v".repeat(1000);
        let mut input = Vec::new();
        for number in 0..10_000 {
            input.extend(command(&["SET", &format!("key:{number}"), &value]));
            input.extend(command(&["GET", &format!("key:{number}")]));
        }
        let run = run_with(peer.address(), &["--pipe"], &input);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert!(run.stdout.ends_with("errors: 0, replies: 20000\n"), "{run:?}");
        peer.connect().exchange("DBSIZE\r\n", ":10000\r\n");
    });
}

#[test]
fn what_the_server_refuses_to_read_is_status_1() {
    on_every_peer("kv-cli --pipe with nonsense", |peer| {
        let run = run_with(peer.address(), &["--pipe"], "PING\r\n*1\r\n$4x\r\nPING\r\n");
        assert_eq!(run.status, Some(1), "{run:?}");
        assert!(run.stdout.ends_with("errors: 1, replies: 2\n"), "{run:?}");
        assert!(run.stderr.contains("ERR Protocol error: invalid bulk length"), "{run:?}");
        assert!(run.stderr.contains("the connection was lost"), "{run:?}");
    });
}

#[test]
fn a_command_without_its_end_is_not_waited_for_for_ever() {
    let server = Server::start();
    let arguments = ["--pipe", "--pipe-timeout", "1"];
    let run = run_with(server.address(), &arguments, "PING\r\n*2\r\n$3\r\nGET\r\n$100\r\nabc");
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.stdout.ends_with("errors: 0, replies: 1\n"), "{run:?}");
    assert!(run.stderr.contains("no reply in time"), "{run:?}");
}
