//! A request's arguments, still lying in the bytes that were read.
//!
//! An argument is where it begins and how long it is, in eight bytes, so that a request of a
//! million arguments costs little more than the bytes by which it came.

/// Where one argument is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) length: u32,
}

/// The arguments of one request, its command's name first. Borrowed: copying it copies two slices.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a> {
    bytes: &'a [u8],
    spans: &'a [Span],
}

impl<'a> Arguments<'a> {
    #[inline]
    pub(super) fn new(bytes: &'a [u8], spans: &'a [Span]) -> Arguments<'a> {
        Arguments { bytes, spans }
    }

    /// How many there are, the name included.
    #[inline]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none, not even a name.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The argument at `index`.
    ///
    /// # Panics
    /// If there are not that many; a command's arity is checked before it runs.
    #[inline]
    pub fn at(&self, index: usize) -> &'a [u8] {
        slice(self.bytes, self.spans[index])
    }

    /// The name as one integer, zeros after its end, and its length: if it is short, and lies where
    /// eight bytes can be read at once.
    #[inline]
    pub(crate) fn name(&self) -> Option<(u64, usize)> {
        let Span { start, length } = *self.spans.first()?;
        let eight = self.bytes.get(start as usize..)?.first_chunk()?;
        if !(1..=8).contains(&length) {
            return None;
        }
        let name = u64::from_le_bytes(*eight) & (u64::MAX >> (8 * (8 - length)));
        Some((name, length as usize))
    }

    /// The argument at `index`, if there is one.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        self.spans.get(index).map(|&span| slice(self.bytes, span))
    }

    /// Those from `index` on; none if there are not that many.
    #[inline]
    pub fn from(&self, index: usize) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        let bytes = self.bytes;
        self.spans.get(index..).unwrap_or_default().iter().map(move |&span| slice(bytes, span))
    }
}

/// The arguments of one request, kept beyond the bytes in which they came.
#[derive(Debug)]
pub struct OwnedArguments {
    bytes: Box<[u8]>,
    spans: Box<[Span]>,
}

impl OwnedArguments {
    /// The arguments, as a command takes them.
    pub fn borrow(&self) -> Arguments<'_> {
        Arguments { bytes: &self.bytes, spans: &self.spans }
    }

    /// Bytes of memory that they take.
    pub fn memory(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.spans)
    }
}

impl From<Arguments<'_>> for OwnedArguments {
    fn from(arguments: Arguments<'_>) -> OwnedArguments {
        let mut bytes = Vec::with_capacity(arguments.from(0).map(<[u8]>::len).sum());
        let mut spans = Vec::with_capacity(arguments.len());
        for (argument, span) in arguments.from(0).zip(arguments.spans) {
            // Not more bytes than those that it came in, whose positions had 32 bits too.
            spans.push(Span { start: bytes.len() as u32, length: span.length });
            bytes.extend_from_slice(argument);
        }
        OwnedArguments { bytes: bytes.into(), spans: spans.into() }
    }
}

#[inline]
fn slice(bytes: &[u8], span: Span) -> &[u8] {
    let start = span.start as usize;
    &bytes[start..start + span.length as usize]
}
