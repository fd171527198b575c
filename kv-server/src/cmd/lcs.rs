//! LCS: the longest common subsequence of two values.
//!
//! The table of the lengths for all pairs of beginnings is computed row by row, and walked back from
//! its last cell:
//!
//! ```text
//!          o h m y
//!        0 0 0 0 0
//!      m 0 0 0 1 1      equal bytes: one more than diagonally before
//!      y 0 0 0 1 2      others:      the greater of left and above
//! ```

use super::Call;
use super::command::{Command, Keys, READONLY};
use super::error::{Error, Outcome, SYNTAX, integer};
use crate::resp::Arguments;

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] = [Command::new("lcs", -3, READONLY, lcs)
    .keys(Keys { first: 1, last: 2, step: 1, access: &["RO", "access"], note: None })
    .categories(&["@string"])
    .about("7.0.0", "Tells what two values have in common, in the same order")];

#[derive(Default)]
struct Options {
    length: bool,
    index: bool,
    /// Tell how long each match is.
    with_lengths: bool,
    /// Leave out matches that are shorter.
    least: i64,
}

/// `LCS key key [LEN] [IDX] [MINMATCHLEN n] [WITHMATCHLEN]`
fn lcs(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let mut value = |index| {
        let row = call.state.read(call.database, arguments.at(index), call.now);
        row.map_or_else(Vec::new, |row| row.value().to_vec())
    };
    let (one, other) = (value(1), value(2));
    let options = options(arguments)?;
    let table = Table::new(&one, &other, call.state.config.max_bulk as usize)?;
    if options.index {
        reply_matches(call, &options, &table);
    } else if options.length {
        call.reply.count(table.length());
    } else {
        let mut common = Vec::with_capacity(table.length());
        for found in table.matches() {
            common.extend(one[found.one..found.one + found.length].iter().rev());
        }
        common.reverse();
        call.reply.bulk(&common);
    }
    Ok(())
}

fn options(arguments: Arguments<'_>) -> Result<Options, Error> {
    let mut options = Options::default();
    let mut rest = arguments.from(3);
    while let Some(option) = rest.next() {
        match option.to_ascii_lowercase().as_slice() {
            b"idx" => options.index = true,
            b"len" => options.length = true,
            b"withmatchlen" => options.with_lengths = true,
            b"minmatchlen" => options.least = integer(rest.next().ok_or(SYNTAX)?)?,
            _ => return Err(SYNTAX),
        }
    }
    if options.index && options.length {
        return Err(Error::new(
            "ERR If you want both the length and indexes, please just use IDX.",
        ));
    }
    Ok(options)
}

/// The matches from the last to the first, each with its first and last index in both values.
fn reply_matches(call: &mut Call<'_>, options: &Options, table: &Table<'_>) {
    let long = |found: &Match| i64::try_from(found.length).is_ok_and(|len| len >= options.least);
    let matches: Vec<Match> = table.matches().filter(long).collect();
    let reply = &mut call.reply;
    reply.map(2);
    reply.bulk(b"matches");
    reply.array(matches.len());
    for found in matches {
        reply.array(2 + usize::from(options.with_lengths));
        for start in [found.one, found.other] {
            reply.array(2);
            reply.count(start);
            reply.count(start + found.length - 1);
        }
        if options.with_lengths {
            reply.count(found.length);
        }
    }
    reply.bulk(b"len");
    reply.count(table.length());
}

/// Equal bytes that follow one another in both values.
struct Match {
    one: usize,
    other: usize,
    length: usize,
}

/// The lengths of what all beginnings of two values have in common.
struct Table<'a> {
    one: &'a [u8],
    other: &'a [u8],
    /// A row for each beginning of `one`, and in it a cell for each of `other`.
    cells: Vec<u32>,
}

impl<'a> Table<'a> {
    fn new(one: &'a [u8], other: &'a [u8], most: usize) -> Result<Table<'a>, Error> {
        let width = other.len() + 1;
        let count = (one.len() + 1).checked_mul(width);
        let bytes = count.and_then(|count| count.checked_mul(size_of::<u32>()));
        if bytes.is_none_or(|bytes| bytes > most) {
            return Err(Error::new(
                "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
            ));
        }
        let mut cells = vec![0; (one.len() + 1) * width];
        for (row, byte) in one.iter().enumerate() {
            let (above, below) = cells[row * width..].split_at_mut(width);
            for (column, same) in other.iter().enumerate() {
                below[column + 1] = match byte == same {
                    true => above[column] + 1,
                    false => above[column + 1].max(below[column]),
                };
            }
        }
        Ok(Table { one, other, cells })
    }

    fn at(&self, row: usize, column: usize) -> u32 {
        self.cells[row * (self.other.len() + 1) + column]
    }

    fn length(&self) -> usize {
        self.at(self.one.len(), self.other.len()) as usize
    }

    /// The matches that make up one longest common subsequence, the last one first.
    fn matches(&self) -> impl Iterator<Item = Match> {
        let (mut row, mut column) = (self.one.len(), self.other.len());
        std::iter::from_fn(move || {
            while row > 0 && column > 0 && self.one[row - 1] != self.other[column - 1] {
                match self.at(row - 1, column) > self.at(row, column - 1) {
                    true => row -= 1,
                    false => column -= 1,
                }
            }
            let mut length = 0;
            while row > 0 && column > 0 && self.one[row - 1] == self.other[column - 1] {
                (row, column, length) = (row - 1, column - 1, length + 1);
            }
            (length > 0).then_some(Match { one: row, other: column, length })
        })
    }
}
