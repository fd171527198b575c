//! What others publish, until Ctrl-C.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use kv_server::client::{Error, Options, Subscriber, Value};
use kv_server::rt;

use crate::format::Printer;
use crate::interrupt;
use crate::outcome::Failure;
use crate::session::tell;
use crate::words::is;

/// Prints what is published on channels.
pub(crate) fn listen(
    place: &Options,
    channels: &[Vec<u8>],
    printer: &Printer,
) -> Result<bool, Failure> {
    follow(place, false, channels, printer)
}

/// `SUBSCRIBE channel …` or `PSUBSCRIBE pattern …`, as a command.
pub(crate) fn command(
    place: &Options,
    words: &[Vec<u8>],
    printer: &Printer,
) -> Result<bool, Failure> {
    let Some((name, names)) = words.split_first().filter(|(_, names)| !names.is_empty()) else {
        tell("name what to subscribe to, as in: SUBSCRIBE news");
        return Ok(false);
    };
    follow(place, is(Some(name), "psubscribe"), names, printer)
}

fn follow(
    place: &Options,
    patterns: bool,
    names: &[Vec<u8>],
    printer: &Printer,
) -> Result<bool, Failure> {
    let end = Arc::new(End::default());
    let ended = Arc::clone(&end);
    let listening = || {
        rt::block_on(async {
            let mut following = pin!(receive(place, patterns, names, *printer));
            poll_fn(|context| {
                if end.is_reached(context.waker()) {
                    return Poll::Ready(Ok(()));
                }
                following.as_mut().poll(context)
            })
            .await
        })
    };
    match interrupt::during(move || ended.reach(), listening)? {
        // To be ended is how this ends.
        None => Ok(true),
        Some(Ok(outcome)) => outcome.map(|()| true),
        Some(Err(error)) => Err(Failure::System(format!("the runtime cannot start: {error}"))),
    }
}

/// Whether another thread wants this to end, and whom to wake then.
#[derive(Default)]
struct End(Mutex<(bool, Option<Waker>)>);

impl End {
    fn reach(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = true;
        let waker = state.1.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn is_reached(&self, waker: &Waker) -> bool {
        // To clone the one, and to drop the other, is foreign code: under no lock.
        let waker = Some(waker.clone());
        let (reached, before) = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            (state.0, std::mem::replace(&mut state.1, waker))
        };
        drop(before);
        reached
    }
}

/// Prints confirmations and messages. Ends only by an error that does not pass.
async fn receive(
    place: &Options,
    patterns: bool,
    names: &[Vec<u8>],
    printer: Printer,
) -> Result<(), Failure> {
    let mut subscriber = Subscriber::connect(place.clone()).await?;
    if patterns {
        subscriber.psubscribe(names).await?;
    } else {
        subscriber.subscribe(names).await?;
    }
    let kind = if patterns { "psubscribe" } else { "subscribe" };
    for (index, name) in (1..).zip(names) {
        let confirmed =
            [Value::Bulk(kind.into()), Value::Bulk(name.clone()), Value::Integer(index)];
        printer.print(&Value::Array(confirmed.into())).map_err(Failure::Output)?;
    }
    if printer.is_typed() {
        tell("waiting for messages; Ctrl-C ends it");
    }
    loop {
        match subscriber.next().await {
            Ok(message) => {
                let kind = if message.pattern.is_some() { "pmessage" } else { "message" };
                let texts = [Some(kind.into()), message.pattern];
                let texts = texts.into_iter().flatten().chain([message.channel, message.payload]);
                let value = Value::Array(texts.map(Value::Bulk).collect());
                printer.print(&value).map_err(Failure::Output)?;
            }
            // Told of once; that it is not yet back is no news.
            Err(Error::Connect(..)) => {}
            Err(error) if error.is_transient() => {
                tell(&format!("{error}; connecting again, what is published meanwhile is missed"));
            }
            Err(error) => return Err(error.into()),
        }
    }
}
