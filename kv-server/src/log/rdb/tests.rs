use proptest::prelude::*;

use super::super::input::{Flaw, Input};
use super::{Checksum, begin, end, read, row, select};

type Row = (u64, Vec<u8>, Vec<u8>, Option<i64>);

fn rows_of(bytes: &[u8]) -> Result<Vec<Row>, super::super::Fault> {
    let mut rows = Vec::new();
    read(&mut Input::new(bytes), |database, key: &[u8], value: &[u8], deadline| {
        rows.push((database, key.to_vec(), value.to_vec(), deadline));
        Ok(())
    })?;
    Ok(rows)
}

fn close(bytes: &mut Vec<u8>) {
    end(bytes);
    let mut checksum = Checksum::new();
    checksum.update(bytes);
    bytes.extend_from_slice(&checksum.finish().to_le_bytes());
}

#[test]
fn the_checksum_is_that_of_redis() {
    let mut checksum = Checksum::new();
    checksum.update(b"1234");
    checksum.update(b"56789");
    assert_eq!(checksum.finish(), 0xe9c6_d914_c4b8_d9ca);
}

#[test]
fn what_is_written_is_read_back() {
    let mut file = Vec::new();
    begin(&mut file, std::time::Duration::from_secs(1_700_000_000), "7.0.15", true);
    let mut expected = Vec::new();
    for (database, length) in [(0, 0), (0, 63), (3, 64), (15, 16_383), (200, 16_384), (0, 70_000)] {
        let deadline = (length % 2 == 1).then_some(1_800_000_000_123 + length as i64);
        let (key, value) = (format!("key {length}").into_bytes(), vec![b'v'; length]);
        select(&mut file, database);
        row(&mut file, &key, &value, deadline);
        expected.push((u64::from(database), key, value, deadline));
    }
    close(&mut file);
    assert_eq!(rows_of(&file).expect("just written"), expected);
    for length in (0..300).chain((300..file.len()).step_by(1009)) {
        let fault = rows_of(&file[..length]).expect_err("cut off");
        assert!(matches!(fault.flaw, Flaw::Truncated), "cut at {length}: {fault}");
    }
}

#[test]
fn a_deadline_of_minus_one_is_none() {
    let mut file = Vec::new();
    begin(&mut file, std::time::Duration::ZERO, "7.0.15", false);
    row(&mut file, b"a", b"1", Some(-1));
    row(&mut file, b"b", b"2", Some(-2));
    close(&mut file);
    let rows = rows_of(&file).expect("just written");
    assert_eq!(rows.iter().map(|row| row.3).collect::<Vec<_>>(), [None, Some(-2)]);
}

#[test]
fn any_changed_byte_is_noticed() {
    let mut file = Vec::new();
    begin(&mut file, std::time::Duration::ZERO, "7.0.15", false);
    select(&mut file, 0);
    row(&mut file, b"key", b"value", None);
    close(&mut file);
    for index in 0..file.len() {
        let mut changed = file.clone();
        changed[index] ^= 0x10;
        assert!(rows_of(&changed).is_err(), "byte {index} of {}", file.len());
    }
}

#[test]
fn all_forms_of_strings_are_read() {
    let mut file = b"REDIS0009".to_vec();
    file.extend_from_slice(b"\xfe\x02\xfb\x05\x00");
    file.extend_from_slice(b"\xf9\x05\x00\x01a\xc0\xff"); // an 8-bit -1, with a frequency
    file.extend_from_slice(b"\xf8\x0a\x00\x01b\xc1\x00\x80"); // a 16-bit -32768, with an idle time
    file.extend_from_slice(b"\xfd\x01\x00\x00\x00\x00\x01c\xc2\xff\xff\xff\x7f"); // 32 bits, seconds
    file.extend_from_slice(b"\x00\x01d\xc3\x04\x04\x00a\x20\x00"); // compressed
    file.extend_from_slice(b"\xff\0\0\0\0\0\0\0\0"); // no checksum
    let expected: Vec<Row> = [("a", "-1"), ("b", "-32768"), ("c", "2147483647"), ("d", "aaaa")]
        .into_iter()
        .map(|(key, value)| {
            let deadline = (key == "c").then_some(1000);
            (2, key.as_bytes().to_vec(), value.as_bytes().to_vec(), deadline)
        })
        .collect();
    assert_eq!(rows_of(&file).expect("valid"), expected);
}

#[test]
fn what_this_server_does_not_have_is_refused_by_name() {
    for (bytes, word) in [
        (&b"REDIS0012"[..], "version 12"),
        (b"RADIS0009", "REDIS"),
        (b"REDIS00xx", "REDIS"),
        (b"REDIS0009\xfe\x00\x0e\x04mine\x01", "\"mine\" holds a list"),
        (b"REDIS0009\x63\x04mine", "unknown type 99"),
        (b"REDIS0009\xf5\x00", "functions"),
        (b"REDIS0009\xf7\x00", "module"),
        (b"REDIS0009\xfe\xc0\x00", "number"),
        (b"REDIS0009\x00\xc4", "unknown kind 4"),
        (b"REDIS0009\x00\x82", "no meaning"),
        (b"REDIS0009\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff", "512 MB"),
        (b"REDIS0009\x00\x01d\xc3\x04\x80\xff\xff\xff\xff\x00a\x20\x00", "unpacked"),
    ] {
        let fault = rows_of(bytes).expect_err(word).to_string();
        assert!(fault.contains(word), "{}: {fault}", bytes.escape_ascii());
    }
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        // Whatever it says, it says it, and takes no more memory than the bytes are worth.
        let _ = rows_of(&[b"REDIS0010", &bytes[..]].concat());
    }
}
