//! From a name to its command, without an allocation and without comparing strings.
//!
//! Names have three to sixteen bytes, so a name is two integers and a length. A table of 512
//! places is filled when this is compiled: a multiplication gives the place, a comparison of
//! integers confirms it, a collision takes the next place.
//!
//! The integers are of a name in small letters. Making every byte small by setting one bit makes
//! nothing else a letter, but it does make other bytes `_`; so the few names that are not letters
//! alone are compared once more, byte by byte.

use super::command::Command;

/// Finds commands by their names.
pub(crate) struct Index {
    families: &'static [&'static [Command]],
    places: [Option<Place>; COUNT],
    /// How many commands there are, subcommands included.
    count: usize,
}

const COUNT: usize = 512;

#[derive(Clone, Copy)]
struct Place {
    words: Words,
    /// Of a name that is letters alone its length; of another one [`MIXED`] more.
    length: usize,
    command: &'static Command,
    /// The command's number; its subcommands' follow.
    number: usize,
}

/// Makes a length one that no name has.
const MIXED: usize = 1 << 8;

/// A name in lower case as two integers, which together with its length mean that name alone.
type Words = (u64, u64);

impl Index {
    /// An index of these commands. Runs in the compiler.
    ///
    /// # Panics
    /// If a name is too short or too long; the program does not compile then.
    pub(super) const fn new(families: &'static [&'static [Command]]) -> Index {
        let mut places = [None; COUNT];
        let (mut family, mut count) = (0, 0);
        while family < families.len() {
            let mut row = 0;
            while row < families[family].len() {
                let command = &families[family][row];
                let Some(words) = words(command.name.as_bytes()) else {
                    panic!("a command's name has 3 to 16 bytes");
                };
                let name = command.name.as_bytes();
                let length = if is_letters(name) { name.len() } else { name.len() + MIXED };
                let mut index = place(words);
                while places[index].is_some() {
                    index = (index + 1) % COUNT;
                }
                places[index] = Some(Place { words, length, command, number: count });
                count += 1 + command.subcommands.len();
                row += 1;
            }
            family += 1;
        }
        Index { families, places, count }
    }

    /// The command of this name, in whatever case.
    #[inline]
    pub(crate) fn find(&self, name: &[u8]) -> Option<&'static Command> {
        Some(self.place(name)?.command)
    }

    #[inline]
    fn place(&self, name: &[u8]) -> Option<&Place> {
        let words = words(name)?;
        let mut index = place(words);
        while let Some(place) = &self.places[index] {
            if place.words == words && place.length == name.len() {
                return Some(place);
            }
            if place.length == name.len() + MIXED
                && place.command.name.as_bytes().eq_ignore_ascii_case(name)
            {
                return Some(place);
            }
            index = (index + 1) % COUNT;
        }
        None
    }

    /// A number below [`Index::count`] that is this command's alone.
    ///
    /// # Panics
    /// If the command is not of this index.
    pub(super) fn number(&self, command: &Command) -> usize {
        let (container, subcommand) = match command.name.split_once('|') {
            Some((container, _)) => (container, true),
            None => (command.name, false),
        };
        let place = self.place(container.as_bytes()).expect("a command of the table");
        if !subcommand {
            return place.number;
        }
        let is_this = |other: &Command| std::ptr::eq(other, command);
        let position = place.command.subcommands.iter().position(is_this);
        place.number + 1 + position.expect("a subcommand of its container")
    }

    /// How many commands there are, subcommands included.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// All commands.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Command> + use<> {
        self.families.iter().flat_map(|family| family.iter())
    }

    /// How many places are taken, and how many there are.
    #[cfg(test)]
    pub(super) fn occupancy(&self) -> (usize, usize) {
        (self.places.iter().flatten().count(), COUNT)
    }
}

/// The name's beginning and its end; where it is short they overlap, and hold all of it.
///
/// Setting one bit makes a capital letter a small one, and makes nothing else a letter.
#[inline]
const fn words(name: &[u8]) -> Option<Words> {
    const SMALL: u64 = 0x2020_2020_2020_2020;
    let (first, last) = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) if name.len() <= 16 => {
            (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
        }
        _ => match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) if name.len() < 8 => {
                (u32::from_le_bytes(*first) as u64, u32::from_le_bytes(*last) as u64)
            }
            _ => match *name {
                [a, b, c] => (u32::from_le_bytes([a, b, c, 0]) as u64, 0),
                _ => return None,
            },
        },
    };
    Some((first | SMALL, last | SMALL))
}

/// The place at which to look first: the top bits of a product, which depend on all bits below.
#[inline]
const fn place((low, high): (u64, u64)) -> usize {
    let mixed = (low ^ high.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (u64::BITS - COUNT.trailing_zeros())) as usize
}

const fn is_letters(name: &[u8]) -> bool {
    let mut rest = name;
    while let [byte, after @ ..] = rest {
        if !byte.is_ascii_lowercase() {
            return false;
        }
        rest = after;
    }
    true
}
