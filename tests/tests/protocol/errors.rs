//! Errors: their exact text, and which of several comes first.

use tests::{command, on_every_peer};

#[test]
fn an_unknown_command_is_quoted_with_its_arguments() {
    on_every_peer("errors", |peer| {
        peer.connect().transcript(&[
            ("Foo", "-ERR unknown command 'Foo', with args beginning with: \r\n"),
            ("foo a B", "-ERR unknown command 'foo', with args beginning with: 'a' 'B' \r\n"),
            ("", "-ERR unknown command '', with args beginning with: \r\n"),
        ]);
    });
}

#[test]
fn an_unknown_commands_echo_is_bounded_and_clean() {
    let long = "x".repeat(300);
    let shown = "x".repeat(128);
    let argument = format!("-ERR unknown command 'foo', with args beginning with: '{shown}' \r\n");
    let name = format!("-ERR unknown command '{shown}', with args beginning with: \r\n");
    on_every_peer("errors", |peer| {
        let mut wire = peer.connect();
        wire.exchange(command(&["foo", &long, "more"]), &argument);
        wire.exchange(command(&[&long]), &name);
        let half = "y".repeat(100);
        let rest = "z".repeat(25);
        wire.exchange(
            command(&["foo", &half, &long.replace('x', "z"), "more"]),
            format!("-ERR unknown command 'foo', with args beginning with: '{half}' '{rest}' \r\n"),
        );
        wire.exchange(
            command(&["a\r\nb", "c\nd\re"]),
            "-ERR unknown command 'a  b', with args beginning with: 'c d e' \r\n",
        );
        wire.exchange(
            command(&["a\0b", "c\0d"]),
            "-ERR unknown command 'a', with args beginning with: 'c' \r\n",
        );
    });
}

#[test]
fn arity_is_checked_with_the_commands_lower_case_name() {
    let commands = [
        "GET",
        "GET a b",
        "SET",
        "SET a",
        "DEL",
        "EXISTS",
        "INCR",
        "INCR a b",
        "INCRBY a",
        "APPEND a",
        "STRLEN",
        "MGET",
        "MSET",
        "MSET a",
        "EXPIRE a",
        "PEXPIRE a",
        "TTL",
        "PTTL a b",
        "PERSIST",
        "TYPE",
        "KEYS",
        "KEYS a b",
        "DBSIZE a",
        "ECHO",
        "ECHO a b",
        "SELECT",
        "SUBSCRIBE",
        "PSUBSCRIBE",
        "PUBLISH a",
        "PUBSUB",
        "CLIENT",
        "CONFIG",
        "TIME a",
        "TOUCH",
        "UNLINK",
        "GETSET a",
        "SETNX a",
        "GETDEL",
        "PING a b",
        "RESET a",
    ];
    on_every_peer("errors", |peer| {
        let mut wire = peer.connect();
        for words in commands {
            let name = words.split(' ').next().expect("a word").to_lowercase();
            let error = format!("-ERR wrong number of arguments for '{name}' command\r\n");
            wire.transcript(&[(words, &error)]);
            wire.transcript(&[(&words.to_lowercase(), &error)]);
        }
    });
}

#[test]
fn subcommands_are_checked_like_commands() {
    on_every_peer("errors", |peer| {
        peer.connect().transcript(&[
            ("CLIENT nope", "-ERR unknown subcommand 'nope'. Try CLIENT HELP.\r\n"),
            ("config Nope x", "-ERR unknown subcommand 'Nope'. Try CONFIG HELP.\r\n"),
            ("PUBSUB nope", "-ERR unknown subcommand 'nope'. Try PUBSUB HELP.\r\n"),
            ("COMMAND nope", "-ERR unknown subcommand 'nope'. Try COMMAND HELP.\r\n"),
            ("CLIENT id x", "-ERR wrong number of arguments for 'client|id' command\r\n"),
            ("CLIENT setname", "-ERR wrong number of arguments for 'client|setname' command\r\n"),
            ("CLIENT kill", "-ERR wrong number of arguments for 'client|kill' command\r\n"),
            ("CONFIG get", "-ERR wrong number of arguments for 'config|get' command\r\n"),
            ("CONFIG set save", "-ERR wrong number of arguments for 'config|set' command\r\n"),
            ("PUBSUB numpat x", "-ERR wrong number of arguments for 'pubsub|numpat' command\r\n"),
        ]);
    });
}
