//! The examples do what the book says they do.
//!
//! Each is compiled into this test as a module, as it stands, and run: the server in a process of its
//! own, since nothing but a signal ends it.

mod support;

#[path = "../examples/callback_echo.rs"]
mod callback_echo;
#[path = "../examples/one_future.rs"]
mod one_future;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::task::Poll;

use support::peers::{connect_std, pattern, reset};
use support::process::{is_alone, kill, leave_with_parent, start_alone};
use support::{PATIENCE, watched};

/// The example, running; ended with the test, however that ends.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It fails where the process has ended already, which is what we want.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs this test once more in another process, which becomes the server.
fn start_server(test: &str) -> Server {
    let mut process = start_alone(test, Stdio::piped());
    let stdout = process.stdout.take().expect("stdout is piped");
    let (found, address) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some((_, address)) = line.split_once("listening on ") {
                let _ = found.send(address.parse());
            }
        }
    });
    let mut server = Server { process, address: support::peers::any_port() };
    let address = address.recv_timeout(PATIENCE).expect("the server prints its address");
    server.address = address.expect("an address as the library prints it");
    server
}

#[test]
fn the_callback_server_echoes_to_many_until_it_is_terminated() {
    const TEST: &str = "the_callback_server_echoes_to_many_until_it_is_terminated";
    if is_alone(TEST) {
        leave_with_parent();
        callback_echo::main().expect("the server runs until it is killed");
        return;
    }
    let mut server = start_server(TEST);
    let address = server.address;
    std::thread::scope(|scope| {
        for client in 0..8 {
            scope.spawn(move || echo_a_lot(address, 100_000 * (client + 1)));
        }
        scope.spawn(move || {
            let mut rude = connect_std(address);
            rude.write_all(b"and gone").expect("write");
            reset(rude);
        });
    });
    echo_a_lot(address, 10);
    kill(server.process.id(), libc::SIGTERM);
    let mut status = None;
    support::look_until("the server to end", || {
        status = server.process.try_wait().expect("our own child");
        status.is_some()
    });
    let status = status.expect("just seen");
    assert_eq!(status.signal(), Some(libc::SIGTERM), "{status}");
}

/// Sends while it receives, and more than the kernel keeps for a peer that does not read.
fn echo_a_lot(address: SocketAddr, length: usize) {
    let stream = connect_std(address);
    let data = pattern(length);
    let mut received = Vec::with_capacity(length);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            (&stream).write_all(&data).expect("write");
            stream.shutdown(Shutdown::Write).expect("shutdown");
        });
        (&stream).read_to_end(&mut received).expect("read");
    });
    assert!(received == data, "{} of {length} bytes came back, or not these", received.len());
}

#[test]
fn the_callback_server_waits_for_a_peer_that_reads_late() {
    const TEST: &str = "the_callback_server_waits_for_a_peer_that_reads_late";
    if is_alone(TEST) {
        leave_with_parent();
        callback_echo::main().expect("the server runs until it is killed");
        return;
    }
    let server = start_server(TEST);
    let late = connect_std(server.address);
    late.set_nonblocking(true).expect("nonblocking");
    let data = pattern(64 << 20);
    let (mut sent, mut looks_for_nothing) = (0, 0);
    // A server that read on would take all of it in the end.
    support::look_until("the server to hold back", || {
        match (&late).write(&data[sent..]) {
            Ok(count @ 1..) => (sent, looks_for_nothing) = (sent + count, 0),
            _ => looks_for_nothing += 1,
        }
        looks_for_nothing == 50
    });
    assert!(sent < data.len(), "it took everything, and nobody has read a byte");
    echo_a_lot(server.address, 1_000);
    late.set_nonblocking(false).expect("blocking");
    late.shutdown(Shutdown::Write).expect("shutdown");
    let mut received = Vec::with_capacity(sent);
    (&late).read_to_end(&mut received).expect("read");
    assert!(received == data[..sent], "{} of {sent} bytes, or not these", received.len());
}

#[test]
fn the_loop_of_one_future_runs_it_to_its_end() {
    watched("the count-down", one_future::main).expect("a reactor");
    let value = one_future::block_on(async { 7 }).expect("a reactor");
    assert_eq!(value, 7);
}

#[test]
fn the_loop_of_one_future_is_woken_by_other_threads() {
    let (to_loop, from_thread) = mpsc::channel();
    let mut threads = Vec::new();
    let mut waiting_for = 0;
    let future = std::future::poll_fn(|context| {
        if let Ok(number) = from_thread.try_recv() {
            assert_eq!(number, waiting_for);
            waiting_for += 1;
            if waiting_for == 100 {
                return Poll::Ready(());
            }
        } else if threads.len() > waiting_for {
            return Poll::Pending;
        }
        let (waker, to_loop, number) = (context.waker().clone(), to_loop.clone(), waiting_for);
        threads.push(std::thread::spawn(move || {
            to_loop.send(number).expect("the loop listens");
            waker.wake();
        }));
        Poll::Pending
    });
    watched("a hundred wake-ups", || one_future::block_on(future)).expect("a reactor");
    for thread in threads {
        thread.join().expect("a thread that only wakes");
    }
}
