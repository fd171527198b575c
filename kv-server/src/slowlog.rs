//! The commands that took longest, the newest first.
//!
//! An entry keeps the beginning of each of the first arguments: what is kept is bounded, whatever
//! clients send.

use std::collections::VecDeque;

/// The most arguments that an entry keeps; the last of them says how many there were more.
const ARGUMENTS: usize = 32;
/// The most bytes of each.
const BYTES: usize = 128;

/// The log.
#[derive(Debug, Default)]
pub(crate) struct Slowlog {
    entries: VecDeque<Entry>,
    next_id: u64,
}

/// One command that was slow.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Counts up for ever.
    pub(crate) id: u64,
    /// When it ended: seconds since 1970.
    pub(crate) time: u64,
    pub(crate) microseconds: u64,
    /// Its arguments, cut.
    pub(crate) arguments: Vec<Vec<u8>>,
    /// Who called it.
    pub(crate) address: String,
    pub(crate) name: Vec<u8>,
}

impl Slowlog {
    /// Writes a command down. Its id is given here; of more than `most` the oldest go.
    pub(crate) fn push(&mut self, mut entry: Entry, most: usize) {
        entry.id = self.next_id;
        self.next_id += 1;
        self.entries.push_front(entry);
        self.entries.truncate(most);
    }

    /// Keeps the newest alone.
    pub(crate) fn truncate(&mut self, most: usize) {
        self.entries.truncate(most);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All of them, the newest first.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Forgets all of them; ids go on.
    pub(crate) fn clear(&mut self) {
        self.entries = VecDeque::new();
    }
}

/// What an entry keeps of a command's arguments.
pub(crate) fn cut(arguments: &[&[u8]]) -> Vec<Vec<u8>> {
    let kept = if arguments.len() > ARGUMENTS { ARGUMENTS - 1 } else { arguments.len() };
    let cut = |argument: &&[u8]| match argument.get(BYTES..) {
        Some(rest) if !rest.is_empty() => {
            let note = format!("... ({} more bytes)", rest.len());
            [&argument[..BYTES], note.as_bytes()].concat()
        }
        _ => argument.to_vec(),
    };
    let mut all: Vec<Vec<u8>> = arguments[..kept].iter().map(cut).collect();
    if kept < arguments.len() {
        all.push(format!("... ({} more arguments)", arguments.len() - kept).into_bytes());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{ARGUMENTS, BYTES, cut};

    #[test]
    fn what_is_kept_is_bounded() {
        let long = vec![b'x'; BYTES + 72];
        assert_eq!(cut(&[b"SET", &long[..BYTES]])[1], &long[..BYTES]);
        let kept = cut(&[b"SET", &long]);
        assert_eq!(kept[1], [&long[..BYTES], b"... (72 more bytes)"].concat());
        let many = vec![&b"a"[..]; ARGUMENTS];
        assert_eq!(cut(&many).len(), ARGUMENTS);
        let many = vec![&b"a"[..]; 41];
        let kept = cut(&many);
        assert_eq!((kept.len(), &kept[ARGUMENTS - 1][..]), (32, &b"... (10 more arguments)"[..]));
    }
}
