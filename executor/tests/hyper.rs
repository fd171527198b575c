//! A server that others wrote, on our sockets: hyper's HTTP/1.1, and a client by hand.

mod support;

use std::cell::Cell;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;

use bytes::Bytes;
use executor::compat::Compat;
use executor::io::{AsyncRead, AsyncWrite};
use executor::net::{TcpListener, TcpStream};
use executor::sync::Notify;
use executor::{Either, JoinHandle, select, spawn};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use support::{Watchdog, runtime, soon, until};

/// What a server has done so far.
#[derive(Default)]
struct Counts {
    /// Requests whose head has come.
    begun: Cell<usize>,
    /// Requests that were answered.
    served: Cell<usize>,
}

/// Answers with the request's method, path and body, and counts.
async fn answer(
    request: Request<Incoming>,
    counts: Rc<Counts>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    counts.begun.set(counts.begun.get() + 1);
    let what = format!("{} {}", request.method(), request.uri().path());
    let body = request.into_body().collect().await?.to_bytes();
    counts.served.set(counts.served.get() + 1);
    let text = [what.as_bytes(), b" ", &body].concat();
    Ok(Response::new(Full::new(Bytes::from(text))))
}

/// Serves one connection until its peer leaves, or until `stop`, and then what has begun.
async fn serve(stream: TcpStream, counts: Rc<Counts>, stop: Rc<Notify>) -> hyper::Result<()> {
    let service = service_fn(move |request| answer(request, Rc::clone(&counts)));
    let mut connection = pin!(http1::Builder::new().serve_connection(Compat::new(stream), service));
    let stopped = pin!(stop.notified());
    match select(connection.as_mut(), stopped).await {
        Either::Left((ended, _)) => return ended,
        Either::Right(_) => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

/// A listener that serves until it is told to stop.
fn start(stop: &Rc<Notify>, counts: &Rc<Counts>) -> (SocketAddr, JoinHandle<()>) {
    let mut listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    let (stop, counts) = (Rc::clone(stop), Rc::clone(counts));
    let server = spawn(async move {
        let mut connections = Vec::new();
        let mut stopped = pin!(stop.notified());
        loop {
            let accepted = match select(listener.accept(), stopped.as_mut()).await {
                Either::Left((accepted, _)) => accepted,
                Either::Right(_) => break,
            };
            let (stream, _) = accepted.expect("a connection");
            connections.push(spawn(serve(stream, Rc::clone(&counts), Rc::clone(&stop))));
        }
        for connection in connections {
            connection.await.expect("no panic").expect("a clean end");
        }
    });
    (address, server)
}

/// An HTTP client of a few lines: it trusts what the server says.
struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    async fn connect(address: SocketAddr) -> Client {
        let stream = soon("a connection", TcpStream::connect(address)).await.expect("connected");
        Client { stream, received: Vec::new() }
    }

    async fn send(&mut self, method: &Method, path: &str, body: &str) {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: example\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        soon("room to write", self.stream.write_all(request.as_bytes())).await.expect("written");
    }

    /// The body of the next answer.
    async fn receive(&mut self) -> String {
        let head = loop {
            match self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(end) => break self.received.drain(..end + 4).collect::<Vec<u8>>(),
                None => assert!(self.fill().await > 0, "the connection ended before an answer"),
            }
        };
        let head = String::from_utf8(head).expect("text");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("a length").parse().expect("a number");
        while self.received.len() < length {
            assert!(self.fill().await > 0, "the connection ended within an answer");
        }
        let body = self.received.drain(..length).collect();
        String::from_utf8(body).expect("text")
    }

    async fn fill(&mut self) -> usize {
        let mut buffer = [0; 4096];
        let count = soon("an answer", self.stream.read(&mut buffer)).await.expect("a connection");
        self.received.extend_from_slice(&buffer[..count]);
        count
    }
}

/// Runs a client against a server, and asserts that nothing is left when both have ended.
fn with_server<F: Future<Output = usize>>(client: impl FnOnce(SocketAddr) -> F) {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    runtime.block_on(async {
        let (stop, counts) = (Rc::new(Notify::new()), Rc::new(Counts::default()));
        let (address, server) = start(&stop, &counts);
        let requests = client(address).await;
        stop.notify_waiters();
        soon("the server's end", server).await.expect("it ended well");
        assert_eq!(counts.served.get(), requests);
    });
    assert_eq!(runtime.metrics(), executor::Metrics::default());
}

