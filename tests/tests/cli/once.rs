//! One command from the command line.

use std::process::Command;

use tests::process::Process;
use tests::{Fake, Server, command, on_every_peer, server, tools};

use crate::support::{cli, finish, program, run, run_with};

#[test]
fn it_prints_what_redis_cli_prints() {
    let Some(other) = tools::require("kv-cli beside redis-cli", "redis-cli") else { return };
    on_every_peer("kv-cli beside redis-cli", |peer| {
        let address = peer.address();
        let commands: [&[&str]; 14] = [
            &["SET", "a", "1"],
            &["GET", "a"],
            &["GET", "missing"],
            &["STRLEN", "a"],
            &["MGET", "a", "missing", "a"],
            &["ECHO", "a\"\\\n\t\u{7}\u{1}é"],
            &["ECHO", ""],
            &["ECHO", "-p"],
            &["PING"],
            &["CONFIG", "GET", "save"],
            &["CONFIG", "GET", "no-such-setting"],
            &["COMMAND", "DOCS", "get", "client"],
            &["COMMAND", "INFO", "get", "missing"],
            &["COMMAND", "LIST", "FILTERBY", "PATTERN", "missing"],
        ];
        let flags: [&[&str]; 6] =
            [&["--raw"], &["--no-raw"], &[], &["-3", "--raw"], &["-3", "--no-raw"], &["--json"]];
        for words in commands {
            for flags in flags {
                let arguments = [flags, words].concat();
                let theirs = program(&other, address, &arguments).output().expect("it runs");
                let ours = run(address, &arguments);
                let expected = String::from_utf8_lossy(&theirs.stdout);
                assert_eq!(ours.stdout, expected, "{}: {arguments:?}", peer.name());
                assert_eq!((ours.status, ours.stderr.as_str()), (Some(0), ""), "{arguments:?}");
            }
        }
    });
}

#[test]
fn an_error_reply_is_printed_and_is_status_1() {
    on_every_peer("kv-cli's errors", |peer| {
        for (flags, expected) in [
            (&["--no-raw"][..], "(error) ERR unknown command 'NONSENSE'"),
            (&["--raw"], "ERR unknown command 'NONSENSE'"),
            (&["--json"], "{\"error\":\"ERR unknown command 'NONSENSE'"),
        ] {
            let run = run(peer.address(), &[flags, &["NONSENSE", "x"]].concat());
            assert!(run.stdout.starts_with(expected), "{run:?}");
            assert_eq!((run.status, run.stderr.as_str()), (Some(1), ""));
        }
    });
}

#[test]
fn a_database_can_be_chosen() {
    on_every_peer("kv-cli -n", |peer| {
        let address = peer.address();
        assert_eq!(run(address, &["-n", "3", "SET", "here", "1"]).stdout, "OK\n");
        assert_eq!(run(address, &["DBSIZE"]).stdout, "0\n");
        assert_eq!(run(address, &["-n", "3", "-3", "DBSIZE"]).stdout, "1\n");
        let refused = run(address, &["-n", "99999", "DBSIZE"]);
        assert_eq!(refused.status, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("DB index is out of range"), "{refused:?}");
    });
}

#[test]
fn the_last_argument_may_be_the_input_byte_for_byte() {
    on_every_peer("kv-cli -x", |peer| {
        let run = run_with(peer.address(), &["-x", "SET", "k"], b"line\n\"\x01\r\n");
        assert_eq!((run.status, run.stdout.as_str()), (Some(0), "OK\n"), "{run:?}");
        peer.connect().exchange("GET k\r\n", "$9\r\nline\n\"\x01\r\n\r\n");
    });
}

#[test]
fn a_command_may_be_repeated() {
    on_every_peer("kv-cli -r", |peer| {
        let run = run(peer.address(), &["-r", "3", "-i", "0.01", "INCR", "n"]);
        assert_eq!((run.status, run.stdout.as_str()), (Some(0), "1\n2\n3\n"), "{run:?}");
    });
}

