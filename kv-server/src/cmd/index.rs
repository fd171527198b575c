//! From a name to its command, without an allocation and without comparing strings.
//!
//! Names have at most sixteen bytes, so a name is two integers and a length. A table of 512 places
//! is filled when this is compiled: a multiplication gives the place, a comparison of integers
//! confirms it, a collision takes the next place. Most names have at most eight bytes, and come as
//! one integer out of the request itself.
//!
//! The integers are of a name in small letters. Making every byte small by setting one bit makes
//! nothing else a letter, but it does make other bytes `_`; so the few names that are not letters
//! alone are compared once more, byte by byte.

use super::command::Command;
use crate::resp::Arguments;

/// Finds commands by their names.
pub(crate) struct Index {
    families: &'static [&'static [Command]],
    places: [Option<Place>; COUNT],
    /// How many commands there are, subcommands included.
    count: usize,
}

const COUNT: usize = 512;

/// A command that was found.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) command: &'static Command,
    /// Below [`Index::count`], and this command's alone; its subcommands' numbers follow.
    pub(super) number: u16,
}

impl Found {
    /// The subcommand of this name.
    pub(super) fn subcommand(self, name: &[u8]) -> Option<Found> {
        let named = |command: &Command| command.short_name().eq_ignore_ascii_case(name);
        let all = self.command.subcommands;
        let (number, command) = (self.number + 1..).zip(all).find(|(_, command)| named(command))?;
        Some(Found { command, number })
    }
}

#[derive(Clone, Copy)]
struct Place {
    words: Words,
    /// Of a name that is letters alone its length; of another one [`MIXED`] more.
    length: u16,
    found: Found,
}

/// Makes a length one that no name has.
const MIXED: u16 = 1 << 8;

/// A name in lower case as two integers, which together with its length mean that name alone.
type Words = (u64, u64);

/// Setting these bits makes capital letters small ones, and makes nothing else a letter.
const SMALL: u64 = 0x2020_2020_2020_2020;

impl Index {
    /// An index of these commands. Runs in the compiler.
    ///
    /// # Panics
    /// If a name is too long; the program does not compile then.
    pub(super) const fn new(families: &'static [&'static [Command]]) -> Index {
        let mut places = [None; COUNT];
        let (mut family, mut count) = (0, 0_u16);
        while family < families.len() {
            let mut row = 0;
            while row < families[family].len() {
                let command = &families[family][row];
                let name = command.name.as_bytes();
                let Some(words) = words(name) else {
                    panic!("a command's name has at most 16 bytes");
                };
                let mixed = if is_letters(name) { 0 } else { MIXED };
                let length = name.len() as u16 + mixed;
                let mut index = place(words);
                while places[index].is_some() {
                    index = (index + 1) % COUNT;
                }
                places[index] =
                    Some(Place { words, length, found: Found { command, number: count } });
                count += 1 + command.subcommands.len() as u16;
                row += 1;
            }
            family += 1;
        }
        Index { families, places, count: count as usize }
    }

    /// The command of this name, in whatever case.
    pub(crate) fn find(&self, name: &[u8]) -> Option<&'static Command> {
        Some(self.look_up(words(name)?, name.len(), name)?.command)
    }

    /// The command that a request calls. Nearly all are found where they are looked for first.
    #[inline(always)]
    pub(super) fn called(&self, arguments: Arguments<'_>) -> Option<Found> {
        if let Some((word, length)) = arguments.name()
            && let first = word | SMALL
            && let Some(place) = &self.places[place((first, SMALL))]
            // With this length, which is at most eight, the second word is empty in both.
            && place.words.0 == first
            && usize::from(place.length) == length
        {
            return Some(place.found);
        }
        self.find_any(arguments.at(0))
    }

    #[inline(never)]
    fn find_any(&self, name: &[u8]) -> Option<Found> {
        self.look_up(words(name)?, name.len(), name)
    }

    fn look_up(&self, words: Words, length: usize, name: &[u8]) -> Option<Found> {
        let mut index = place(words);
        while let Some(place) = &self.places[index] {
            if place.words == words && usize::from(place.length) == length {
                return Some(place.found);
            }
            if usize::from(place.length) == length + usize::from(MIXED)
                && place.found.command.name.as_bytes().eq_ignore_ascii_case(name)
            {
                return Some(place.found);
            }
            index = (index + 1) % COUNT;
        }
        None
    }

    /// All commands and their subcommands, each with its number.
    pub(super) fn with_subcommands(&self) -> impl Iterator<Item = (u16, &'static Command)> + use<> {
        let all =
            self.all().flat_map(|command| std::iter::once(command).chain(command.subcommands));
        (0..).zip(all)
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

/// The name's first eight bytes and those that follow, in lower case; the end is zeros, made "small"
/// too. `None` if it is too long.
const fn words(name: &[u8]) -> Option<Words> {
    if name.len() > 16 {
        return None;
    }
    let (mut bytes, mut index) = ([0; 16], 0);
    while index < name.len() {
        bytes[index] = name[index];
        index += 1;
    }
    let all = u128::from_le_bytes(bytes);
    Some((all as u64 | SMALL, (all >> 64) as u64 | SMALL))
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
