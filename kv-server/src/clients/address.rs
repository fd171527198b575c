//! An address that takes no more room than it needs: most clients come over IPv4, and the address of one
//! is six bytes, where a `SocketAddr` has to have room for the other kind's twenty-eight.

use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};

/// Where a client comes from.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    V4(SocketAddrV4),
    V6(Box<SocketAddrV6>),
}

impl Address {
    pub(crate) fn get(&self) -> SocketAddr {
        match self {
            Address::V4(address) => SocketAddr::V4(*address),
            Address::V6(address) => SocketAddr::V6(**address),
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Address {
        match address {
            SocketAddr::V4(address) => Address::V4(address),
            SocketAddr::V6(address) => Address::V6(Box::new(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_either_kind_comes_back_whole_out_of_two_words() {
        for text in ["127.0.0.1:6379", "[::1]:1", "[::ffff:192.0.2.1]:65535", "[fe80::1%7]:80"] {
            let address: SocketAddr = text.parse().expect("an address");
            assert_eq!(Address::from(address).get(), address);
        }
        assert_eq!(size_of::<Address>(), 16);
    }
}
