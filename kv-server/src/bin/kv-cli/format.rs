//! Replies as text: with their types for people, without them for programs.

use std::env;
use std::io::{self, IsTerminal, Write};

use kv_server::client::Value;

use crate::json;
use crate::options::Options;

/// How replies are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// With types and quotes, for people.
    Typed,
    /// The bytes, for programs.
    Raw,
    /// One line of JSON.
    Json,
}

/// Prints replies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    style: Style,
    colours: bool,
}

impl Printer {
    /// What the options say, and otherwise what fits the output.
    pub(crate) fn new(options: &Options) -> Printer {
        let terminal = io::stdout().is_terminal();
        let style = if options.json {
            Style::Json
        } else if options.raw || !(options.no_raw || terminal) {
            Style::Raw
        } else {
            Style::Typed
        };
        Printer { style, colours: terminal && wants_colours() }
    }

    /// Whether people read it.
    pub(crate) fn is_typed(self) -> bool {
        self.style == Style::Typed
    }

    /// Whether it may be coloured.
    pub(crate) fn has_colours(self) -> bool {
        self.colours
    }

    /// Prints one reply on the standard output, at once.
    pub(crate) fn print(self, reply: &Value) -> io::Result<()> {
        let mut text = Vec::new();
        match self.style {
            Style::Typed => self.typed(reply, 0, &mut text)?,
            Style::Raw => {
                raw(reply, &mut text)?;
                text.push(b'\n');
            }
            Style::Json => {
                json::write(reply, &mut text)?;
                text.push(b'\n');
            }
        }
        write_out(&text)
    }

    /// Prints a text that is made to be read by people, and so needs no quotes.
    pub(crate) fn print_text(self, reply: &Value) -> io::Result<()> {
        match reply.as_bytes() {
            Some(text) if self.style == Style::Typed => {
                let end: &[u8] = if text.ends_with(b"\n") { b"" } else { b"\n" };
                write_out(&[&harmless(text), end].concat())
            }
            _ => self.print(reply),
        }
    }

    /// `indent` is how far the elements of an aggregate are moved to the right. The depth of the
    /// recursion is bounded by the parser's limit.
    fn typed(self, value: &Value, indent: usize, out: &mut Vec<u8>) -> io::Result<()> {
        match value {
            Value::Nil => self.line(out, GREY, b"(nil)"),
            Value::Status(text) => self.line(out, GREEN, &harmless(text)),
            Value::Error(error) => {
                let text = format!("(error) {}", error.text());
                self.line(out, RED, &harmless(text.as_bytes()))
            }
            Value::Integer(number) => {
                self.line(out, CYAN, format!("(integer) {number}").as_bytes())
            }
            Value::Double(number) => {
                self.line(out, CYAN, format!("(double) {}", double(*number)).as_bytes())
            }
            Value::Boolean(truth) => self.line(out, CYAN, format!("({truth})").as_bytes()),
            Value::BigNumber(digits) => {
                self.line(out, CYAN, &[b"(big number) ", digits.as_slice()].concat())
            }
            Value::Bulk(bytes) => self.line(out, PLAIN, &quoted(bytes)),
            Value::Verbatim(_, text) => self.line(out, PLAIN, &harmless(text)),
            Value::Array(elements) => self.elements(elements, ")", "array", indent, out),
            Value::Push(elements) => self.elements(elements, ")", "push", indent, out),
            Value::Set(elements) => self.elements(elements, "~", "set", indent, out),
            Value::Map(pairs) => self.pairs(pairs, indent, out),
        }
    }

    fn elements(
        self,
        elements: &[Value],
        mark: &str,
        name: &str,
        indent: usize,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        if elements.is_empty() {
            return self.line(out, GREY, format!("(empty {name})").as_bytes());
        }
        let width = elements.len().to_string().len();
        for (index, element) in elements.iter().enumerate() {
            let margin = if index == 0 { 0 } else { indent };
            write!(out, "{:margin$}{:>width$}{mark} ", "", index + 1)?;
            self.typed(element, indent + width + 2, out)?;
        }
        Ok(())
    }

    fn pairs(self, pairs: &[(Value, Value)], indent: usize, out: &mut Vec<u8>) -> io::Result<()> {
        if pairs.is_empty() {
            return self.line(out, GREY, b"(empty hash)");
        }
        let width = pairs.len().to_string().len();
        let inner = indent + width + 2;
        for (index, (key, value)) in pairs.iter().enumerate() {
            let margin = if index == 0 { 0 } else { indent };
            write!(out, "{:margin$}{:>width$}# ", "", index + 1)?;
            self.typed(key, inner, out)?;
            out.pop_if(|last| *last == b'\n');
            out.extend_from_slice(b" => ");
            let mut text = Vec::new();
            self.typed(value, inner, &mut text)?;
            // What has several lines begins on a line of its own.
            if text.iter().filter(|byte| **byte == b'\n').count() > 1 {
                write!(out, "\n{:inner$}", "")?;
            }
            out.append(&mut text);
        }
        Ok(())
    }

    /// One line, in a colour where there are any.
    fn line(self, out: &mut Vec<u8>, colour: &str, text: &[u8]) -> io::Result<()> {
        if self.colours && !colour.is_empty() {
            write!(out, "\x1b[{colour}m")?;
            out.extend_from_slice(text);
            out.extend_from_slice(b"\x1b[0m\n");
        } else {
            out.extend_from_slice(text);
            out.push(b'\n');
        }
        Ok(())
    }
}

