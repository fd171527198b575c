//! Inline commands: what a person types into `nc`.

use tests::on_every_peer;

#[test]
fn lines_end_with_lf_or_crlf_and_empty_ones_are_nothing() {
    on_every_peer("inline", |peer| {
        let mut wire = peer.connect();
        wire.exchange("PING\r\n", "+PONG\r\n");
        wire.exchange("PING\n", "+PONG\r\n");
        wire.exchange("\r\n\n   \r\nPING\r\n", "+PONG\r\n");
        wire.exchange("  SET   key \t value  \r\n", "+OK\r\n");
        wire.exchange("GET key\n", "$5\r\nvalue\r\n");
        // A lone CR is white space like another.
        wire.exchange("ECHO a\rb\r\n", "-ERR wrong number of arguments for 'echo' command\r\n");
    });
}

#[test]
fn quotes_group_and_escape() {
    let cases: [(&str, &[u8]); 10] = [
        (r#"ECHO "a b""#, b"a b"),
        (r#"ECHO "\x41\x0a\xff""#, b"A\n\xff"),
        (r#"ECHO "\n\r\t\b\a\"\\\q""#, b"\n\r\t\x08\x07\"\\q"),
        (r#"ECHO "\xzz""#, b"xzz"),
        (r#"ECHO 'a "b" \n'"#, b"a \"b\" \\n"),
        (r#"ECHO 'it\'s'"#, b"it's"),
        (r#"ECHO ''"#, b""),
        (r#"ECHO """#, b""),
        (r#"ECHO \n"#, b"\\n"),
        (r#""ECHO" plain"#, b"plain"),
    ];
    on_every_peer("inline", |peer| {
        let mut wire = peer.connect();
        for (line, expected) in cases {
            let mut reply = format!("${}\r\n", expected.len()).into_bytes();
            reply.extend_from_slice(expected);
            reply.extend_from_slice(b"\r\n");
            wire.exchange(format!("{line}\r\n"), reply);
        }
    });
}

#[test]
fn a_quote_that_opens_within_a_word_groups_too() {
    on_every_peer("inline", |peer| {
        let mut wire = peer.connect();
        wire.exchange("ECHO a\"b c\"\r\n", "$4\r\nab c\r\n");
        wire.exchange("ECHO a'b c'\r\n", "$4\r\nab c\r\n");
    });
}

#[test]
fn unbalanced_quotes_end_the_connection() {
    let error = "-ERR Protocol error: unbalanced quotes in request\r\n";
    on_every_peer("inline", |peer| {
        for line in ["GET \"a", "GET 'a", "GET \"a\"b", "GET 'a'b", "GET \"a\\"] {
            let mut wire = peer.connect();
            wire.send(format!("PING\r\n{line}\r\nPING\r\n"));
            wire.expect_end(format!("+PONG\r\n{error}"));
        }
    });
}

#[test]
fn inline_and_resp_mix_on_one_connection() {
    on_every_peer("inline", |peer| {
        peer.connect().exchange(
            "PING\r\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\nECHO there\n\r\n*1\r\n$4\r\nPING\r\nPING\r\n",
            "+PONG\r\n$2\r\nhi\r\n$5\r\nthere\r\n+PONG\r\n+PONG\r\n",
        );
    });
}

#[test]
fn a_line_of_64_kibibytes_is_too_long() {
    let long = "x".repeat(66_000);
    let error = "-ERR Protocol error: too big inline request\r\n";
    on_every_peer("inline", |peer| {
        let mut wire = peer.connect();
        wire.exchange("PING\r\n", "+PONG\r\n");
        // The server may close before it has read all of it.
        let _ = wire.try_send(&long);
        wire.expect_end(error);
    });
}

#[test]
fn what_a_web_browser_sends_is_cut_off_silently() {
    on_every_peer("inline", |peer| {
        for attack in ["POST / HTTP/1.1\r\n", "Host: localhost\r\n", "post /\r\n"] {
            let mut wire = peer.connect();
            wire.exchange("PING\r\n", "+PONG\r\n");
            wire.send(format!("{attack}SET key 1\r\n"));
            wire.expect_end("");
        }
        peer.connect().transcript(&[("EXISTS key", ":0\r\n")]);
    });
}
