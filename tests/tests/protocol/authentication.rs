//! Passwords: what a client may do before it has given one, and after.

use tests::{Server, command, on_every_peer};

const REQUIRED: &str = "-NOAUTH Authentication required.\r\n";
const WRONG: &str = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

#[test]
fn without_the_password_nearly_nothing_is_done() {
    on_every_peer("authentication", |peer| {
        let mut owner = peer.connect();
        let none = "-ERR AUTH <password> called without any password configured for the default \
                    user. Are you sure your configuration is correct?\r\n";
        owner.transcript(&[
            ("AUTH x", none),
            ("AUTH default x", "+OK\r\n"),
            ("AUTH nobody x", WRONG),
            ("CONFIG SET requirepass secret", "+OK\r\n"),
            ("SET k v", "+OK\r\n"),
        ]);
        let mut guest = peer.connect();
        let hello = "-NOAUTH HELLO must be called with the client already authenticated, \
                     otherwise the HELLO AUTH <user> <pass> option can be used to authenticate \
                     the client and select the RESP protocol version at the same time\r\n";
        guest.transcript(&[
            ("GET k", REQUIRED),
            ("PING", REQUIRED),
            ("NOPE", "-ERR unknown command 'NOPE', with args beginning with: \r\n"),
            ("GET", "-ERR wrong number of arguments for 'get' command\r\n"),
            ("SUBSCRIBE ch", REQUIRED),
            ("MULTI", REQUIRED),
            ("HELLO 3", hello),
            ("HELLO", hello),
            ("AUTH wrong", WRONG),
            ("AUTH nobody secret", WRONG),
            ("AUTH a b c", "-ERR syntax error\r\n"),
            ("HELLO 3 AUTH default wrong", WRONG),
            ("GET k", REQUIRED),
            ("AUTH secret", "+OK\r\n"),
            ("GET k", "$1\r\nv\r\n"),
            ("AUTH wrong", WRONG),
            ("GET k", "$1\r\nv\r\n"),
            ("RESET", "+RESET\r\n"),
            ("GET k", REQUIRED),
            ("AUTH default secret", "+OK\r\n"),
            ("GET k", "$1\r\nv\r\n"),
        ]);
        let mut modern = peer.connect();
        assert!(!modern.ask(&["HELLO", "3", "AUTH", "default", "secret"]).is_error());
        modern.transcript(&[("GET none", "_\r\n")]);
        let mut late = peer.connect();
        late.transcript(&[("GET k", REQUIRED)]);
        owner.transcript(&[("CONFIG SET requirepass ", "+OK\r\n")]);
        late.transcript(&[("GET k", "$1\r\nv\r\n")]);
        owner.transcript(&[("CONFIG SET requirepass other", "+OK\r\n"), ("GET k", "$1\r\nv\r\n")]);
        let mut leaving = peer.connect();
        leaving.transcript(&[("QUIT", "+OK\r\n")]);
        leaving.expect_end("");
        owner.transcript(&[("CONFIG SET requirepass ", "+OK\r\n")]);
    });
}

#[test]
fn who_has_given_no_password_may_send_little() {
    on_every_peer("authentication", |peer| {
        peer.connect().transcript(&[("CONFIG SET requirepass secret", "+OK\r\n")]);
        let many = "-ERR Protocol error: unauthenticated multibulk length\r\n";
        let mut guest = peer.connect();
        guest.send("*11\r\n$4\r\nMGET\r\n");
        guest.expect_end(many);
        let mut guest = peer.connect();
        guest.send(command(&["MGET", "1", "2", "3", "4", "5", "6", "7", "8", "9"]));
        guest.expect(REQUIRED);
        guest.send("*2\r\n$4\r\nAUTH\r\n$16385\r\n");
        guest.expect_end("-ERR Protocol error: unauthenticated bulk length\r\n");
        let mut friend = peer.connect();
        friend.send([command(&["AUTH", "secret"]), command(&["MGET"; 12])].concat());
        friend.expect(["+OK\r\n*11\r\n", &"$-1\r\n".repeat(11)].concat());
        friend.transcript(&[("CONFIG SET requirepass ", "+OK\r\n")]);
    });
}

#[test]
fn a_password_from_the_command_line_counts_from_the_first_client_on() {
    let server = Server::start_with(&["--requirepass", "secret"]);
    server.connect().transcript(&[
        ("GET k", REQUIRED),
        ("AUTH secret", "+OK\r\n"),
        ("CONFIG GET requirepass", "*2\r\n$11\r\nrequirepass\r\n$6\r\nsecret\r\n"),
    ]);
}

#[test]
fn a_disabled_command_is_unknown() {
    let server =
        Server::start_with(&["--disable-command", "FLUSHALL", "--disable-command", "keys"]);
    server.connect().transcript(&[
        ("FLUSHALL", "-ERR unknown command 'FLUSHALL', with args beginning with: \r\n"),
        ("KEYS *", "-ERR unknown command 'KEYS', with args beginning with: '*' \r\n"),
        ("GET a", "$-1\r\n"),
    ]);
}
