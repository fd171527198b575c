//! Replies as JSON, one line each.
//!
//! Errors are an object with the one key `error`. A map's keys become strings, as JSON has no other.
//! Bytes that are no UTF-8 are escaped as at a terminal, `\xff`, which JSON in turn spells `\\xff`.

use std::io::{self, Write};

use kv_server::client::Value;

use crate::format::double;

/// Appends a reply. The depth of the recursion is bounded by the parser's limit.
pub(crate) fn write(value: &Value, out: &mut Vec<u8>) -> io::Result<()> {
    match value {
        Value::Nil => out.extend_from_slice(b"null"),
        Value::Boolean(truth) => write!(out, "{truth}")?,
        Value::Integer(number) => write!(out, "{number}")?,
        Value::Double(number) if number.is_finite() => write!(out, "{number}")?,
        // JSON knows no infinity.
        Value::Double(number) => string(double(*number).as_bytes(), out)?,
        Value::BigNumber(digits) => string(digits, out)?,
        Value::Status(text) | Value::Bulk(text) | Value::Verbatim(_, text) => string(text, out)?,
        Value::Error(error) => {
            out.extend_from_slice(b"{\"error\":");
            string(error.text().as_bytes(), out)?;
            out.push(b'}');
        }
        Value::Array(elements) | Value::Set(elements) | Value::Push(elements) => {
            out.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(element, out)?;
            }
            out.push(b']');
        }
        Value::Map(pairs) => {
            out.push(b'{');
            for (index, (key, value)) in pairs.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                name(key, out)?;
                out.push(b':');
                write(value, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// A key, as a string.
fn name(key: &Value, out: &mut Vec<u8>) -> io::Result<()> {
    if let Some(text) = key.as_bytes() {
        return string(text, out);
    }
    let mut text = Vec::new();
    write(key, &mut text)?;
    string(&text, out)
}

/// A string, RFC 8259 §7.
fn string(bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    out.push(b'"');
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' | '\\' => write!(out, "\\{character}")?,
                '\n' => out.extend_from_slice(b"\\n"),
                '\r' => out.extend_from_slice(b"\\r"),
                '\t' => out.extend_from_slice(b"\\t"),
                '\0'..='\x1f' => write!(out, "\\u{:04x}", u32::from(character))?,
                _ => write!(out, "{character}")?,
            }
        }
        for byte in chunk.invalid() {
            write!(out, "\\\\x{byte:02x}")?;
        }
    }
    out.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Value, write};

    fn json(value: &Value) -> String {
        let mut text = Vec::new();
        write(value, &mut text).expect("memory takes everything");
        String::from_utf8(text).expect("JSON is UTF-8")
    }

    #[test]
    fn every_reply_has_its_json() {
        let text = Value::Bulk("é\"\\\n\u{1}".bytes().chain([0xff]).collect());
        let map = Value::Map(vec![
            (Value::Integer(1), Value::Nil),
            (Value::Status(b"k".to_vec()), Value::Boolean(false)),
        ]);
        let numbers = [1.5, 1e300, f64::INFINITY].map(Value::Double);
        let value = Value::Array(vec![text, map, Value::Set(numbers.into()), Value::Integer(-7)]);
        let long = format!("{}", 1e300);
        let expected =
            format!(r#"["é\"\\\n\u0001\\xff",{{"1":null,"k":false}},[1.5,{long},"inf"],-7]"#);
        assert_eq!(json(&value), expected);
    }
}
