//! A thread of its own waits for the sockets; the one that polls sleeps on its parker.
//!
//! ```text
//!   thread that polls                             thread of the reactor
//!   read: nothing ──── wish: socket, waker ─────► add
//!   parks                                         poller.wait … readable
//!   wakes up ◄──────────── waker.wake() ───────── remove
//! ```

use std::future::Future;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};
use std::thread;

use reactor::event::{Events, Interest, Mode, Token};
use reactor::poller::{Notifier, Poller};
use reactor::slab::{Key, Slab};

use super::line::{Line, read_byte};

/// "When there is something to read from `socket`, call `waker`."
struct Wish {
    socket: Arc<UnixStream>,
    waker: Waker,
}

struct Handle {
    wishes: Sender<Wish>,
    notifier: Notifier,
}

/// One for the whole process, started when it is first needed.
static REACTOR: LazyLock<Handle> = LazyLock::new(|| {
    let poller = Poller::new().expect("a descriptor is left");
    let notifier = poller.notifier();
    let (wishes, receiver) = mpsc::channel();
    thread::spawn(move || wait_for_all(&poller, &receiver));
    Handle { wishes, notifier }
});

fn wait_for_all(poller: &Poller, wishes: &Receiver<Wish>) {
    let mut waiting: Slab<Wish> = Slab::new();
    let mut events = Events::new();
    loop {
        for wish in wishes.try_iter() {
            let socket = Arc::clone(&wish.socket);
            let Key { index, generation } = waiting.insert(wish);
            let token = Token::new(index, generation);
            poller.add(&socket, token, Interest::READABLE, Mode::Edge).expect("it is a socket");
        }
        poller.wait(&mut events, None).expect("the kernel lets a thread wait");
        for event in &events {
            let (index, generation) = (event.token().slot(), event.token().generation());
            if let Some(wish) = waiting.remove(Key { index, generation }) {
                poller.remove(&wish.socket).expect("it was added");
                wish.waker.wake();
            }
        }
    }
}

/// Runs `future` on this thread, which sleeps while the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    executor::park::block_on(future)
}

struct Wished(Arc<UnixStream>);

/// What waits with that thread.
pub fn open(socket: UnixStream) -> io::Result<Box<dyn Line>> {
    socket.set_nonblocking(true)?;
    Ok(Box::new(Wished(Arc::new(socket))))
}

impl Line for Wished {
    fn poll_byte(&self, context: &mut Context<'_>) -> Poll<io::Result<u8>> {
        match read_byte(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let wish = Wish { socket: Arc::clone(&self.0), waker: context.waker().clone() };
                REACTOR.wishes.send(wish).expect("that thread goes on for ever");
                REACTOR.notifier.notify()?;
                Poll::Pending
            }
            result => Poll::Ready(result),
        }
    }
}
