//! CLIENT PAUSE: commands wait, in their order, and are all answered in the end.

use std::time::{Duration, Instant};

use tests::{PATIENCE, on_every_peer, wait_until};

#[test]
fn while_writes_are_paused_reads_go_on_and_writes_wait() {
    on_every_peer("pause", |peer| {
        let mut owner = peer.connect();
        let mut writer = peer.connect();
        writer.transcript(&[("SET k 1", "+OK\r\n")]);
        owner.transcript(&[("CLIENT PAUSE 100000 WRITE", "+OK\r\n")]);
        writer.send("GET k\r\nPUBSUB NUMPAT\r\nSET k 2\r\nGET k\r\n");
        writer.expect("$1\r\n1\r\n:0\r\n");
        let mut publisher = peer.connect();
        publisher.send("PUBLISH ch hi\r\n");
        let mut transaction = peer.connect();
        transaction.transcript(&[("MULTI", "+OK\r\n"), ("GET k", "+QUEUED\r\n")]);
        transaction.send("INCR k\r\nEXEC\r\n");
        owner.transcript(&[("GET k", "$1\r\n1\r\n"), ("CLIENT UNPAUSE", "+OK\r\n")]);
        writer.expect("+OK\r\n$1\r\n2\r\n");
        publisher.expect(":0\r\n");
        transaction.expect("+QUEUED\r\n*2\r\n$1\r\n2\r\n:3\r\n");
    });
}

#[test]
fn who_leaves_while_it_is_held_back_leaves_room() {
    on_every_peer("pause", |peer| {
        let mut owner = peer.connect();
        owner.transcript(&[("CLIENT PAUSE 100000 WRITE", "+OK\r\n")]);
        let mut writers: Vec<_> = (0..3).map(|_| peer.connect()).collect();
        for writer in &mut writers {
            writer.send("PING\r\nSET k 1\r\nPING\r\n");
            writer.expect("+PONG\r\n");
        }
        // What comes later is kept, and answered in its order.
        let mut patient = peer.connect();
        patient.send("PING\r\nAPPEND k a\r\n");
        patient.expect("+PONG\r\n");
        patient.send("APPEND k b\r\n".repeat(1000));
        assert_eq!(owner.info("connected_clients"), "5", "{}", peer.name());
        drop(writers);
        let name = format!("the clients of {} to be gone", peer.name());
        wait_until(&name, PATIENCE, || owner.info("connected_clients") == "2");
        owner.transcript(&[("GET k", "$-1\r\n"), ("CLIENT UNPAUSE", "+OK\r\n")]);
        patient.expect((1..=1001).map(|length| format!(":{length}\r\n")).collect::<String>());
    });
}

#[test]
fn who_is_held_back_is_not_taken_for_silent() {
    on_every_peer("pause", |peer| {
        let mut owner = peer.connect();
        owner.transcript(&[
            ("CONFIG SET timeout 1", "+OK\r\n"),
            ("CLIENT PAUSE 100000 WRITE", "+OK\r\n"),
        ]);
        let mut writer = peer.connect();
        writer.send("PING\r\nSET k 1\r\n");
        writer.expect("+PONG\r\n");
        let mut silent = peer.connect();
        silent.exchange("PING\r\n", "+PONG\r\n");
        let name = format!("{} to send the silent client away", peer.name());
        wait_until(&name, PATIENCE, || owner.info("connected_clients") == "2");
        assert!(silent.read_until(PATIENCE, |_| false).1, "{}", peer.name());
        owner.transcript(&[("CLIENT UNPAUSE", "+OK\r\n")]);
        writer.expect("+OK\r\n");
    });
}

#[test]
fn a_pause_ends_by_itself() {
    on_every_peer("pause", |peer| {
        let mut owner = peer.connect();
        let mut reader = peer.connect();
        let began = Instant::now();
        owner.transcript(&[("CLIENT PAUSE 200", "+OK\r\n")]);
        reader.send("PING\r\nPING\r\n");
        reader.expect("+PONG\r\n+PONG\r\n");
        let passed = began.elapsed();
        assert!(passed >= Duration::from_millis(190), "{}: after {passed:?}", peer.name());
        owner.transcript(&[("PING", "+PONG\r\n")]);
    });
}

#[test]
fn a_pause_is_only_ever_made_longer_and_stricter() {
    on_every_peer("pause", |peer| {
        let mut owner = peer.connect();
        let mut reader = peer.connect();
        let began = Instant::now();
        owner.transcript(&[
            ("CLIENT PAUSE 250 WRITE", "+OK\r\n"),
            ("CLIENT PAUSE 0 WRITE", "+OK\r\n"),
            ("CLIENT PAUSE 1 ALL", "+OK\r\n"),
        ]);
        reader.send("GET k\r\n");
        reader.expect("$-1\r\n");
        let passed = began.elapsed();
        assert!(passed >= Duration::from_millis(240), "{}: after {passed:?}", peer.name());
    });
}

#[test]
fn what_is_no_pause_is_refused() {
    on_every_peer("pause", |peer| {
        peer.connect().transcript(&[
            ("CLIENT PAUSE x", "-ERR timeout is not an integer or out of range\r\n"),
            ("CLIENT PAUSE -1", "-ERR timeout is negative\r\n"),
            ("CLIENT PAUSE 1 some", "-ERR CLIENT PAUSE mode must be WRITE or ALL\r\n"),
            (
                "CLIENT PAUSE 1 write more",
                "-ERR unknown subcommand or wrong number of arguments for 'PAUSE'. \
                 Try CLIENT HELP.\r\n",
            ),
            ("CLIENT UNPAUSE", "+OK\r\n"),
            ("CLIENT UNBLOCK 5", ":0\r\n"),
            ("CLIENT UNBLOCK x", "-ERR value is not an integer or out of range\r\n"),
            ("CLIENT UNBLOCK 5 why", "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n"),
            ("CLIENT GETREDIR", ":-1\r\n"),
        ]);
    });
}