#[test]
fn requests_are_answered_in_turn_on_one_connection() {
    with_server(|address| async move {
        let mut client = Client::connect(address).await;
        for number in 0..20 {
            let path = format!("/path/{number}");
            client.send(&Method::POST, &path, "some body").await;
            assert_eq!(client.receive().await, format!("POST {path} some body"));
        }
        20
    });
}

#[test]
fn requests_that_were_sent_together_are_answered_in_order() {
    with_server(|address| async move {
        let mut client = Client::connect(address).await;
        for number in 0..10 {
            client.send(&Method::GET, &format!("/{number}"), "").await;
        }
        for number in 0..10 {
            assert_eq!(client.receive().await, format!("GET /{number} "));
        }
        10
    });
}

#[test]
fn a_body_of_a_megabyte_comes_back_whole() {
    with_server(|address| async move {
        let body = "0123456789abcdef".repeat(1 << 16);
        let mut client = Client::connect(address).await;
        client.send(&Method::PUT, "/", &body).await;
        assert_eq!(client.receive().await, format!("PUT / {body}"));
        1
    });
}

#[test]
fn many_connections_are_served_side_by_side() {
    with_server(|address| async move {
        let clients = (0..50).map(|number| {
            spawn(async move {
                let mut client = Client::connect(address).await;
                for round in 0..5 {
                    client.send(&Method::GET, &format!("/{number}/{round}"), "x").await;
                    assert_eq!(client.receive().await, format!("GET /{number}/{round} x"));
                }
            })
        });
        for client in executor::join_all(clients).await {
            client.expect("the client ended well");
        }
        250
    });
}

#[test]
fn a_graceful_end_closes_idle_connections_and_answers_what_has_begun() {
    let _watchdog = Watchdog::start();
    runtime().block_on(async {
        let (stop, counts) = (Rc::new(Notify::new()), Rc::new(Counts::default()));
        let (address, server) = start(&stop, &counts);
        let (mut idle, mut busy) = (Client::connect(address).await, Client::connect(address).await);
        idle.send(&Method::GET, "/idle", "").await;
        assert_eq!(idle.receive().await, "GET /idle ");
        let half = b"PUT /half HTTP/1.1\r\nhost: example\r\ncontent-length: 8\r\n\r\nhalf";
        busy.stream.write_all(half).await.expect("written");
        until("the head of the other request", || counts.begun.get() == 2).await;
        stop.notify_waiters();
        assert_eq!(idle.fill().await, 0, "an idle connection is closed");
        busy.stream.write_all(b"+ab ").await.expect("written");
        assert_eq!(busy.receive().await, "PUT /half half+ab ");
        assert_eq!(busy.fill().await, 0, "and the other one after its answer");
        soon("the server's end", server).await.expect("it ended well");
        assert_eq!(counts.served.get(), 2);
    });
}

#[test]
fn a_client_that_breaks_off_harms_nobody_else() {
    let _watchdog = Watchdog::start();
    runtime().block_on(async {
        let mut listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        let mut broken = Client::connect(address).await;
        let (stream, _) = soon("a connection", listener.accept()).await.expect("accepted");
        let (counts, stop) = (Rc::new(Counts::default()), Rc::new(Notify::new()));
        let serving = spawn(serve(stream, Rc::clone(&counts), Rc::clone(&stop)));
        broken
            .stream
            .write_all(b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nhalf")
            .await
            .expect("w");
        drop(broken);
        let ended = soon("the broken connection's end", serving).await.expect("no panic");
        assert!(ended.is_err(), "hyper says that the message was not complete");
        let mut whole = Client::connect(address).await;
        let (stream, _) = soon("a connection", listener.accept()).await.expect("accepted");
        let serving = spawn(serve(stream, Rc::clone(&counts), stop));
        whole.send(&Method::GET, "/", "").await;
        assert_eq!(whole.receive().await, "GET / ");
        drop(whole);
        soon("the other connection's end", serving).await.expect("no panic").expect("clean");
        assert_eq!(counts.served.get(), 1);
    });
}
