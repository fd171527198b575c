//! What a server that is told by edges has to do. The names say the order in which to go.

use ex04::kernel::{BUFFER, Kernel};
use ex04::{BUDGET, Connection, Known, Server};
use watchdog::within;

/// More than this, and a server that is in its rights has long been done.
const TURNS: usize = 100;

fn connection(kernel: &mut Kernel) -> Connection {
    Connection { fd: kernel.connect(), received: Vec::new() }
}

fn server(kernel: &mut Kernel, connections: usize) -> Server {
    let connections = (0..connections).map(|_| connection(kernel)).collect();
    Server { connections, again: Vec::new() }
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|place| place as u8).collect()
}

#[test]
fn step_1_a_few_bytes_are_read_and_then_it_is_drained() {
    within("read until the kernel says `WouldBlock`: only that means Drained.", || {
        let mut kernel = Kernel::default();
        let mut connection = connection(&mut kernel);
        kernel.send(0, b"hello");
        assert_eq!(connection.on_event(&mut kernel).unwrap(), Known::Drained);
        assert_eq!(connection.received, b"hello");
    });
}

#[test]
fn step_1_more_than_a_buffer_is_read_to_its_end() {
    within("one read is not enough: go on until `WouldBlock`.", || {
        let mut kernel = Kernel::default();
        let mut connection = connection(&mut kernel);
        let sent = pattern(2 * BUFFER + 3);
        kernel.send(0, &sent);
        assert_eq!(connection.on_event(&mut kernel).unwrap(), Known::Drained);
        assert_eq!(connection.received, sent);
    });
}

#[test]
fn step_1_an_event_for_nothing_is_no_error() {
    within("`WouldBlock` at the first read is Drained as well.", || {
        let mut kernel = Kernel::default();
        let mut connection = connection(&mut kernel);
        assert_eq!(connection.on_event(&mut kernel).unwrap(), Known::Drained);
        assert_eq!(connection.received, b"");
    });
}

#[test]
fn step_1_last_words_and_the_end_come_with_one_event() {
    within("zero bytes are the end, `WouldBlock` is \"drained\"; few bytes are neither.", || {
        let mut kernel = Kernel::default();
        let mut connection = connection(&mut kernel);
        kernel.send(0, b"bye");
        kernel.end(0);
        assert_eq!(connection.on_event(&mut kernel).unwrap(), Known::Ended);
        assert_eq!(connection.received, b"bye");
    });
}

#[test]
fn step_1_a_flood_ends_with_the_budget() {
    within("after BUDGET reads, return MaybeMore: you do not know whether there is more.", || {
        let mut kernel = Kernel::default();
        let mut connection = connection(&mut kernel);
        kernel.send(0, &pattern(BUDGET * BUFFER));
        assert_eq!(connection.on_event(&mut kernel).unwrap(), Known::MaybeMore);
        assert_eq!(connection.received.len(), BUDGET * BUFFER);
    });
}

#[test]
fn step_1_a_signal_costs_no_byte() {
    within("`Interrupted` means: ask again, and it is not one of the reads that count.", || {
        let mut kernel = Kernel::default();
        let mut connection = connection(&mut kernel);
        kernel.send(0, b"hello");
        kernel.interrupt(0, 2 * BUDGET);
        assert_eq!(connection.on_event(&mut kernel).unwrap(), Known::Drained);
        assert_eq!(connection.received, b"hello");
    });
}

#[test]
fn step_2_a_turn_reads_from_everybody_who_has_news() {
    within("wait, then `on_event` for each; with nobody cut short, the wait may sleep.", || {
        let mut kernel = Kernel::default();
        let mut server = server(&mut kernel, 3);
        kernel.send(0, b"a");
        kernel.stir(1);
        kernel.send(2, b"c");
        server.turn(&mut kernel).unwrap();
        let received: Vec<&[u8]> = server.connections.iter().map(|c| &c.received[..]).collect();
        assert_eq!(received, [&b"a"[..], b"", b"c"]);
    });
}

#[test]
fn step_2_who_was_cut_short_goes_on_without_an_edge() {
    within(
        "keep who says MaybeMore in `again`; while there is somebody, the wait must not sleep.",
        || {
            let mut kernel = Kernel::default();
            let mut server = server(&mut kernel, 1);
            let sent = pattern(5 * BUDGET * BUFFER + 1);
            kernel.send(0, &sent);
            for _ in 0..TURNS {
                server.turn(&mut kernel).unwrap();
                if server.again.is_empty() {
                    break;
                }
            }
            assert_eq!(kernel.unread(0), 0, "there was no other edge, and there will be none");
            assert_eq!(server.connections[0].received, sent);
        },
    );
}

#[test]
fn step_2_a_flood_does_not_keep_the_others_waiting() {
    within("a turn gives each connection one `on_event`, and no more.", || {
        let mut kernel = Kernel::default();
        let mut server = server(&mut kernel, 2);
        kernel.send(0, &pattern(50 * BUDGET * BUFFER));
        server.turn(&mut kernel).unwrap();
        kernel.send(0, b"more"); // it is in `again`, and now has news as well
        kernel.send(1, b"hello");
        server.turn(&mut kernel).unwrap();
        assert_eq!(server.connections[1].received, b"hello", "in the very next turn");
        let flood = server.connections[0].received.len();
        assert_eq!(flood, 2 * BUDGET * BUFFER, "once a turn, though two reasons spoke for it");
    });
}

#[test]
fn step_2_who_is_drained_is_waited_for_and_not_asked_in_vain() {
    within(
        "put back into `again` only who says MaybeMore; and take out who was looked at.",
        || {
            let mut kernel = Kernel::default();
            let mut server = server(&mut kernel, 1);
            kernel.send(0, &pattern(BUDGET * BUFFER + 1));
            server.turn(&mut kernel).unwrap();
            server.turn(&mut kernel).unwrap();
            assert_eq!(server.again, [], "the second turn has found the end of it");
            assert_eq!(kernel.asked_in_vain, 1, "one question without a sleep, for the rest of it");
            kernel.send(0, b"x");
            server.turn(&mut kernel).unwrap();
            assert_eq!(kernel.asked_in_vain, 1, "then the wait was one that may sleep");
        },
    );
}
