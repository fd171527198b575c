//! Each example is run, as a reader would run it, and does what it says.

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, ChildStdout};
use std::sync::mpsc::channel;

use support::process::{Ended, example, wait};
use support::{PATIENCE, receive};

/// Runs an example to its end, and gives what it printed.
#[track_caller]
fn output_of(name: &str) -> String {
    let child = example(name).spawn().expect("it was built");
    let Ended { status, output, errors } = wait(name, child);
    assert!(status.success(), "{name}: {status}\n{output}\n{errors}");
    output
}

/// An example that serves, and is ended with the test if it does not end by itself.
struct Server {
    name: &'static str,
    child: Option<Child>,
    address: String,
    output: Option<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts the example for so many connections, and reads from its first line where it listens.
    #[track_caller]
    fn start(name: &'static str, connections: usize) -> Server {
        let mut child = example(name).arg(connections.to_string()).spawn().expect("it was built");
        let mut output = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut server = Server { name, child: Some(child), address: String::new(), output: None };
        let (sender, first_line) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = output.read_line(&mut line);
            let _ = sender.send((read.map(|_| line), output));
        });
        let (line, output) = receive("the first line", &first_line);
        let line = line.expect("a line of text");
        let address = line.trim_end().rsplit([' ', '/']).next().expect("a last word");
        server.address = address.to_owned();
        server.output = Some(output);
        server
    }

    #[track_caller]
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address)
            .unwrap_or_else(|error| panic!("{}: {:?}: {error}", self.name, self.address));
        stream.set_read_timeout(Some(PATIENCE)).expect("a deadline for reads");
        stream
    }

    /// Waits for its end, and gives the rest of what it printed.
    #[track_caller]
    fn end(mut self) -> String {
        let child = self.child.take().expect("it was started");
        let mut output = self.output.take().expect("it has spoken");
        let (sender, rest) = channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = output.read_to_string(&mut text);
            let _ = sender.send(text);
        });
        let Ended { status, errors, .. } = wait(self.name, child);
        assert!(status.success(), "{}: {status}\n{errors}", self.name);
        receive("the rest of its output", &rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn say_world_says_hello_first() {
    assert_eq!(output_of("say_world"), "hello\nworld\nand the task, when its turn came\n");
}

#[test]
fn sleepers_sleep_side_by_side() {
    // The example itself asserts how long it took.
    let output = output_of("sleepers");
    assert!(output.starts_with("100 naps of 100ms took "), "{output}");
}

#[test]
fn timer_lateness_compares_two_runtimes_of_which_none_is_early() {
    // That no timer is early the example asserts; how late they are is for who measures.
    let output = output_of("timer_lateness");
    let words = |line: &str| line.split_whitespace().next().map(str::to_owned);
    let first: Vec<_> = output.lines().filter_map(words).collect();
    assert_eq!(first, ["1000", "executor", "tokio", "half"], "{output}");
}

#[test]
fn echo_sends_back_what_it_gets_on_several_connections_at_once() {
    let server = Server::start("echo", 3);
    let mut streams = [server.connect(), server.connect(), server.connect()];
    for (number, stream) in streams.iter_mut().enumerate().rev() {
        stream.write_all(format!("line of {number}\n").as_bytes()).expect("room to write");
    }
    for (number, mut stream) in streams.into_iter().enumerate() {
        stream.shutdown(Shutdown::Write).expect("it is connected");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("the echo, and its end");
        assert_eq!(text, format!("line of {number}\n"));
    }
    let output = server.end();
    assert_eq!(output.lines().filter(|line| line.ends_with(": 10 bytes")).count(), 3, "{output}");
}

#[test]
fn hyper_hello_answers_over_http() {
    let server = Server::start("hyper_hello", 1);
    let mut stream = server.connect();
    let request = "GET /world HTTP/1.1\r\nhost: example\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("room to write");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer, and the end");
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(text.ends_with("\r\n\r\nhello, /world\n"), "{text}");
    server.end();
}