/// Colours, by their numbers in ECMA-48's "select graphic rendition".
const PLAIN: &str = "";
const RED: &str = "31";
const GREEN: &str = "32";
const CYAN: &str = "36";
pub(crate) const GREY: &str = "90";

/// <https://no-color.org>: any value but an empty one means no.
fn wants_colours() -> bool {
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
    !refused && !dumb
}

/// On the standard output, at once.
pub(crate) fn write_out(text: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text)?;
    stdout.flush()
}

/// Text in quotes, with what cannot be seen escaped, so that it can be typed again.
fn quoted(bytes: &[u8]) -> Vec<u8> {
    let mut text = vec![b'"'];
    for &byte in bytes {
        match byte {
            b'\\' | b'"' => text.extend([b'\\', byte]),
            b'\n' => text.extend(b"\\n"),
            b'\r' => text.extend(b"\\r"),
            b'\t' => text.extend(b"\\t"),
            0x07 => text.extend(b"\\a"),
            0x08 => text.extend(b"\\b"),
            b' '..=b'~' => text.push(byte),
            _ => text.extend(format!("\\x{byte:02x}").bytes()),
        }
    }
    text.push(b'"');
    text
}

/// Text without what could give orders to a terminal: a server's words are not to be trusted.
pub(crate) fn harmless(text: &[u8]) -> Vec<u8> {
    let mut shown = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            b'\n' | b'\r' | b'\t' => shown.push(byte),
            0..=0x1f | 0x7f => shown.extend(format!("\\x{byte:02x}").bytes()),
            _ => shown.push(byte),
        }
    }
    shown
}

/// Without types; elements are lines, a map's keys and values share one.
fn raw(value: &Value, out: &mut Vec<u8>) -> io::Result<()> {
    match value {
        Value::Nil => {}
        Value::Error(error) => out.extend_from_slice(error.text().as_bytes()),
        Value::Integer(number) => write!(out, "{number}")?,
        Value::Double(number) => out.extend_from_slice(double(*number).as_bytes()),
        Value::Boolean(truth) => write!(out, "({truth})")?,
        Value::Status(text)
        | Value::Bulk(text)
        | Value::BigNumber(text)
        | Value::Verbatim(_, text) => out.extend_from_slice(text),
        Value::Array(elements) | Value::Set(elements) | Value::Push(elements) => {
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(b'\n');
                }
                raw(element, out)?;
            }
        }
        Value::Map(pairs) => {
            for (index, (key, value)) in pairs.iter().enumerate() {
                if index > 0 {
                    out.push(b'\n');
                }
                raw(key, out)?;
                out.push(b' ');
                raw(value, out)?;
            }
        }
    }
    Ok(())
}

/// As the protocol spells it.
pub(crate) fn double(number: f64) -> String {
    if number.is_nan() { "nan".to_owned() } else { number.to_string() }
}

#[cfg(test)]
mod tests {
    use super::{Printer, Style, Value, quoted, raw};

    fn bulk(text: &str) -> Value {
        Value::Bulk(text.into())
    }

    /// An array with all that can lie in it.
    fn nested() -> Value {
        let map = Value::Map(vec![
            (bulk("k"), Value::Array(vec![Value::Boolean(true), Value::Double(0.5)])),
            (Value::Integer(1), Value::Array(vec![])),
        ]);
        let set = Value::Set(vec![Value::Nil, Value::Double(f64::NEG_INFINITY)]);
        Value::Array(vec![bulk("a\"\n"), map, set, Value::Status(b"OK".to_vec())])
    }

    fn typed(value: &Value, colours: bool) -> String {
        let mut text = Vec::new();
        let printer = Printer { style: Style::Typed, colours };
        printer.typed(value, 0, &mut text).expect("memory takes everything");
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn replies_are_shown_as_redis_cli_shows_them() {
        let expected = "1) \"a\\\"\\n\"\n2) 1# \"k\" => \n      1) (true)\n      2) (double) 0.5\n   \
            2# (integer) 1 => (empty array)\n3) 1~ (nil)\n   2~ (double) -inf\n4) OK\n";
        assert_eq!(typed(&nested(), false), expected);
    }

    #[test]
    fn colours_do_not_change_the_text() {
        let coloured = typed(&nested(), true);
        assert!(coloured.contains("\x1b[36m(true)\x1b[0m"), "{coloured:?}");
        let mut plain = coloured;
        for code in ["\x1b[0m", "\x1b[32m", "\x1b[36m", "\x1b[90m"] {
            plain = plain.replace(code, "");
        }
        assert_eq!(plain, typed(&nested(), false));
    }

    #[test]
    fn a_server_gives_no_orders_to_the_terminal() {
        let status = Value::Status(b"\x1b[2J\x07ok".to_vec());
        assert_eq!(typed(&status, false), "\\x1b[2J\\x07ok\n");
        let text = Value::Verbatim(*b"txt", b"a\r\n\x1bc\xc3\xa9".to_vec());
        assert_eq!(typed(&text, false), "a\r\n\\x1bc\u{e9}\n");
    }

    #[test]
    fn raw_text_has_no_types() {
        let mut text = Vec::new();
        raw(&nested(), &mut text).expect("memory takes everything");
        assert_eq!(text, b"a\"\n\nk (true)\n0.5\n1 \n\n-inf\nOK");
    }

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        assert_eq!(quoted(b"\0\x07\x08\t\r\\ \x7f\xff"), br#""\x00\a\b\t\r\\ \x7f\xff""#);
    }
}
