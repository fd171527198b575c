//! All of the input at once, for loading data: one thread sends, the other counts replies.
//!
//! ```text
//!  input ──► sender ──► server ──► receiver: replies, errors
//!                │                     ▲
//!                └── ECHO nonce ───────┘  its reply is the last one
//! ```

use std::io::{self, Read, Write};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use kv_server::client::blocking::{Client, Receiver, Sender};
use kv_server::client::{Error, Options, Value};
use kv_server::rt;

use crate::outcome::Failure;

/// How much of the input is sent at once.
const CHUNK: usize = 64 * 1024;

/// How often the receiver looks whether it has waited for too long.
const LOOK: Duration = Duration::from_millis(250);

/// What was received.
#[derive(Default)]
struct Count {
    replies: u64,
    errors: u64,
}

/// Sends the input; whether there was a reply to all of it, and no error among them.
pub(crate) fn pipe(place: &Options, timeout: Option<Duration>) -> Result<bool, Failure> {
    let (sender, mut receiver) = Client::connect(place)?.split();
    receiver.set_timeout(Some(LOOK))?;
    let nonce = format!("{:?} {}", rt::unix_time(), process::id());
    let last = nonce.clone().into_bytes();
    let sent = Arc::new(AtomicBool::new(false));
    let is_sent = Arc::clone(&sent);
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let (failed, failure) = mpsc::channel();
    thread::spawn(move || {
        if let Err(error) = send(sender, &nonce, &is_over) {
            // The receiver may have gone, and with it the reason to tell.
            let _ = failed.send(error);
        }
        is_sent.store(true, Ordering::Release);
    });
    let mut count = Count::default();
    let outcome = receive(&mut receiver, &last, &sent, timeout, &mut count);
    let Count { replies, errors } = count;
    // What ended the sending comes first: the receiver's error may only follow from it.
    let input = failure.try_recv().ok().filter(|failure| matches!(failure, Failure::Input(_)));
    let outcome = input.map_or(outcome, Err);
    // The count is the last line, even where the server has gone before all was sent.
    let mut stdout = io::stdout().lock();
    over.store(true, Ordering::Release);
    if outcome.is_ok() {
        writeln!(stdout, "Last reply received from server.").map_err(Failure::Output)?;
    }
    writeln!(stdout, "errors: {errors}, replies: {replies}").map_err(Failure::Output)?;
    outcome.map(|()| errors == 0)
}

/// Sends the input and the last question; says no more once it is `over`.
fn send(mut sender: Sender, nonce: &str, over: &AtomicBool) -> Result<(), Failure> {
    let mut input = io::stdin().lock();
    let mut chunk = vec![0; CHUNK];
    loop {
        match input.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => sender.send_bytes(&chunk[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                // Nothing more comes: the server closes once it has answered.
                let _ = sender.finish();
                return Err(Failure::Input(error));
            }
        }
    }
    // Said before the question is sent: its answer is told of after this.
    let mut stdout = io::stdout().lock();
    if !over.load(Ordering::Acquire) {
        writeln!(stdout, "All data transferred. Waiting for the last reply...")
            .map_err(Failure::Output)?;
    }
    drop(stdout);
    // The line end is for an inline command that has none.
    let last = format!("\r\n*2\r\n$4\r\nECHO\r\n${}\r\n{nonce}\r\n", nonce.len());
    Ok(sender.send_bytes(last.as_bytes())?)
}

/// Counts replies up to the last one.
fn receive(
    receiver: &mut Receiver,
    last: &[u8],
    sent: &AtomicBool,
    timeout: Option<Duration>,
    count: &mut Count,
) -> Result<(), Failure> {
    let mut heard = rt::now();
    loop {
        match receiver.receive() {
            Ok(Value::Bulk(text)) if text == last => return Ok(()),
            Ok(Value::Push(_)) => {}
            Ok(reply) => {
                count.replies += 1;
                if let Value::Error(error) = reply {
                    count.errors += 1;
                    let _ = writeln!(io::stderr(), "{error}");
                }
            }
            Err(Error::TimedOut) => {
                let late = timeout.is_some_and(|timeout| rt::now() - heard >= timeout);
                if late && sent.load(Ordering::Acquire) {
                    return Err(Error::TimedOut.into());
                }
                if sent.load(Ordering::Acquire) {
                    continue;
                }
            }
            Err(error) => return Err(error.into()),
        }
        heard = rt::now();
    }
}
