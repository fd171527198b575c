//! Internet addresses, as Rust says them and as the kernel does (ip(7), ipv6(7)).
//!
//! Invariant: bytes that the kernel did not write are zero, and the family decides which layout is
//! read; a family that we do not know is an error, never a guess.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ptr;

/// Room for an address of any family.
pub(super) struct Address {
    storage: libc::sockaddr_storage,
    length: libc::socklen_t,
}

impl Address {
    /// Zeroed room for the kernel to write to.
    pub(super) fn empty() -> Address {
        // SAFETY: sockaddr_storage is plain data, for which all zeroes is a value.
        let storage = unsafe { std::mem::zeroed() };
        Address { storage, length: 0 }
    }

    pub(super) fn encode(address: &SocketAddr) -> Address {
        match address {
            SocketAddr::V4(v4) => Address::encode_v4(v4),
            SocketAddr::V6(v6) => Address::encode_v6(v6),
        }
    }

    fn encode_v4(v4: &SocketAddrV4) -> Address {
        // SAFETY: sockaddr_in is plain data, for which all zeroes is a value.
        let mut raw: libc::sockaddr_in = unsafe { std::mem::zeroed() };
        raw.sin_family = libc::AF_INET as _;
        raw.sin_port = v4.port().to_be();
        raw.sin_addr.s_addr = u32::from_ne_bytes(v4.ip().octets());
        let mut address = Address::empty();
        address.length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        // SAFETY: sockaddr_storage is made to be large and aligned enough for every address family.
        unsafe { ptr::from_mut(&mut address.storage).cast::<libc::sockaddr_in>().write(raw) };
        address
    }

    fn encode_v6(v6: &SocketAddrV6) -> Address {
        // SAFETY: sockaddr_in6 is plain data, for which all zeroes is a value.
        let mut raw: libc::sockaddr_in6 = unsafe { std::mem::zeroed() };
        raw.sin6_family = libc::AF_INET6 as _;
        raw.sin6_port = v6.port().to_be();
        raw.sin6_flowinfo = v6.flowinfo();
        raw.sin6_addr.s6_addr = v6.ip().octets();
        raw.sin6_scope_id = v6.scope_id();
        let mut address = Address::empty();
        address.length = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
        // SAFETY: sockaddr_storage is made to be large and aligned enough for every address family.
        unsafe { ptr::from_mut(&mut address.storage).cast::<libc::sockaddr_in6>().write(raw) };
        address
    }

    pub(super) fn decode(&self) -> io::Result<SocketAddr> {
        match libc::c_int::from(self.storage.ss_family) {
            libc::AF_INET => Ok(SocketAddr::V4(self.decode_v4())),
            libc::AF_INET6 => Ok(SocketAddr::V6(self.decode_v6())),
            family => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "the kernel gave an address of family {family}, which is neither IPv4 nor IPv6"
                ),
            )),
        }
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

    pub(super) fn as_mut_ptr(&mut self) -> *mut libc::sockaddr {
        ptr::from_mut(&mut self.storage).cast()
    }

    /// The length of what was encoded, in bytes.
    pub(super) fn len(&self) -> libc::socklen_t {
        self.length
    }

    /// How many bytes the kernel may write.
    pub(super) fn capacity(&self) -> libc::socklen_t {
        size_of::<libc::sockaddr_storage>() as libc::socklen_t
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_way_to_the_kernels_layout_and_back() {
        for text in ["127.0.0.1:6379", "255.1.2.3:0", "[::1]:65535", "[fe80::1%7]:80"] {
            let address: SocketAddr = text.parse().expect("a valid address");
            assert_eq!(Address::encode(&address).decode().expect("a known family"), address);
        }
    }

    #[test]
    fn an_unknown_family_is_an_error() {
        let error = Address::empty().decode().expect_err("family 0 is no internet address");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
