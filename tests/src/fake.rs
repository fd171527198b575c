//! A server that does as it is told, for what no real one does.
//!
//! ```text
//!  Fake::start(script) ──► thread: door.accept() ──► Wire: expect, send, expect_end
//!        │ address                                         │ a failed expectation
//!        └── join ◄────────────────────────────────────────┘ fails the test that joins
//! ```

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

use crate::wait::{PATIENCE, wait_for};
use crate::wire::Wire;

/// A server by script, on a thread of its own.
pub struct Fake {
    /// Where it listens.
    pub address: SocketAddr,
    script: Option<JoinHandle<()>>,
}

/// Where a [`Fake`] waits for clients.
pub struct Door(TcpListener);

impl Fake {
    /// Starts a server that does this, and then listens no more.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start(script: impl FnOnce(Door) + Send + 'static) -> Fake {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
        let address = listener.local_addr().expect("it is bound");
        listener.set_nonblocking(true).expect("a socket");
        let script = thread::spawn(move || script(Door(listener)));
        Fake { address, script: Some(script) }
    }

    /// Starts a server that sends these bytes to one client, after this request, and closes.
    pub fn sending(request: Vec<u8>, bytes: Vec<u8>) -> Fake {
        Fake::start(move |door| {
            let mut client = door.accept();
            client.expect(request);
            // The client may have closed by then.
            let _ = client.try_send(bytes);
        })
    }

    /// Whether it has done all that it was told, or failed.
    pub fn is_done(&self) -> bool {
        self.script.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until it has done all that it was told.
    ///
    /// # Panics
    /// When an expectation of its script has failed.
    #[track_caller]
    pub fn join(mut self) {
        let script = self.script.take().expect("it is joined once");
        script.join().expect("the server's part goes as expected");
    }
}

impl Door {
    /// The next client.
    ///
    /// # Panics
    /// When none comes in time.
    #[track_caller]
    pub fn accept(&self) -> Wire {
        let (stream, _) = wait_for("a client that connects", PATIENCE, || self.0.accept().ok());
        stream.set_nonblocking(false).expect("a socket");
        Wire::over(stream, "the client")
    }
}
