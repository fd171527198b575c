//! Commands typed at a terminal, a real one but for the person.

use std::fs;
use std::process::Command;

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{Eof, Expect, Session};
use tests::{PATIENCE, Server, binary, on_every_peer, server};

use crate::support::cli;

/// The program at a terminal.
struct Terminal {
    session: OsSession,
}

impl Terminal {
    fn start(mut command: Command) -> Terminal {
        command.env("TERM", "xterm");
        let mut session = Session::spawn(command).expect("a terminal");
        session.set_expect_timeout(Some(PATIENCE));
        Terminal { session }
    }

    /// Waits for this text, past all that was waited for before.
    #[track_caller]
    fn expect(&mut self, text: &str) {
        if let Err(error) = self.session.expect(text) {
            panic!("waited in vain for {text:?}: {error}");
        }
    }

    #[track_caller]
    fn send(&mut self, keys: &str) {
        self.session.send(keys).expect("the terminal takes keys");
    }

    /// Types the end of input, Ctrl-D, and waits for the end; the exit status.
    ///
    /// At a prompt, and not before: while a command runs, the terminal still collects lines, and
    /// an end that it noted then is not a key to the editor that takes over (`termios(3)`, "Canonical
    /// and noncanonical mode").
    #[track_caller]
    fn end_of_input(mut self) -> i32 {
        self.expect("> ");
        self.send("\x04");
        self.end()
    }

    /// Waits for the end; the exit status.
    #[track_caller]
    fn end(mut self) -> i32 {
        self.session.expect(Eof).expect("it ends");
        match self.session.get_process().wait() {
            Ok(WaitStatus::Exited(_, status)) => status,
            other => panic!("no exit: {other:?}"),
        }
    }
}

#[test]
fn commands_are_typed_and_replies_are_shown_with_their_types() {
    on_every_peer("kv-cli's prompt", |peer| {
        let mut terminal = Terminal::start(cli(peer.address(), &[]));
        let prompt = format!("{}> ", peer.address());
        terminal.expect(&prompt);
        terminal.send("SET greeting \"hello, world\"\r");
        terminal.expect("\x1b[32mOK\x1b[0m");
        terminal.expect(&prompt);
        terminal.send("GET greeting\r");
        terminal.expect("\"hello, world\"\r\n");
        terminal.expect(&prompt);
        terminal.send("INCR greeting\r");
        terminal.expect("\x1b[31m(error) ERR value is not an integer");
        terminal.expect(&prompt);
        terminal.send("GET \"greeting\r");
        terminal.expect("quotes are not balanced");
        terminal.expect(&prompt);
        terminal.send("SELECT 2\r");
        terminal.expect(&format!("{}[2]> ", peer.address()));
        terminal.send("quit\r");
        assert_eq!(terminal.end(), 0);
    });
}

#[test]
fn what_is_typed_ahead_or_pasted_is_a_command_a_line() {
    let server = Server::start();
    let mut terminal = Terminal::start(cli(server.address(), &["--raw"]));
    terminal.expect("> ");
    terminal.send("INCR a\rINCR a\rECHO typed\r");
    terminal.expect("\r\ntyped\r\n");
    terminal.expect("> ");
    // Between these marks a terminal sends what is pasted.
    terminal.send("\x1b[200~INCR a\nINCR a\nECHO pasted\x1b[201~\r");
    terminal.expect("\r\npasted\r\n");
    terminal.send("quit\r");
    assert_eq!(terminal.end(), 0);
    server.connect().transcript(&[("GET a", "$1\r\n4\r\n")]);
}

#[test]
fn names_are_completed_and_explained() {
    let server = Server::start();
    let mut terminal = Terminal::start(cli(server.address(), &[]));
    terminal.expect("> ");
    terminal.send("flusha\t");
    terminal.expect("flushall");
    // Ctrl-C gives the line up, Ctrl-D ends.
    terminal.send("\x03");
    terminal.expect("> ");
    terminal.send("help publish\r");
    terminal.expect("PUBLISH\r\n");
    terminal.send("help\r");
    terminal.expect("Tab completes");
    assert_eq!(terminal.end_of_input(), 0);
}

