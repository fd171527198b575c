//! Names of local sockets (unix(7)).
//!
//! ```text
//!   length of sockaddr_un:  │ family │ sun_path …                │
//!   unnamed                 └────────┘
//!   pathname                └────────┴ "/run/x.sock" NUL ────┘
//!   abstract (Linux)        └────────┴ NUL "name", any bytes ┘    the length is part of the name
//! ```
//!
//! Neighbours: `address` has the room; `unix` and `socket` use it.

use std::ffi::OsStr;
use std::io;
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::address::{Address, SocketAddress};

/// What a Unix socket is called.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum UnixAddress {
    /// Nothing: a socket that was never bound, as most that connect are. To *bind* to it is to let
    /// Linux choose an abstract name.
    Unnamed,
    /// A path in the file system, which lasts longer than the socket: nobody removes it by itself.
    Pathname(PathBuf),
    /// A name in a space of its own, which ends with the socket. On Linux alone.
    Abstract(Vec<u8>),
}

impl UnixAddress {
    /// The path, where it is one.
    pub fn as_pathname(&self) -> Option<&Path> {
        match self {
            UnixAddress::Pathname(path) => Some(path),
            UnixAddress::Unnamed | UnixAddress::Abstract(_) => None,
        }
    }

    /// Whether it is no name at all.
    pub fn is_unnamed(&self) -> bool {
        matches!(self, UnixAddress::Unnamed)
    }
}

impl From<&Path> for UnixAddress {
    fn from(path: &Path) -> UnixAddress {
        UnixAddress::Pathname(path.to_owned())
    }
}

impl From<PathBuf> for UnixAddress {
    fn from(path: PathBuf) -> UnixAddress {
        UnixAddress::Pathname(path)
    }
}

impl From<&PathBuf> for UnixAddress {
    fn from(path: &PathBuf) -> UnixAddress {
        UnixAddress::Pathname(path.clone())
    }
}

impl From<&str> for UnixAddress {
    fn from(path: &str) -> UnixAddress {
        UnixAddress::Pathname(PathBuf::from(path))
    }
}

impl From<&UnixAddress> for UnixAddress {
    fn from(address: &UnixAddress) -> UnixAddress {
        address.clone()
    }
}

/// Where the name begins.
const NAME: usize = offset_of!(libc::sockaddr_un, sun_path);
/// How many bytes a name may have, with the NUL before or after it.
const ROOM: usize = size_of::<libc::sockaddr_un>() - NAME;

impl SocketAddress for UnixAddress {
    const QUEUE_MAY_BE_FULL: bool = true;

    fn family(&self) -> libc::c_int {
        libc::AF_UNIX
    }

    fn encode(&self) -> io::Result<Address> {
        match self {
            UnixAddress::Unnamed => Ok(encode(&[], NAME)),
            UnixAddress::Pathname(path) => encode_path(path.as_os_str().as_bytes()),
            UnixAddress::Abstract(name) => encode_abstract(name),
        }
    }

    fn decode(address: &Address) -> io::Result<UnixAddress> {
        // Without a name, some systems do not even write the family.
        let length = address.len() as usize;
        if length <= NAME {
            return Ok(UnixAddress::Unnamed);
        }
        if address.family() != libc::AF_UNIX {
            let family = address.family();
            let what = format!("the kernel gave an address of family {family}, not of Unix");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        // SAFETY: the storage is larger than a sockaddr_un and aligned for it, every bit pattern is
        // one, and what the kernel left unwritten is zero.
        let raw = unsafe { address.as_ptr().cast::<libc::sockaddr_un>().read() };
        let bytes = raw.sun_path.map(|byte| byte.to_ne_bytes()[0]);
        Ok(decode_name(&bytes[..(length - NAME).min(ROOM)]))
    }
}

fn decode_name(bytes: &[u8]) -> UnixAddress {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    match bytes {
        [0, name @ ..] if cfg!(target_os = "linux") => UnixAddress::Abstract(name.to_vec()),
        [0, ..] => UnixAddress::Unnamed,
        _ => UnixAddress::Pathname(PathBuf::from(OsStr::from_bytes(&bytes[..end]))),
    }
}

fn encode_path(path: &[u8]) -> io::Result<Address> {
    if path.is_empty() || path.contains(&0) {
        return invalid("the path of a Unix socket must not be empty or contain a NUL".to_owned());
    }
    if path.len() >= ROOM {
        let most = ROOM - 1;
        return invalid(format!(
            "the path of a Unix socket has at most {most} bytes, and this has {}: {}",
            path.len(),
            String::from_utf8_lossy(path)
        ));
    }
    Ok(encode(path, NAME + path.len() + 1))
}

fn encode_abstract(name: &[u8]) -> io::Result<Address> {
    if !cfg!(target_os = "linux") {
        let what = "abstract names of Unix sockets exist on Linux alone";
        return Err(io::Error::new(io::ErrorKind::Unsupported, what));
    }
    if name.len() >= ROOM {
        let most = ROOM - 1;
        return invalid(format!("an abstract name has at most {most} bytes, not {}", name.len()));
    }
    let mut bytes = vec![0];
    bytes.extend_from_slice(name);
    Ok(encode(&bytes, NAME + bytes.len()))
}

/// The caller has seen to it that `bytes` has room.
fn encode(bytes: &[u8], length: usize) -> Address {
    // SAFETY: sockaddr_un is plain data, for which all zeroes is a value.
    let mut raw: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    raw.sun_family = libc::AF_UNIX as _;
    for (to, from) in raw.sun_path.iter_mut().zip(bytes) {
        *to = libc::c_char::from_ne_bytes([*from]);
    }
    Address::of(raw, length)
}

fn invalid(what: String) -> io::Result<Address> {
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_survives_the_way_to_the_kernels_layout_and_back() {
        let longest = PathBuf::from("x".repeat(ROOM - 1));
        let mut names = vec![UnixAddress::Unnamed, "/run/a.sock".into(), longest.into()];
        if cfg!(target_os = "linux") {
            names.push(UnixAddress::Abstract(b"with\0nul".to_vec()));
            names.push(UnixAddress::Abstract(vec![7; ROOM - 1]));
        }
        for name in names {
            let encoded = name.encode().expect("it fits");
            assert_eq!(UnixAddress::decode(&encoded).expect("our own"), name);
        }
    }

    #[test]
    fn a_name_that_does_not_fit_is_refused_and_not_cut() {
        let long = PathBuf::from("x".repeat(ROOM));
        for name in [UnixAddress::from(long), "".into(), "a\0b".into()] {
            let error = name.encode().err().expect("no such name");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{name:?}");
        }
        assert!(UnixAddress::Abstract(vec![1; ROOM]).encode().is_err());
    }
}
