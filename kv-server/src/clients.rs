//! The clients that are connected: what the server knows of each, and where to find it.
//!
//! A client is found by its [`Slot`], its place in one growing array. Who holds a slot holds it as
//! long as the connection lives, which takes it at its beginning and gives it back at its end;
//! the index of subscribers is cleared first. No slot of a client that is gone is kept anywhere.
//!
//! The array is also the memory plan of ten thousand idle connections: each costs one entry here
//! and its task, and no buffer at all.

mod address;

use std::net::SocketAddr;
use std::ops::{Index, IndexMut};
use std::rc::Rc;
use std::task::Waker;

pub(crate) use address::Address;

use crate::db::Millis;
use crate::message::{LineEnd, Message};
use crate::outbox::{Buffers, Outbox};
use crate::resp::Protocol;
use crate::transaction::Transaction;

/// A client's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// What the server knows of one client.
#[derive(Debug)]
pub(crate) struct Client {
    /// Counts up from 1; no two clients ever have the same.
    pub(crate) id: u64,
    pub(crate) peer: Address,
    /// Its address at our end, of which most clients have the same.
    pub(crate) local_address: Rc<SocketAddr>,
    /// The descriptor's number, for show.
    pub(crate) descriptor: i32,
    /// What it has said about itself; most say nothing.
    pub(crate) labels: Option<Box<Labels>>,
    pub(crate) connected: Millis,
    /// When it last sent something.
    pub(crate) active: Millis,
    /// The name of the command that it last called. One word, as it is written with each batch.
    pub(crate) last_command: &'static &'static str,
    /// The number of its database.
    pub(crate) database: u8,
    pub(crate) protocol: Protocol,
    pub(crate) replies: Replies,
    pub(crate) ending: Ending,
    pub(crate) no_evict: bool,
    /// It sees what all others call (`MONITOR`).
    pub(crate) monitor: bool,
    /// It has given the password, or none was asked for when it came.
    pub(crate) trusted: bool,
    /// What it has between MULTI and EXEC, and what it watches.
    pub(crate) transaction: Option<Box<Transaction>>,
    /// To how many channels it is subscribed …
    pub(crate) channels: u32,
    /// … to how many patterns …
    pub(crate) patterns: u32,
    /// … and to how many shard channels.
    pub(crate) shard_channels: u32,
    /// It types lines, ended like this, and speaks no RESP.
    pub(crate) lines: Option<LineEnd>,
    /// What waits to be sent to it.
    pub(crate) outbox: Outbox,
    /// Something was put in there by another client since the owner last looked; its task is woken,
    /// or about to be.
    pub(crate) has_news: bool,
    /// Its connection's task.
    pub(crate) waker: Option<Waker>,
}

/// In the place of a command's name: nothing was called yet, or nothing that there is.
pub(crate) static NO_COMMAND: &str = "NULL";

/// What a client says about itself, for others to read.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// What it calls itself; empty if it does not.
    pub(crate) name: Box<[u8]>,
    /// The library that it uses, and its version.
    pub(crate) library: Option<[Box<[u8]>; 2]>,
}

/// Whether the client wants replies (`CLIENT REPLY`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Replies {
    #[default]
    On,
    Off,
    /// To all but the command that comes next …
    SkipNext,
    /// … which is this one.
    Skip,
}

/// Whether the connection is to be closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    #[default]
    No,
    /// Once its replies are sent; it is not listened to any more.
    AfterReplies,
    /// At once.
    Now,
}

impl Client {
    pub(crate) fn new(
        address: SocketAddr,
        local_address: impl Into<Rc<SocketAddr>>,
        now: Millis,
    ) -> Client {
        Client {
            id: 0,
            peer: address.into(),
            local_address: local_address.into(),
            descriptor: -1,
            labels: None,
            connected: now,
            active: now,
            last_command: &NO_COMMAND,
            database: 0,
            protocol: Protocol::default(),
            replies: Replies::default(),
            ending: Ending::default(),
            no_evict: false,
            monitor: false,
            trusted: true,
            transaction: None,
            channels: 0,
            patterns: 0,
            shard_channels: 0,
            lines: None,
            outbox: Outbox::default(),
            has_news: false,
            waker: None,
        }
    }

