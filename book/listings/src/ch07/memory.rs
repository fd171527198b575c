//! Who lies at an address: asked, not followed.
//!
//! To follow an address that has gone stale is undefined behaviour: the compiler may assume that it does
//! not happen, and the program may print anything, or the right thing until next year. So we never
//! follow one. We look it up among the places that we know, and read there by way of a reference.

/// Places that have names.
#[derive(Debug, Default)]
pub struct Memory<'a> {
    places: Vec<(&'static str, &'a [u8])>,
}

impl<'a> Memory<'a> {
    /// One with no places.
    pub fn new() -> Memory<'a> {
        Memory::default()
    }

    /// Knows one place more.
    #[must_use]
    pub fn with(mut self, name: &'static str, bytes: &'a [u8]) -> Memory<'a> {
        self.places.push((name, bytes));
        self
    }

    /// In whose place the address lies, and the word that begins there; `None` where nobody is.
    pub fn look_up(&self, address: *const u8) -> Option<(&'static str, &'a str)> {
        let here = |(_, bytes): &&(_, &[u8])| bytes.as_ptr_range().contains(&address);
        let (name, bytes) = self.places.iter().find(here)?;
        let word = &bytes[address.addr() - bytes.as_ptr().addr()..];
        let word = word.split(|byte| *byte == b' ').next().unwrap_or(word);
        Some((name, std::str::from_utf8(word).ok()?))
    }
}
