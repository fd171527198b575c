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

/// A request's bytes, and where in them its arguments are.
#[derive(Debug)]
pub struct Parts<'a> {
    bytes: &'a [u8],
    spans: &'a [Span],
}

impl<'a> Parts<'a> {
    #[inline]
    pub(super) fn new(bytes: &'a [u8], spans: &'a [Span]) -> Parts<'a> {
        Parts { bytes, spans }
    }

    /// The arguments.
    #[inline]
    pub fn arguments(&self) -> Arguments<'_> {
        Arguments(self)
    }
}

/// The arguments of one request, its command's name first. One word: it passes through all hands that
/// a command passes through, and nothing is copied.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a>(&'a Parts<'a>);

impl<'a> Arguments<'a> {
    /// How many there are, the name included.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.spans.len()
    }

    /// Whether there is none, not even a name.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.spans.is_empty()
    }

    /// The argument at `index`.
    ///
    /// # Panics
    /// If there are not that many; a command's arity is checked before it runs.
    #[inline]
    pub fn at(&self, index: usize) -> &'a [u8] {
        slice(self.0.bytes, self.0.spans[index])
    }

    /// The name as one integer, zeros after its end, and its length: if it is short, and lies where
    /// eight bytes can be read at once.
    #[inline]
    pub(crate) fn name(&self) -> Option<(u64, usize)> {
        let Span { start, length } = *self.0.spans.first()?;
        let eight = self.0.bytes.get(start as usize..)?.first_chunk()?;
        if !(1..=8).contains(&length) {
            return None;
        }
        let name = u64::from_le_bytes(*eight) & (u64::MAX >> (8 * (8 - length)));
        Some((name, length as usize))
    }

    /// The argument at `index`, if there is one.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        self.0.spans.get(index).map(|&span| slice(self.0.bytes, span))
    }

    /// Those from `index` on; none if there are not that many.
    #[inline]
    pub fn from(&self, index: usize) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        let Parts { bytes, spans } = *self.0;
        spans.get(index..).unwrap_or_default().iter().map(move |&span| slice(bytes, span))
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
    pub fn parts(&self) -> Parts<'_> {
        Parts { bytes: &self.bytes, spans: &self.spans }
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
        for (argument, span) in arguments.from(0).zip(arguments.0.spans) {
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