    /// Where it comes from.
    pub(crate) fn address(&self) -> SocketAddr {
        self.peer.get()
    }

    /// What it calls itself; empty if it does not.
    pub(crate) fn name(&self) -> &[u8] {
        self.labels.as_ref().map_or(&[], |labels| &labels.name)
    }

    /// All subscriptions together.
    #[inline]
    pub(crate) fn subscriptions(&self) -> u32 {
        self.channels + self.patterns + self.shard_channels
    }

    /// Whether commands are put into a queue, for EXEC to run.
    pub(crate) fn is_queueing(&self) -> bool {
        self.transaction.as_ref().is_some_and(|transaction| transaction.open)
    }

    /// Whether it is here to listen: then it may be silent, but must keep up.
    #[inline]
    pub(crate) fn listens(&self) -> bool {
        self.subscriptions() > 0 || self.monitor
    }

    /// It does not take what it is sent: it is ended, and what waits for it is freed at once.
    #[cold]
    fn cut_off(&mut self, buffers: &mut Buffers) {
        self.outbox.clear(buffers);
        self.end(Ending::Now);
        let (id, address) = (self.id, self.address());
        tracing::info!("client {id} at {address} is cut off: it does not take its messages");
    }

    /// Asks for the connection's end. What was asked for before is only ever made more urgent.
    pub(crate) fn end(&mut self, ending: Ending) {
        self.ending = self.ending.max(ending);
    }
}

/// All clients, and the buffers that their outboxes use.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    slots: Vec<Option<Client>>,
    free: Vec<Slot>,
    last_id: u64,
    /// Spare buffers.
    pub(crate) buffers: Buffers,
    /// To whom something was delivered since the last [`Clients::wake`].
    delivered: Vec<Slot>,
}

