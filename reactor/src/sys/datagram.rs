//! Datagrams: messages that arrive whole or not at all (udp(7), unix(7)).
//!
//! A receive takes one message; what the buffer has no room for is cut off and lost. Zero bytes are a
//! message like others, never an end.
//!
//! Neighbours: `socket` has what datagrams share with streams; `net::udp` and `net::unix_datagram`
//! wait.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use super::address::{Address, SocketAddress};
use super::check;
use super::socket::{NO_SIGPIPE, make};

/// A datagram socket of `address`'s family, not yet bound or connected (socket(2)).
pub(crate) fn socket(address: &impl SocketAddress) -> io::Result<OwnedFd> {
    make(address.family(), libc::SOCK_DGRAM)
}

/// Sends one message (sendto(2)).
pub(crate) fn send_to(
    socket: BorrowedFd<'_>,
    message: &[u8],
    address: &impl SocketAddress,
) -> io::Result<usize> {
    let encoded = address.encode()?;
    // SAFETY: the message is readable for its length, and pointer and length of the address describe
    // `encoded`; both outlive the call.
    let count = check(unsafe {
        libc::sendto(
            socket.as_raw_fd(),
            message.as_ptr().cast(),
            message.len(),
            NO_SIGPIPE,
            encoded.as_ptr(),
            encoded.len(),
        )
    })?;
    Ok(count as usize)
}

/// Takes one message, and says whose it is (recvfrom(2)). `peek` leaves it there.
pub(crate) fn receive_from<A: SocketAddress>(
    socket: BorrowedFd<'_>,
    buffer: &mut [u8],
    peek: bool,
) -> io::Result<(usize, A)> {
    let flags = if peek { libc::MSG_PEEK } else { 0 };
    let (count, address) = Address::filled_by(|address, length| {
        // SAFETY: the buffer is writable for its length; `filled_by` hands out room of `length`
        // bytes.
        check(unsafe {
            libc::recvfrom(
                socket.as_raw_fd(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                flags,
                address,
                length,
            )
        })
    })?;
    Ok((count as usize, A::decode(&address)?))
}
