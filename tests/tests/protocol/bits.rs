//! Values as rows of bits, and as rows of integers of any width.

use tests::on_every_peer;

#[test]
fn bits_are_set_and_told() {
    on_every_peer("bits", |peer| {
        peer.connect().transcript(&[
            ("SETBIT b 7 1", ":0\r\n"),
            ("SETBIT b 7 0", ":1\r\n"),
            ("SETBIT b 7 1", ":0\r\n"),
            ("SETBIT b 25 1", ":0\r\n"),
            ("STRLEN b", ":4\r\n"),
            ("GETBIT b 25", ":1\r\n"),
            ("GETBIT b 26", ":0\r\n"),
            ("GETBIT b 100000", ":0\r\n"),
            ("GETBIT none 0", ":0\r\n"),
            ("SETBIT b 0 2", "-ERR bit is not an integer or out of range\r\n"),
            ("SETBIT b 0 x", "-ERR bit is not an integer or out of range\r\n"),
            ("SETBIT b -1 1", "-ERR bit offset is not an integer or out of range\r\n"),
            ("SETBIT b x x", "-ERR bit offset is not an integer or out of range\r\n"),
            ("SETBIT b 4294967296 1", "-ERR bit offset is not an integer or out of range\r\n"),
            ("GETBIT b 4294967296", "-ERR bit offset is not an integer or out of range\r\n"),
            ("GETBIT b 4294967295", ":0\r\n"),
            ("SETBIT b 0", "-ERR wrong number of arguments for 'setbit' command\r\n"),
        ]);
    });
}

#[test]
fn bits_are_counted_in_ranges_of_bytes_or_bits() {
    on_every_peer("bits", |peer| {
        peer.connect().transcript(&[
            ("SET b foobar", "+OK\r\n"),
            ("BITCOUNT b", ":26\r\n"),
            ("BITCOUNT b 0 0", ":4\r\n"),
            ("BITCOUNT b 1 -2", ":18\r\n"),
            ("BITCOUNT b -100 100", ":26\r\n"),
            ("BITCOUNT b -1 -2", ":0\r\n"),
            ("BITCOUNT b 5 30 BIT", ":17\r\n"),
            ("BITCOUNT b 0 -1 byte", ":26\r\n"),
            ("BITCOUNT b 1 1 BIT", ":1\r\n"),
            ("BITCOUNT b 0", "-ERR syntax error\r\n"),
            ("BITCOUNT b 0 x", "-ERR value is not an integer or out of range\r\n"),
            ("BITCOUNT b 0 1 x", "-ERR syntax error\r\n"),
            ("BITCOUNT b -1 -2 x", ":0\r\n"),
            ("BITCOUNT b 0 1 BIT x", "-ERR syntax error\r\n"),
            ("BITCOUNT none", ":0\r\n"),
            ("BITCOUNT none x y", ":0\r\n"),
        ]);
    });
}

#[test]
fn the_first_bit_is_found() {
    on_every_peer("bits", |peer| {
        peer.connect().transcript(&[
            ("SETBIT b 12 1", ":0\r\n"),
            ("BITPOS b 1", ":12\r\n"),
            ("BITPOS b 0", ":0\r\n"),
            ("BITPOS b 1 2", ":-1\r\n"),
            ("BITPOS b 0 0 0", ":0\r\n"),
            ("BITPOS b 1 0 0", ":-1\r\n"),
            ("BITPOS b 1 13 -1 BIT", ":-1\r\n"),
            ("BITPOS b 1 12 15 BIT", ":12\r\n"),
            ("BITPOS b 0 12 12 BIT", ":-1\r\n"),
            ("BITPOS b 1 -100 -200", ":-1\r\n"),
            ("SETRANGE full 0 7", ":1\r\n"),
            ("BITPOS none 0", ":0\r\n"),
            ("BITPOS none 1", ":-1\r\n"),
            ("BITPOS none 1 x", ":-1\r\n"),
            ("BITPOS b 2", "-ERR The bit argument must be 1 or 0.\r\n"),
            ("BITPOS b x", "-ERR value is not an integer or out of range\r\n"),
            ("BITPOS b 1 x", "-ERR value is not an integer or out of range\r\n"),
            ("BITPOS b 1 0 y x", "-ERR syntax error\r\n"),
            ("BITPOS b 1 0 1 BIT x", "-ERR syntax error\r\n"),
            ("BITFIELD ff SET u16 0 65535", "*1\r\n:0\r\n"),
            ("BITPOS ff 0", ":16\r\n"),
            ("BITPOS ff 0 1", ":16\r\n"),
            ("BITPOS ff 0 0 -1", ":-1\r\n"),
            ("BITPOS ff 0 2", ":-1\r\n"),
        ]);
    });
}