impl Clients {
    /// Takes a client in, and gives it its id.
    pub(crate) fn insert(&mut self, mut client: Client) -> Slot {
        self.last_id += 1;
        client.id = self.last_id;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            Slot(u32::try_from(self.slots.len() - 1).expect("there are fewer descriptors"))
        });
        self.slots[slot.0 as usize] = Some(client);
        slot
    }

    /// Lets a client go. Afterwards its slot may be another's.
    pub(crate) fn remove(&mut self, slot: Slot) {
        let Some(mut client) = self.slots.get_mut(slot.0 as usize).and_then(Option::take) else {
            return;
        };
        client.outbox.clear(&mut self.buffers);
        self.delivered.retain(|&delivered| delivered != slot);
        self.free.push(slot);
    }

    /// Takes a client's buffer out, to write to it or to the socket: what waits in it, and how much
    /// of that is sent.
    #[inline]
    pub(crate) fn take_output(&mut self, slot: Slot) -> (Vec<u8>, usize) {
        let Clients { slots, buffers, .. } = self;
        match &mut slots[slot.0 as usize] {
            Some(client) => client.outbox.take(buffers),
            None => (Vec::new(), 0),
        }
    }

    /// What waits to be sent to a client.
    #[inline]
    pub(crate) fn unsent(&self, slot: Slot) -> &[u8] {
        self[slot].outbox.unsent()
    }

    /// So many bytes more of that are sent.
    #[inline]
    pub(crate) fn advance(&mut self, slot: Slot, count: usize) {
        let Clients { slots, buffers, .. } = self;
        if let Some(client) = &mut slots[slot.0 as usize] {
            client.outbox.advance(count, buffers);
        }
    }

    /// Puts a client's buffer back.
    #[inline]
    pub(crate) fn restore_output(&mut self, slot: Slot, bytes: Vec<u8>, sent: usize) {
        let Clients { slots, buffers, .. } = self;
        if let Some(client) = &mut slots[slot.0 as usize] {
            client.outbox.restore(bytes, sent, buffers);
        }
    }

    /// Throws away what waits for a client, and puts this there.
    pub(crate) fn replace_output(&mut self, slot: Slot, bytes: &[u8]) {
        let Clients { slots, buffers, .. } = self;
        if let Some(client) = &mut slots[slot.0 as usize] {
            client.outbox.clear(buffers);
            client.outbox.append(bytes, buffers);
        }
    }

    /// Puts a message into a client's outbox, in the form that it takes, to be sent at the next
    /// [`Clients::wake`]. A client whose backlog comes over `hard_limit` is cut off, and what waits
    /// for it is freed at once. Whether it still is a client.
    #[inline]
    pub(crate) fn deliver(
        &mut self,
        slot: Slot,
        message: &mut Message<'_>,
        hard_limit: usize,
    ) -> bool {
        self.put(slot, |client, buffers| match client.lines {
            None => client.outbox.append_within(hard_limit, message.push(client.protocol), buffers),
            Some(end) => client.outbox.append_line(message, end, hard_limit, buffers),
        })
    }

    /// Puts bytes into a client's outbox, as [`Clients::deliver`] does.
    pub(crate) fn post(&mut self, slot: Slot, bytes: &[u8], hard_limit: usize) -> bool {
        self.put(slot, |client, buffers| client.outbox.append_within(hard_limit, bytes, buffers))
    }

    /// Lets `append` put something into a client's outbox, and say whether there was room.
    #[inline(always)]
    fn put(&mut self, slot: Slot, append: impl FnOnce(&mut Client, &mut Buffers) -> bool) -> bool {
        let Clients { slots, buffers, delivered, .. } = self;
        let Some(Some(client)) = slots.get_mut(slot.0 as usize) else { return false };
        if client.ending != Ending::No {
            return true;
        }
        if !client.has_news {
            client.has_news = true;
            delivered.push(slot);
        }
        let fits = append(client, buffers);
        if !fits {
            client.cut_off(buffers);
        }
        fits
    }

    /// Whether [`Clients::wake`] has something to do.
    #[inline]
    pub(crate) fn has_delivered(&self) -> bool {
        !self.delivered.is_empty()
    }

    /// Wakes each client that something was delivered to. Waking runs nothing there and then, so
    /// all may stay borrowed meanwhile.
    pub(crate) fn wake(&mut self) {
        for slot in self.delivered.drain(..) {
            if let Some(Client { waker: Some(waker), .. }) = &self.slots[slot.0 as usize] {
                waker.wake_by_ref();
            }
        }
    }

    /// Wakes one client, if it still is there.
    pub(crate) fn wake_one(&self, slot: Slot) {
        if let Some(Some(Client { waker: Some(waker), .. })) = self.slots.get(slot.0 as usize) {
            waker.wake_by_ref();
        }
    }

    /// Ends a client's connection at once, without asking it.
    pub(crate) fn kill(&mut self, slot: Slot) {
        let Clients { slots, buffers, .. } = self;
        if let Some(client) = &mut slots[slot.0 as usize] {
            client.end(Ending::Now);
            client.outbox.clear(buffers);
            if let Some(waker) = &client.waker {
                waker.wake_by_ref();
            }
        }
    }

    /// Ends all connections at once.
    pub(crate) fn kill_all(&mut self) {
        for number in (0u32..).take(self.slots.len()) {
            self.kill(Slot(number));
        }
    }

    /// Wakes every client, so that each looks at what has changed for all.
    pub(crate) fn wake_all(&self) {
        for (_, client) in self.iter() {
            if let Some(waker) = &client.waker {
                waker.wake_by_ref();
            }
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// All of them, in the order of their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Slot, &Client)> {
        let slots = (0..).map(Slot).zip(&self.slots);
        slots.filter_map(|(slot, client)| client.as_ref().map(|client| (slot, client)))
    }
}

impl Index<Slot> for Clients {
    type Output = Client;

    #[inline]
    fn index(&self, slot: Slot) -> &Client {
        self.slots[slot.0 as usize].as_ref().expect("a connection gives its slot back at its end")
    }
}

impl IndexMut<Slot> for Clients {
    #[inline]
    fn index_mut(&mut self, slot: Slot) -> &mut Client {
        self.slots[slot.0 as usize].as_mut().expect("a connection gives its slot back at its end")
    }
}

#[cfg(test)]
mod tests;
