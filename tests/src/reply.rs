//! RESP replies as trees that print back to the very bytes that they came from.
//!
//! The harness needs this for three things only: to know where a reply ends, to look into
//! one (`INFO`), and to set aside the few parts in which two servers must differ.
//!
//! Every type of RESP2 and RESP3 is one of three shapes: a line (`+OK`, `:1`, `_`), a line
//! that counts bytes (`$3`), a line that counts items (`*2`, `%1` and `|1` — two for each — `>3`).

/// One reply, of any type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The first byte, which names the type.
    pub kind: u8,
    /// The rest of the first line, without CRLF.
    pub line: Vec<u8>,
    /// What follows a `$`, `=` or `!`, without CRLF.
    pub body: Option<Vec<u8>>,
    /// What an array, map, set or push holds; a map's keys and values alternate.
    pub items: Vec<Reply>,
}

impl Reply {
    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.kind == b'-'
    }

    /// Whether it is a null, in either version of the protocol.
    pub fn is_null(&self) -> bool {
        self.kind == b'_' || matches!(self.kind, b'$' | b'*') && self.line == b"-1"
    }

    /// The text of a line or of a bulk string.
    pub fn text(&self) -> String {
        let bytes = self.body.as_ref().unwrap_or(&self.line);
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// The bytes of the reply on the wire.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![self.kind];
        bytes.extend_from_slice(&self.line);
        bytes.extend_from_slice(b"\r\n");
        if let Some(body) = &self.body {
            bytes.extend_from_slice(body);
            bytes.extend_from_slice(b"\r\n");
        }
        for item in &self.items {
            bytes.extend(item.encode());
        }
        bytes
    }

    /// Reads the first reply of `bytes`, and how many bytes it takes; `Ok(None)` if it is
    /// not all there.
    ///
    /// # Errors
    /// Says what is not RESP.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Reply, usize)>, String> {
        let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") else {
            return Ok(None);
        };
        let Some((&kind, line)) = bytes[..end].split_first() else {
            return Err("an empty line where a reply begins".to_owned());
        };
        let mut reply = Reply { kind, line: line.to_vec(), body: None, items: Vec::new() };
        let mut used = end + 2;
        match kind {
            b'+' | b'-' | b':' | b'_' | b',' | b'#' | b'(' => {}
            b'$' | b'=' | b'!' => {
                if let Some(length) = reply.count()? {
                    let Some(body) = bytes.get(used..used + length + 2) else {
                        return Ok(None);
                    };
                    let (body, tail) = body.split_at(length);
                    if tail != b"\r\n" {
                        return Err("a bulk string that CRLF does not end".to_owned());
                    }
                    reply.body = Some(body.to_vec());
                    used += length + 2;
                }
            }
            b'*' | b'%' | b'~' | b'>' | b'|' => {
                let each = if matches!(kind, b'%' | b'|') { 2 } else { 1 };
                for _ in 0..each * reply.count()?.unwrap_or(0) {
                    let Some((item, length)) = Reply::parse(&bytes[used..])? else {
                        return Ok(None);
                    };
                    reply.items.push(item);
                    used += length;
                }
            }
            other => return Err(format!("no reply begins with {:?}", char::from(other))),
        }
        Ok(Some((reply, used)))
    }

    /// Reads replies until `bytes` ends.
    ///
    /// # Errors
    /// Says what is not RESP, or that the last one is cut short.
    pub fn parse_all(mut bytes: &[u8]) -> Result<Vec<Reply>, String> {
        let mut replies = Vec::new();
        while !bytes.is_empty() {
            let (reply, length) = Reply::parse(bytes)?
                .ok_or_else(|| format!("cut short: \"{}\"", bytes.escape_ascii()))?;
            replies.push(reply);
            bytes = &bytes[length..];
        }
        Ok(replies)
    }

    /// The number on the first line; `None` for -1, which stands for nil.
    fn count(&self) -> Result<Option<usize>, String> {
        if self.line == b"-1" {
            return Ok(None);
        }
        std::str::from_utf8(&self.line)
            .ok()
            .and_then(|text| text.parse().ok())
            .map(Some)
            .ok_or_else(|| format!("not a length: \"{}\"", self.line.escape_ascii()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL_TYPES: &[u8] = b"*14\r\n+OK\r\n-ERR no\r\n:-3\r\n$3\r\na\r\n\r\n$0\r\n\r\n$-1\r\n*0\r\n\
        *-1\r\n_\r\n#t\r\n,1.5\r\n%1\r\n+k\r\n:1\r\n~1\r\n:2\r\n>2\r\n+message\r\n=7\r\ntxt:abc\r\n";

    #[test]
    fn every_type_prints_back_to_its_bytes() {
        let (reply, length) = Reply::parse(ALL_TYPES).expect("RESP").expect("complete");
        assert_eq!(length, ALL_TYPES.len());
        assert_eq!(reply.items.len(), 14);
        assert_eq!(reply.encode(), ALL_TYPES);
    }

    #[test]
    fn every_shorter_part_is_incomplete() {
        for length in 0..ALL_TYPES.len() {
            assert_eq!(Reply::parse(&ALL_TYPES[..length]), Ok(None), "{length}");
        }
    }

    #[test]
    fn what_is_not_resp_is_refused() {
        assert!(Reply::parse(b"OK\r\n").is_err());
        assert!(Reply::parse(b"\r\n").is_err());
        assert!(Reply::parse(b"$x\r\n").is_err());
        assert!(Reply::parse(b"$1\r\nabcd").is_err());
        assert!(Reply::parse_all(b"+OK\r\n+O").is_err());
    }
}
