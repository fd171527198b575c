//! LZF, the compression of long strings in Redis's snapshots: read, never written.
//!
//! ```text
//!   000lllll  literal…              l + 1 bytes as they are
//!   lllddddd  dddddddd              l + 2 bytes from d + 1 bytes back,   l = 1 … 6
//!   111ddddd  llllllll  dddddddd    l + 9 bytes from d + 1 bytes back
//! ```

/// The `length` bytes that `packed` stands for; `None` if it does not.
pub(super) fn unpack(packed: &[u8], length: usize) -> Option<Vec<u8>> {
    // No three bytes stand for more than 264.
    if length > packed.len().saturating_mul(264) {
        return None;
    }
    let mut out = Vec::with_capacity(length);
    let mut packed = packed.iter().copied();
    while let Some(control) = packed.next() {
        if control < 32 {
            for _ in 0..=control {
                out.push(packed.next()?);
            }
        } else {
            let mut count = usize::from(control >> 5);
            if count == 7 {
                count += usize::from(packed.next()?);
            }
            let back = (usize::from(control & 31) << 8 | usize::from(packed.next()?)) + 1;
            let from = out.len().checked_sub(back)?;
            // Byte by byte: what is copied may be what was just written.
            for index in from..from + count + 2 {
                out.push(out[index]);
            }
        }
        if out.len() > length {
            return None;
        }
    }
    (out.len() == length).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::unpack;

    #[test]
    fn literals_and_references_are_unpacked() {
        assert_eq!(unpack(b"\x02abc", 3).as_deref(), Some(&b"abc"[..]));
        assert_eq!(unpack(b"\x00a\x20\x00", 4).as_deref(), Some(&b"aaaa"[..]), "overlapping");
        let long = unpack(b"\x01ab\xe0\xff\x01", 2 + 264).expect("a long reference");
        assert!(long.chunks(2).all(|pair| pair == b"ab"));
    }

    #[test]
    fn what_is_not_lzf_is_refused() {
        assert_eq!(unpack(b"\x02ab", 3), None, "a literal that ends early");
        assert_eq!(unpack(b"\x00a\x20\x01", 4), None, "a reference before the beginning");
        assert_eq!(unpack(b"\x02abc", 2), None, "longer than said");
        assert_eq!(unpack(b"\x02abc", 4), None, "shorter than said");
        assert_eq!(unpack(b"\x00a", usize::MAX), None, "a length that cannot be");
        assert_eq!(unpack(b"\x00a\xe0", 4), None, "a reference without its length");
    }
}
