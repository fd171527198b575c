//! Commands from an input that is no terminal.

use tests::on_every_peer;

use crate::support::run_with;

#[test]
fn each_line_is_a_command_and_its_reply_a_line() {
    on_every_peer("kv-cli < lines", |peer| {
        let input =
            "SET a \"b c\"\n\n  GET a  \r\nSET 'it''s' 1\nINCR a\nECHO \"\\x41\\n\"\nDBSIZE";
        let run = run_with(peer.address(), &[], input);
        let expected = "OK\nb c\nERR value is not an integer or out of range\nA\n\n1\n";
        assert_eq!(run.stdout, expected, "{}", peer.name());
        assert!(run.stderr.contains("quotes are not balanced: SET 'it''s' 1"), "{run:?}");
        assert_eq!(run.status, Some(1), "there were errors");
    });
}

#[test]
fn it_ends_with_the_input_or_with_quit() {
    on_every_peer("kv-cli < quit", |peer| {
        for input in ["PING", "PING\nquit\nPING\n", "PING\nexit\nPING\n"] {
            let run = run_with(peer.address(), &[], input);
            let replies = run.stdout.matches("PONG").count();
            assert_eq!((run.status, replies), (Some(0), 1), "{run:?}");
        }
    });
}