#[test]
fn values_are_combined_bit_by_bit() {
    on_every_peer("bits", |peer| {
        peer.connect().transcript(&[
            ("SET a abc", "+OK\r\n"),
            ("SET b AB", "+OK\r\n"),
            ("BITOP AND r a b", ":3\r\n"),
            ("STRLEN r", ":3\r\n"),
            ("BITOP OR r a b", ":3\r\n"),
            ("GET r", "$3\r\nabc\r\n"),
            ("BITOP XOR r b b none", ":2\r\n"),
            ("BITCOUNT r", ":0\r\n"),
            ("BITOP not r a", ":3\r\n"),
            ("BITPOS r 1", ":0\r\n"),
            ("BITOP NOT r a b", "-ERR BITOP NOT must be called with a single source key.\r\n"),
            ("BITOP FOO r a", "-ERR syntax error\r\n"),
            ("BITOP AND r none none", ":0\r\n"),
            ("EXISTS r", ":0\r\n"),
            ("EXPIRE a 100", ":1\r\n"),
            ("BITOP OR a a b", ":3\r\n"),
            ("TTL a", ":-1\r\n"),
            ("OBJECT ENCODING a", "$3\r\nraw\r\n"),
        ]);
    });
}

#[test]
fn fields_are_read_set_and_added_to() {
    on_every_peer("bits", |peer| {
        peer.connect().transcript(&[
            ("BITFIELD f SET u8 0 200 GET u4 0 GET i8 0 GET u8 100", "*4\r\n:0\r\n:12\r\n:-56\r\n:0\r\n"),
            ("BITFIELD f INCRBY u8 0 100", "*1\r\n:44\r\n"),
            ("BITFIELD f OVERFLOW SAT INCRBY u8 0 250 INCRBY u8 0 -300", "*2\r\n:255\r\n:0\r\n"),
            ("BITFIELD f OVERFLOW FAIL INCRBY u8 0 -1 OVERFLOW WRAP INCRBY u8 0 -1", "*2\r\n$-1\r\n:255\r\n"),
            ("BITFIELD f SET i5 #3 -7 GET i5 #3 GET i5 15", "*3\r\n:0\r\n:-7\r\n:-7\r\n"),
            ("BITFIELD f OVERFLOW SAT SET u8 0 -1 SET i8 0 -200 SET i8 0 -9223372036854775808", "*3\r\n:255\r\n:-1\r\n:-128\r\n"),
            ("BITFIELD f OVERFLOW FAIL SET i8 0 200 GET i8 0", "*2\r\n$-1\r\n:127\r\n"),
            ("BITFIELD f SET i64 3 -9223372036854775808 GET i64 3 INCRBY i64 3 -1", "*3\r\n:-572942315094540288\r\n:-9223372036854775808\r\n:9223372036854775807\r\n"),
            ("BITFIELD f SET u63 1 9223372036854775807 INCRBY u63 1 1", "*2\r\n:8070450532247928831\r\n:0\r\n"),
            ("BITFIELD f", "*0\r\n"),
            ("BITFIELD none GET u8 0", "*1\r\n:0\r\n"),
            ("EXISTS none", ":0\r\n"),
            ("BITFIELD f GET u64 0", "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n"),
            ("BITFIELD f GET i65 0", "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n"),
            ("BITFIELD f GET i0 0", "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n"),
            ("BITFIELD f GET U8 0", "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n"),
            ("BITFIELD f GET u8 -1", "-ERR bit offset is not an integer or out of range\r\n"),
            ("BITFIELD f GET u8 #x", "-ERR bit offset is not an integer or out of range\r\n"),
            ("BITFIELD f GET u8 4294967296", "-ERR bit offset is not an integer or out of range\r\n"),
            ("BITFIELD f SET u8 0 x", "-ERR value is not an integer or out of range\r\n"),
            ("BITFIELD f SET u8 0", "-ERR syntax error\r\n"),
            ("BITFIELD f OVERFLOW foo", "-ERR Invalid OVERFLOW type specified\r\n"),
            ("BITFIELD f OVERFLOW", "-ERR syntax error\r\n"),
            ("BITFIELD f FOO", "-ERR syntax error\r\n"),
            ("BITFIELD_RO f GET u8 0", "*1\r\n:0\r\n"),
            ("BITFIELD_RO f OVERFLOW SAT GET u8 0", "*1\r\n:0\r\n"),
            ("BITFIELD_RO f SET u8 0 1", "-ERR BITFIELD_RO only supports the GET subcommand\r\n"),
            ("BITFIELD_RO none GET u8 0", "*1\r\n:0\r\n"),
        ]);
    });
}
