//! Commands and rows to the bytes of a file.

use std::time::Duration;

use super::rdb;
use crate::db::Millis;

/// What a snapshot is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Redis's binary form.
    Rdb,
    /// Commands that make the rows, as in the log.
    Resp,
}

impl Format {
    /// The end of such a file's name.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Format::Rdb => "rdb",
            Format::Resp => "aof",
        }
    }
}

/// Writes a snapshot's rows; remembers whose database it is in.
#[derive(Debug)]
pub(crate) struct Encoder {
    format: Format,
    database: Option<u8>,
}

impl Encoder {
    pub(crate) fn new(format: Format) -> Encoder {
        Encoder { format, database: None }
    }

    /// What comes before the rows. `is_base`: the file is the beginning of a log.
    pub(crate) fn begin(&self, out: &mut Vec<u8>, time: Duration, version: &str, is_base: bool) {
        if self.format == Format::Rdb {
            rdb::begin(out, time, version, is_base);
        }
    }

    /// A row of one database.
    pub(crate) fn row(
        &mut self,
        out: &mut Vec<u8>,
        database: u8,
        (key, value): (&[u8], &[u8]),
        deadline: Option<Millis>,
    ) {
        let moved = self.database.replace(database) != Some(database);
        match self.format {
            Format::Rdb => {
                if moved {
                    rdb::select(out, database);
                }
                rdb::row(out, key, value, deadline);
            }
            Format::Resp => {
                let mut number = itoa::Buffer::new();
                if moved {
                    append_command(out, &[b"SELECT", number.format(database).as_bytes()]);
                }
                match deadline {
                    None => append_command(out, &[b"SET", key, value]),
                    Some(when) => {
                        // No time before 1970 can be said; it has passed just as well.
                        let when = number.format(when.max(1)).as_bytes();
                        append_command(out, &[b"SET", key, value, b"PXAT", when]);
                    }
                }
            }
        }
    }

    /// What comes after the rows, but for the checksum.
    pub(crate) fn end(&self, out: &mut Vec<u8>) {
        if self.format == Format::Rdb {
            rdb::end(out);
        }
    }
}

/// A command as clients send it, and as the log holds it.
pub(crate) fn append_command(out: &mut Vec<u8>, words: &[&[u8]]) {
    let mut header = |mark: u8, number: usize| {
        out.push(mark);
        out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        out.extend_from_slice(b"\r\n");
    };
    header(b'*', words.len());
    for word in words {
        out.push(b'$');
        out.extend_from_slice(itoa::Buffer::new().format(word.len()).as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoder, Format};

    #[test]
    fn rows_become_commands() {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(Format::Resp);
        encoder.begin(&mut out, std::time::Duration::ZERO, "7.0.15", true);
        encoder.row(&mut out, 3, (b"a", b""), None);
        encoder.row(&mut out, 3, (b"b", b"x"), Some(-5));
        encoder.end(&mut out);
        let expected = "*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$0\r\n\r\n\
                        *5\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\nx\r\n$4\r\nPXAT\r\n$1\r\n1\r\n";
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }
}
