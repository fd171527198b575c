//! Addresses of sockets, as Rust says them and as the kernel does (ip(7), ipv6(7)).
//!
//! ```text
//!   SocketAddr  ──encode──► Address: sockaddr_storage + length ──► bind, connect, sendto
//!   UnixAddress ◄──decode── Address                            ◄── accept, getsockname, recvfrom
//! ```
//!
//! Invariants:
//! - Bytes that the kernel did not write are zero, and the family decides which layout is read; a
//!   family that we do not know is an error, never a guess.
//! - The length is never more than the room there is, whatever the kernel says.
//!
//! Neighbours: `socket` calls the kernel with these; `unix_address` is the other implementation.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ptr;

/// What a kind of address must be able to do, so that the calls in `socket` are written once.
pub(crate) trait SocketAddress: Sized {
    /// Whether a connect may find the listener's queue full, or a datagram its receiver's, and say
    /// `EAGAIN`; nothing announces room.
    const QUEUE_MAY_BE_FULL: bool;

    /// The address family (`AF_INET`, `AF_INET6`, `AF_UNIX`).
    fn family(&self) -> libc::c_int;

    /// In the kernel's layout.
    ///
    /// # Errors
    /// `InvalidInput` for a name that the layout has no room for.
    fn encode(&self) -> io::Result<Address>;

    /// Out of the kernel's layout.
    ///
    /// # Errors
    /// `InvalidData` for a family that this type cannot say.
    fn decode(address: &Address) -> io::Result<Self>;
}

impl SocketAddress for SocketAddr {
    const QUEUE_MAY_BE_FULL: bool = false;

    fn family(&self) -> libc::c_int {
        match self {
            SocketAddr::V4(_) => libc::AF_INET,
            SocketAddr::V6(_) => libc::AF_INET6,
        }
    }

    fn encode(&self) -> io::Result<Address> {
        Ok(match self {
            SocketAddr::V4(v4) => Address::encode_v4(v4),
            SocketAddr::V6(v6) => Address::encode_v6(v6),
        })
    }

    fn decode(address: &Address) -> io::Result<SocketAddr> {
        match address.family() {
            libc::AF_INET => Ok(SocketAddr::V4(address.decode_v4())),
            libc::AF_INET6 => Ok(SocketAddr::V6(address.decode_v6())),
            family => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("the kernel gave an address of family {family}, not of IPv4 or IPv6"),
            )),
        }
    }
}

/// Room for an address of any family.
pub(crate) struct Address {
    storage: libc::sockaddr_storage,
    length: libc::socklen_t,
}

impl Address {
    /// Zeroed room.
    fn empty() -> Address {
        // SAFETY: sockaddr_storage is plain data, for which all zeroes is a value.
        let storage = unsafe { std::mem::zeroed() };
        Address { storage, length: 0 }
    }

    /// What `call` writes. It is handed a pointer to zeroed, writable room and one to its length in
    /// bytes; both are good until it returns.
    pub(super) fn filled_by<R>(
        call: impl FnOnce(*mut libc::sockaddr, *mut libc::socklen_t) -> io::Result<R>,
    ) -> io::Result<(R, Address)> {
        let mut address = Address::empty();
        let mut length = Address::CAPACITY;
        let result = call(ptr::from_mut(&mut address.storage).cast(), ptr::from_mut(&mut length))?;
        address.length = length.min(Address::CAPACITY);
        Ok((result, address))
    }

    const CAPACITY: libc::socklen_t = size_of::<libc::sockaddr_storage>() as libc::socklen_t;

    /// An address in its family's own layout, of which the first `length` bytes count.
    pub(super) fn of<T>(raw: T, length: usize) -> Address {
        const { assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>()) };
        const { assert!(align_of::<T>() <= align_of::<libc::sockaddr_storage>()) };
        let mut address = Address::empty();
        address.length = length as libc::socklen_t;
        // SAFETY: the storage is large and aligned enough, as has just been asserted.
        unsafe { ptr::from_mut(&mut address.storage).cast::<T>().write(raw) };
        address
    }

    fn encode_v4(v4: &SocketAddrV4) -> Address {
        // SAFETY: sockaddr_in is plain data, for which all zeroes is a value.
        let mut raw: libc::sockaddr_in = unsafe { std::mem::zeroed() };
        raw.sin_family = libc::AF_INET as _;
        raw.sin_port = v4.port().to_be();
        raw.sin_addr.s_addr = u32::from_ne_bytes(v4.ip().octets());
        Address::of(raw, size_of::<libc::sockaddr_in>())
    }

    fn encode_v6(v6: &SocketAddrV6) -> Address {
        // SAFETY: sockaddr_in6 is plain data, for which all zeroes is a value.
        let mut raw: libc::sockaddr_in6 = unsafe { std::mem::zeroed() };
        raw.sin6_family = libc::AF_INET6 as _;
        raw.sin6_port = v6.port().to_be();
        raw.sin6_flowinfo = v6.flowinfo();
        raw.sin6_addr.s6_addr = v6.ip().octets();
        raw.sin6_scope_id = v6.scope_id();
        Address::of(raw, size_of::<libc::sockaddr_in6>())
    }

    /// The family that the kernel wrote, or zero.
    pub(super) fn family(&self) -> libc::c_int {
        libc::c_int::from(self.storage.ss_family)
    }

    fn decode_v4(&self) -> SocketAddrV4 {
        // SAFETY: the storage is large and aligned enough, every bit pattern is a sockaddr_in, and
        // what the kernel left unwritten is zero.
        let raw = unsafe { ptr::from_ref(&self.storage).cast::<libc::sockaddr_in>().read() };
        let ip = Ipv4Addr::from(raw.sin_addr.s_addr.to_ne_bytes());
        SocketAddrV4::new(ip, u16::from_be(raw.sin_port))
    }

    fn decode_v6(&self) -> SocketAddrV6 {
        // SAFETY: as in decode_v4, for sockaddr_in6.
        let raw = unsafe { ptr::from_ref(&self.storage).cast::<libc::sockaddr_in6>().read() };
        let ip = Ipv6Addr::from(raw.sin6_addr.s6_addr);
        SocketAddrV6::new(ip, u16::from_be(raw.sin6_port), raw.sin6_flowinfo, raw.sin6_scope_id)
    }

    pub(super) fn as_ptr(&self) -> *const libc::sockaddr {
        ptr::from_ref(&self.storage).cast()
    }

    /// How many bytes of it count.
    pub(super) fn len(&self) -> libc::socklen_t {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_way_to_the_kernels_layout_and_back() {
        for text in ["127.0.0.1:6379", "255.1.2.3:0", "[::1]:65535", "[fe80::1%7]:80"] {
            let address: SocketAddr = text.parse().expect("a valid address");
            let encoded = address.encode().expect("it always fits");
            assert_eq!(SocketAddr::decode(&encoded).expect("a known family"), address);
        }
    }

    #[test]
    fn an_unknown_family_is_an_error() {
        let error = SocketAddr::decode(&Address::empty()).expect_err("family 0 is no address");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
