//! One row: a key, its value, when it ends, and when it was last used.

use std::collections::BTreeSet;
use std::num::NonZeroI64;

use super::{Key, Millis, Value};

/// A key and what belongs to it.
///
/// To answer a request out of many thousand keys costs a processor more in waiting for memory than in
/// instructions: one line of cache from the index's hashes, one from its places, and those of the row.
/// So the row's fields lie in the order in which a request looks at them, and a value of up to 78 bytes
/// lies behind them; a value elsewhere is one line more to wait for, or two. Short values pay for that
/// with memory: a counter would do with 80 bytes.
#[derive(Debug)]
#[repr(C)]
pub struct Row {
    pub(super) key: Key,
    pub(super) deadline: Deadline,
    /// When and how often the row was used, for the choice of what to evict.
    pub(super) access: u32,
    /// The last snapshot that it needs not be told to.
    pub(super) mark: u32,
    pub(super) form: Form,
    pub(super) value: Value,
}

/// How the value came to be. The bytes are all that counts for us; this is kept for clients that ask
/// how a value is encoded, because in Redis that depends on what was done to it last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Written as a whole.
    #[default]
    Whole,
    /// Copied from one that was written as a whole.
    Copied,
    /// Computed, and written as text whatever it looks like.
    Text,
    /// Changed in a part.
    Edited,
}

/// When a key ends: with the first millisecond after this one, or never. One word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deadline(Option<NonZeroI64>);

/// The keys that end, the earliest first.
pub(super) type Deadlines = BTreeSet<(Millis, Key)>;

impl Row {
    pub(super) fn new(key: &[u8], value: &[u8]) -> Row {
        Row {
            key: key.into(),
            value: value.into(),
            deadline: Deadline::NEVER,
            form: Form::Whole,
            access: 0,
            mark: 0,
        }
    }

    /// The same row under another key.
    #[must_use]
    pub fn with_key(self, key: &[u8]) -> Row {
        Row { key: key.into(), ..self }
    }

    /// A copy of the row under another key.
    #[must_use]
    pub fn copy(&self, key: &[u8]) -> Row {
        let form = if self.form == Form::Whole { Form::Copied } else { self.form };
        Row { key: key.into(), value: self.value.clone(), form, ..*self }
    }

    /// The key.
    #[inline]
    pub fn key(&self) -> &[u8] {
        self.key.as_bytes()
    }

    /// The value.
    #[inline]
    pub fn value(&self) -> &[u8] {
        self.value.as_bytes()
    }

    /// How the value came to be.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Replaces the value.
    #[inline]
    pub fn replace(&mut self, value: &[u8]) {
        self.value.set(value);
        self.form = Form::Whole;
    }

    /// Replaces the value by text that was computed.
    pub fn replace_with_text(&mut self, text: &[u8]) {
        self.value.set(text);
        self.form = Form::Text;
    }

    /// Adds bytes at the value's end.
    pub fn append(&mut self, more: &[u8]) {
        self.value.append(more);
        self.form = Form::Edited;
    }

    /// The value's bytes, to be changed in place; first they are made `length`, by zeros at the end.
    pub fn resize(&mut self, length: usize) -> &mut [u8] {
        self.form = Form::Edited;
        self.value.resize(length)
    }

    /// When the key ends.
    #[inline]
    pub fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// The stamp of its last use.
    pub fn access(&self) -> u32 {
        self.access
    }

    /// Bytes of memory that the row owns outside of itself.
    #[inline]
    pub fn heap(&self) -> usize {
        self.key.heap() + self.value.heap()
    }

    /// Bytes of memory that the row takes, with what it owns and what finds it; an estimate.
    pub fn memory(&self) -> usize {
        let index = 2 * size_of::<u32>();
        let deadline = match self.deadline.millis() {
            Some(_) => size_of::<(Millis, Key)>() + self.key.heap(),
            None => 0,
        };
        size_of::<Row>() + index + self.heap() + deadline
    }

    /// Sets the deadline, here and in the order of all. Most rows have none, before and after.
    #[inline]
    pub(super) fn move_deadline(&mut self, deadline: Deadline, deadlines: &mut Deadlines) {
        if self.deadline != deadline {
            self.change_deadline(deadline, deadlines);
        }
    }

    #[inline(never)]
    fn change_deadline(&mut self, deadline: Deadline, deadlines: &mut Deadlines) {
        self.deadline.forget(deadlines, &self.key);
        if let Some(when) = deadline.millis() {
            deadlines.insert((when, self.key.clone()));
        }
        self.deadline = deadline;
    }
}

impl Deadline {
    /// The key stays until it is removed.
    pub const NEVER: Deadline = Deadline(None);

    /// The key ends at `when`. Zero, which marks "never", is no time of ours: the millisecond
    /// before it has passed just as well.
    pub fn at(when: Millis) -> Deadline {
        Deadline(Some(NonZeroI64::new(when).unwrap_or(NonZeroI64::MIN)))
    }

    /// When it is, if it ever is.
    #[inline]
    pub fn millis(self) -> Option<Millis> {
        self.0.map(NonZeroI64::get)
    }

    /// Whether a key with this deadline is gone at the time `now`.
    #[inline]
    pub fn has_passed(self, now: Millis) -> bool {
        self.0.is_some_and(|when| when.get() < now)
    }

    pub(super) fn forget(self, deadlines: &mut Deadlines, key: &Key) {
        if let Some(when) = self.millis() {
            deadlines.remove(&(when, key.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn a_row_is_as_long_as_two_lines_of_cache() {
        assert_eq!(size_of::<Row>(), 128);
    }
}