#[test]
fn a_password_comes_from_an_option_or_the_environment() {
    let Some(oracle) = Server::oracle("kv-cli's password") else { return };
    oracle.connect().transcript(&[("CONFIG SET requirepass secret", "+OK\r\n")]);
    let address = oracle.address();
    for flag in ["-2", "-3"] {
        let given = run(address, &[flag, "-a", "secret", "PING"]);
        assert_eq!((given.status, given.stdout.as_str()), (Some(0), "PONG\n"), "{given:?}");
        let wrong = run(address, &[flag, "-a", "wrong", "PING"]);
        assert_eq!(wrong.status, Some(1), "{wrong:?}");
        assert!(wrong.stderr.contains("WRONGPASS"), "{wrong:?}");
        assert!(!wrong.stderr.contains("wrong "), "a password is not shown: {wrong:?}");
    }
    let mut from_environment = cli(address, &["PING"]);
    from_environment.env("REDISCLI_AUTH", "secret");
    let run = finish(Process::spawn("kv-cli", &mut from_environment));
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), "PONG\n"), "{run:?}");
}

#[test]
fn without_a_server_it_says_where_it_looked_and_what_helps() {
    let (_kept, address) = server::refusing_address();
    for arguments in [&["PING"][..], &["--pipe"], &["--subscribe", "a"], &["-3", "PING"], &[]] {
        let run = run(address, arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""), "{run:?}");
        assert!(run.stderr.contains(&address.to_string()), "{run:?}");
        assert!(run.stderr.contains("start a server with"), "{run:?}");
    }
}

#[test]
fn a_server_that_closes_or_sends_nonsense_is_status_1() {
    for (sent, expected) in [
        (&b"$100\r\nhalf"[..], "in the middle of a reply"),
        (b"*2\r\n:1\r\n", "in the middle of a reply"),
        (b"", "the server closed it"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no type begins with 'H'"),
        (b"$-5\r\n", "a length that is none"),
        (b"*99999999999999999999\r\n", "a length that is none"),
        (b"*2000000000\r\n", "more values than allowed"),
        (b"+\xff\xfe\n", "without a carriage return"),
    ] {
        let server = Fake::sending(command(&["PING"]), sent.to_vec());
        let run = run(server.address, &["PING"]);
        assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""), "{run:?}");
        assert!(run.stderr.contains(expected), "{run:?}");
        server.join();
    }
    let deep = Fake::sending(command(&["PING"]), b"*1\r\n".repeat(100_000));
    let run = run(deep.address, &["PING"]);
    assert!(run.stderr.contains("nested deeper than allowed"), "{run:?}");
    deep.join();
}

#[test]
fn a_wrong_command_line_is_status_2_and_help_is_0() {
    let (_kept, address) = server::refusing_address();
    for arguments in [&["--nonsense"][..], &["-n", "x", "PING"], &["--pipe", "PING"]] {
        let run = run(address, arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        assert!(run.stderr.contains("--help"), "{run:?}");
    }
    let help = run(address, &["--help"]);
    assert_eq!((help.status, help.stderr.as_str()), (Some(0), ""));
    for part in ["--host", "-x", "--pipe", "REDISCLI_AUTH", "NO_COLOR", "Exit status"] {
        assert!(help.stdout.contains(part), "no {part} in {}", help.stdout);
    }
}

#[test]
fn an_output_that_nobody_reads_is_no_error() {
    let server = Server::start();
    let command = cli(server.address(), &["-r", "100000", "PING"]);
    let mut shell = Command::new("sh");
    // The pipe's reader leaves after a line; the status is that of the program.
    let script = "{ \"$0\" \"$@\"; echo \"status $?\" >&2; } | head -n 1";
    shell.args(["-c", script]).arg(command.get_program()).args(command.get_args());
    let run = finish(Process::spawn("kv-cli | head", &mut shell));
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("PONG\n", "status 0\n"));
}