#[test]
fn colours_can_be_refused() {
    let server = Server::start();
    let mut command = cli(server.address(), &[]);
    command.env("NO_COLOR", "1");
    let mut terminal = Terminal::start(command);
    terminal.expect("> ");
    terminal.send("SET a 1\r");
    terminal.expect("\r\nOK\r\n");
    assert_eq!(terminal.end_of_input(), 0);
}

#[test]
fn a_subscription_lasts_until_control_c_and_the_prompt_comes_back() {
    let server = Server::start();
    let mut terminal = Terminal::start(cli(server.address(), &[]));
    for _ in 0..2 {
        terminal.expect("> ");
        terminal.send("SUBSCRIBE news\r");
        terminal.expect("Ctrl-C ends it");
        server.connect().transcript(&[("PUBLISH news extra-extra", ":1\r\n")]);
        terminal.expect("3) \"extra-extra\"");
        terminal.send("\x03");
    }
    terminal.expect("> ");
    terminal.send("PING\r");
    terminal.expect("PONG");
    terminal.send("exit\r");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn control_c_ends_a_wait_and_not_the_program() {
    let Some(oracle) = Server::oracle("Ctrl-C at kv-cli's prompt") else { return };
    let mut terminal = Terminal::start(cli(oracle.address(), &[]));
    for (command, running) in [("MONITOR", "OK"), ("BLPOP nothing 0", "BLPOP")] {
        terminal.expect("> ");
        terminal.send(&format!("{command}\r"));
        terminal.expect(running);
        let mut wire = oracle.connect();
        let flag = if command == "MONITOR" { "flags=O" } else { "flags=b" };
        tests::wait_until("a client that waits", PATIENCE, || {
            wire.ask(&["CLIENT", "LIST"]).text().contains(flag)
        });
        // Its own waiting has begun by then, or will end by the same key.
        terminal.send("\x03");
    }
    terminal.expect("given up");
    terminal.expect("> ");
    terminal.send("PING\r");
    terminal.expect("PONG");
    assert_eq!(terminal.end_of_input(), 0);
}

#[test]
fn a_connection_that_was_closed_is_made_again_by_the_next_command() {
    on_every_peer("kv-cli's new connection", |peer| {
        let mut terminal = Terminal::start(cli(peer.address(), &[]));
        terminal.expect("> ");
        terminal.send("SELECT 1\r");
        terminal.expect("[1]> ");
        let mut wire = peer.connect();
        wire.transcript(&[("CLIENT KILL TYPE normal SKIPME yes", ":1\r\n")]);
        tests::wait_until("the end of its connection", PATIENCE, || {
            wire.info("connected_clients") == "1"
        });
        terminal.send("SET a 1\r");
        terminal.expect("OK");
        assert_eq!(terminal.end_of_input(), 0);
        peer.connect().transcript(&[("SELECT 1", "+OK\r\n"), ("GET a", "$1\r\n1\r\n")]);
    });
}

#[test]
fn without_a_server_it_says_so_at_each_command_and_goes_on() {
    let (_kept, address) = server::refusing_address();
    let mut terminal = Terminal::start(cli(address, &[]));
    terminal.expect("cannot connect to");
    terminal.expect("not connected> ");
    terminal.send("PING\r");
    terminal.expect("cannot connect to");
    terminal.expect("not connected> ");
    terminal.send("quit\r");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn what_was_typed_is_kept_but_no_password() {
    let server = Server::start();
    let path = binary::scratch().join(format!("history-{}", std::process::id()));
    for round in 0..2 {
        let mut command = cli(server.address(), &[]);
        command.env("KVCLI_HISTFILE", &path);
        let mut terminal = Terminal::start(command);
        terminal.expect("> ");
        terminal.send(&format!("ECHO round-{round}\r"));
        terminal.expect(&format!("\"round-{round}\""));
        terminal.send("AUTH hidden\r");
        terminal.expect("(error)");
        // The arrow up finds what the last run was told: past this one's ECHO, and its quit.
        if round == 1 {
            terminal.send("\x1b[A\x1b[A\x1b[A\r");
            terminal.expect("\"round-0\"");
        }
        terminal.send("quit\r");
        assert_eq!(terminal.end(), 0);
    }
    let kept = fs::read_to_string(&path).expect("it was written");
    let _ = fs::remove_file(&path);
    assert!(kept.contains("ECHO round-0") && kept.contains("ECHO round-1"), "{kept}");
    assert!(!kept.contains("hidden"), "{kept}");
}
