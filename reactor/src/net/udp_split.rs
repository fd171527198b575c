//! A UDP socket in two halves: one receives, one sends.
//!
//! ```text
//!   split:       &mut UdpSocket ──► halves of &UdpSocket      one task, no allocation
//!   into_split:  UdpSocket ───────► halves of Rc<UdpSocket>   two tasks of one thread
//! ```
//!
//! Invariant: there is one half a direction, and it is used through `&mut`: each direction of the
//! source has one waiter. Nobody but this file makes a half.
//!
//! Neighbours: `udp` is divided.

use std::marker::PhantomData;
use std::net::SocketAddr;
use std::ops::Deref;
use std::rc::Rc;

use super::datagram_socket::{DatagramReceive, DatagramReceiveFrom, DatagramSend, DatagramSendTo};
use super::udp::UdpSocket;

/// What [`UdpSocket::into_split`] gives.
pub type OwnedHalves = (UdpReceiveHalf<Rc<UdpSocket>>, UdpSendHalf<Rc<UdpSocket>>);

impl UdpSocket {
    /// Two halves that borrow the socket: one receives while the other sends, in one task.
    pub fn split(&mut self) -> (UdpReceiveHalf<&UdpSocket>, UdpSendHalf<&UdpSocket>) {
        (UdpReceiveHalf { whole: self }, UdpSendHalf { whole: self })
    }

    /// Two halves that own the socket together: for two tasks.
    pub fn into_split(self) -> OwnedHalves {
        let whole = Rc::new(self);
        (UdpReceiveHalf { whole: Rc::clone(&whole) }, UdpSendHalf { whole })
    }
}

/// The half that receives. The methods are those of [`UdpSocket`].
#[derive(Debug)]
pub struct UdpReceiveHalf<S> {
    whole: S,
}

/// The half that sends. The methods are those of [`UdpSocket`].
#[derive(Debug)]
pub struct UdpSendHalf<S> {
    whole: S,
}

impl<S: Deref<Target = UdpSocket>> UdpReceiveHalf<S> {
    /// As [`UdpSocket::recv`], and as cancel safe.
    ///
    /// # Errors
    /// As [`UdpSocket::recv`].
    pub fn recv<'a>(&'a mut self, buffer: &'a mut [u8]) -> DatagramReceive<'a> {
        DatagramReceive { socket: &self.whole.socket, buffer, peek: false }
    }

    /// As [`UdpSocket::recv_from`], and as cancel safe.
    ///
    /// # Errors
    /// As [`UdpSocket::recv`].
    pub fn recv_from<'a>(
        &'a mut self,
        buffer: &'a mut [u8],
    ) -> DatagramReceiveFrom<'a, SocketAddr> {
        let socket = &self.whole.socket;
        DatagramReceiveFrom { socket, buffer, peek: false, address: PhantomData }
    }

    /// The whole socket, to ask it things.
    pub fn socket(&self) -> &UdpSocket {
        &self.whole
    }
}

impl<S: Deref<Target = UdpSocket>> UdpSendHalf<S> {
    /// As [`UdpSocket::send`], and as cancel safe.
    ///
    /// # Errors
    /// As [`UdpSocket::send`].
    pub fn send<'a>(&'a mut self, message: &'a [u8]) -> DatagramSend<'a> {
        DatagramSend { socket: &self.whole.socket, message }
    }

    /// As [`UdpSocket::send_to`], and as cancel safe.
    ///
    /// # Errors
    /// As [`UdpSocket::send`].
    pub fn send_to<'a>(
        &'a mut self,
        message: &'a [u8],
        address: SocketAddr,
    ) -> DatagramSendTo<'a, SocketAddr> {
        DatagramSendTo { socket: &self.whole.socket, message, address }
    }

    /// The whole socket, to ask it things.
    pub fn socket(&self) -> &UdpSocket {
        &self.whole
    }
}
