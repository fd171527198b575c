//! A server on a thread, and its clients, none of whom waits for ever.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::watch::Watch;

/// A version of the server.
pub type Serve = fn(&TcpListener, usize, &Watch) -> io::Result<()>;

/// How long a version that is known to be wrong is waited for. It decides nothing for a right one.
pub const BRIEFLY: Duration = Duration::from_millis(200);

/// How long a version that is known to be right is waited for.
pub const LONG: Duration = Duration::from_secs(20);

/// A server that serves so many clients.
pub struct Running {
    address: SocketAddr,
    watch: Arc<Watch>,
    thread: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Starts it.
    ///
    /// # Panics
    /// Where there is no free port on this machine.
    pub fn start(serve: Serve, clients: usize) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let watch = Arc::new(Watch::default());
        let watched = Arc::clone(&watch);
        let thread = thread::spawn(move || serve(&listener, clients, &watched));
        Running { address, watch, thread }
    }

    /// What is seen of it.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// A client, who gives up after so long.
    ///
    /// # Panics
    /// Where the server does not listen any more.
    pub fn client(&self, patience: Duration) -> Client {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(patience)).expect("not zero");
        stream.set_write_timeout(Some(patience)).expect("not zero");
        Client(stream)
    }

    /// Whether it goes on asking the kernel in vain, while nobody says anything.
    pub fn is_busy(&self, patience: Duration) -> bool {
        const SO_OFTEN_IS_NO_CHANCE: u64 = 100;
        let (start, before) = (Instant::now(), self.watch.in_vain());
        while start.elapsed() < patience {
            if self.watch.in_vain() - before > SO_OFTEN_IS_NO_CHANCE {
                return true;
            }
            thread::sleep(Duration::from_millis(1));
        }
        false
    }

    /// Waits until it has served all its clients, and gives what was seen of it.
    ///
    /// # Panics
    /// When it has failed, or has not ended in time.
    pub fn end(self) -> Arc<Watch> {
        let start = Instant::now();
        while !self.thread.is_finished() {
            assert!(start.elapsed() < LONG, "the server has not ended with its last client");
            thread::sleep(Duration::from_millis(1));
        }
        self.thread.join().expect("it does not panic").expect("it serves to the end");
        self.watch
    }
}

/// One end of a connection; the other one is the server's.
pub struct Client(TcpStream);

impl Client {
    /// Says a word.
    ///
    /// # Panics
    /// When the server has gone.
    pub fn say(&mut self, word: &[u8]) {
        self.0.write_all(word).expect("the server is there");
    }

    /// Whether the word comes back before the client gives up.
    ///
    /// # Panics
    /// When something else comes back.
    pub fn hears(&mut self, word: &[u8]) -> bool {
        let mut heard = vec![0; word.len()];
        match self.0.read_exact(&mut heard) {
            Ok(()) => {
                assert!(heard == word, "an echo is what was said");
                true
            }
            Err(_) => false,
        }
    }

    /// From now on it gives up after so long.
    ///
    /// # Panics
    /// Never: the duration is not zero.
    pub fn wait_for(&mut self, patience: Duration) {
        self.0.set_read_timeout(Some(patience)).expect("not zero");
    }

    /// The same end, for another thread.
    ///
    /// # Panics
    /// Where the process has no descriptor left.
    #[must_use]
    pub fn again(&self) -> Client {
        Client(self.0.try_clone().expect("a descriptor is left"))
    }
}
