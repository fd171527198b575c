//! A published message in each of the forms in which clients take it.
//!
//! | client | form |
//! | --- | --- |
//! | speaks RESP2 | an array: `*3 message channel payload` |
//! | speaks RESP3 | the same as a push: `>3 …` |
//! | types lines (see [`crate::topics`]) | `UPDATED channel payload`, with the client's line end |
//!
//! Each form is made once for all of its receivers, and the last only if there is one. The first
//! two differ in one byte.

use crate::resp::{Protocol, Reply};

/// What ends a line: whatever the client ends its own with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnd {
    Lf,
    CrLf,
}

/// One message.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    /// Its kind, perhaps a pattern, the channel, the payload.
    parts: &'a [&'a [u8]],
    push: Vec<u8>,
    /// Whose form `push` has at present.
    protocol: Protocol,
    /// Empty until somebody wants it.
    line: Vec<u8>,
}

impl LineEnd {
    pub(crate) fn bytes(self) -> &'static [u8] {
        match self {
            LineEnd::Lf => b"\n",
            LineEnd::CrLf => b"\r\n",
        }
    }
}

impl<'a> Message<'a> {
    /// A message of these parts, written into `buffer`, which is empty.
    pub(crate) fn new(parts: &'a [&'a [u8]], mut buffer: Vec<u8>) -> Message<'a> {
        let mut encoded = Reply::new(&mut buffer, Protocol::Resp2);
        encoded.push(parts.len());
        parts.iter().for_each(|part| encoded.bulk(part));
        Message { parts, push: buffer, protocol: Protocol::Resp2, line: Vec::new() }
    }

    /// As an array or a push, whichever the protocol has.
    #[inline]
    pub(crate) fn push(&mut self, protocol: Protocol) -> &[u8] {
        if self.protocol != protocol {
            self.speak(protocol);
        }
        &self.push
    }

    #[cold]
    fn speak(&mut self, protocol: Protocol) {
        (self.protocol, self.push[0]) = (protocol, protocol.push_mark());
    }

    /// What it says.
    pub(crate) fn payload(&self) -> &'a [u8] {
        self.parts.last().copied().unwrap_or_default()
    }

    /// As a line, without its end.
    pub(crate) fn line(&mut self) -> &[u8] {
        if self.line.is_empty()
            && let [.., channel, payload] = self.parts
        {
            self.line.extend_from_slice(b"UPDATED ");
            show(&mut self.line, channel);
            self.line.push(b' ');
            show(&mut self.line, payload);
        }
        &self.line
    }

    /// Gives back the buffer.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.push
    }
}

/// Appends `bytes` so that they stay within one line and tell a terminal nothing: line ends become
/// `\n` and `\r`, other control characters and the byte 255, which is telnet's escape, `\x1b` and
/// the like. All else, backslashes too, is left as it is.
pub(crate) fn show(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| is_control(byte)) {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'\n' => out.extend_from_slice(br"\n"),
            b'\r' => out.extend_from_slice(br"\r"),
            byte => {
                let (high, low) = (DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]);
                out.extend_from_slice(&[b'\\', b'x', high, low]);
            }
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Whether a byte would do something instead of being seen. A tab is only a wide space.
pub(crate) fn is_control(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t') || byte == 0x7f || byte == 0xff
}

#[cfg(test)]
mod tests {
    use super::{Message, Protocol, show};

    #[test]
    fn one_message_has_a_form_for_each_client() {
        let mut message = Message::new(&[b"message", b"news", b"hi"], Vec::new());
        let push = b"3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n";
        for (protocol, mark) in [(Protocol::Resp2, b"*"), (Protocol::Resp3, b">")] {
            assert_eq!(message.push(protocol), [&mark[..], push].concat());
        }
        assert_eq!(message.line(), b"UPDATED news hi");
    }

    #[test]
    fn no_payload_makes_a_second_line() {
        let mut out = Vec::new();
        show(&mut out, b"a\r\nUPDATED b c\n\x1b[2J\0\x7f\xff\xf4\ttab \\n \xc3\xa9");
        let expected = b"a\\r\\nUPDATED b c\\n\\x1b[2J\\x00\\x7f\\xff\xf4\ttab \\n \xc3\xa9";
        assert_eq!(out.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }
}
