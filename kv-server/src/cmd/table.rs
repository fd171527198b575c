//! All commands there are.

use super::command::Command;
use super::index::Index;
use super::{
    auth, bitfield, bitop, bits, client, config, counters, debug, expiry, floats, functions,
    introspection, keys, lcs, memory, monitor, moves, object, persistence, publish, ranges, scan,
    server, session, slowlog, strings, subscriptions, transactions,
};

/// The commands' own rows; each family's are in its own file.
static FAMILIES: &[&[Command]] = &[
    &strings::COMMANDS,
    &ranges::COMMANDS,
    &counters::COMMANDS,
    &floats::COMMANDS,
    &lcs::COMMANDS,
    &bits::COMMANDS,
    &bitop::COMMANDS,
    &bitfield::COMMANDS,
    &keys::COMMANDS,
    &moves::COMMANDS,
    &scan::COMMANDS,
    &object::COMMANDS,
    &expiry::COMMANDS,
    &subscriptions::COMMANDS,
    &publish::COMMANDS,
    &transactions::COMMANDS,
    &session::COMMANDS,
    &auth::COMMANDS,
    &client::COMMANDS,
    &config::COMMANDS,
    &slowlog::COMMANDS,
    &monitor::COMMANDS,
    &server::COMMANDS,
    &persistence::COMMANDS,
    &memory::COMMANDS,
    &debug::COMMANDS,
    &functions::COMMANDS,
    &introspection::COMMANDS,
];

/// The table, filled when this is compiled.
pub(super) static TABLE: Index = Index::new(FAMILIES);

#[cfg(test)]
mod tests {
    use super::TABLE;
    use crate::cmd::index::Found;
    use crate::resp::{Progress, Request};

    /// What a request of this one word calls, with so many bytes behind it.
    fn called(name: &[u8], behind: usize) -> Option<Found> {
        let mut bytes = format!("*1\r\n${}\r\n", name.len()).into_bytes();
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(b"\r\n");
        bytes.resize(bytes.len() + behind, b'*');
        let mut request = Request::new();
        assert!(matches!(request.advance(&bytes, 1000), Ok(Progress::Complete(_))));
        TABLE.called(request.parts_in(&bytes).arguments())
    }

    #[test]
    fn a_request_calls_what_its_name_finds_by_its_own_number() {
        let mut numbers = TABLE.with_subcommands();
        for command in TABLE.all() {
            for behind in [0, 8] {
                let found = called(command.name.to_uppercase().as_bytes(), behind);
                let found = found.unwrap_or_else(|| panic!("{} is not found", command.name));
                assert!(std::ptr::eq(found.command, command), "finds {}", found.command.name);
                for index in 0..command.name.len() {
                    let mut other = command.name.as_bytes().to_vec();
                    for byte in [b'@', b'[', b'`', b'{', 0, b' ', 0x10, 0xe1, other[index] ^ 0x80] {
                        other[index] = byte;
                        assert!(called(&other, behind).is_none(), "{}", other.escape_ascii());
                    }
                }
            }
            let found = called(command.name.as_bytes(), 8).expect("it was found just now");
            let (number, _) = numbers.next().expect("each command has a number");
            assert_eq!(found.number, number, "{}", command.name);
            for subcommand in command.subcommands {
                let name = subcommand.name.rsplit('|').next().unwrap_or_default();
                let found = found.subcommand(name.as_bytes()).expect("its container has it");
                let (number, _) = numbers.next().expect("each subcommand has a number");
                assert_eq!((found.command.name, found.number), (subcommand.name, number));
            }
        }
        assert!(numbers.next().is_none());
    }

    #[test]
    fn every_command_is_found_in_any_case_and_nothing_else_is() {
        for command in TABLE.all() {
            for name in [command.name.to_owned(), command.name.to_uppercase()] {
                let found =
                    TABLE.find(name.as_bytes()).unwrap_or_else(|| panic!("{name} is not found"));
                assert!(std::ptr::eq(found, command), "{name} finds {}", found.name);
            }
            assert!(TABLE.find(&[command.name.as_bytes(), b"\0"].concat()).is_none());
            for index in 0..command.name.len() {
                let mut other = command.name.as_bytes().to_vec();
                for byte in [b'@', b'[', b'`', b'{', 0, b' ', 0x7f, 0x10, 0xe1, other[index] ^ 0x80]
                {
                    other[index] = byte;
                    assert!(TABLE.find(&other).is_none(), "{}", other.escape_ascii());
                }
            }
            let (_, shorter) = command.name.as_bytes().split_last().expect("a name");
            assert!(TABLE.find(shorter).is_none(), "{} without its end", command.name);
        }
        for name in [&b""[..], b"\0", b"foo", &[b'a'; 16], &[b'a'; 17], &[b'a'; 1000]] {
            assert!(TABLE.find(name).is_none(), "{}", name.escape_ascii());
        }
    }

    #[test]
    fn the_table_is_at_most_half_full() {
        let (used, places) = TABLE.occupancy();
        assert_eq!(used, TABLE.all().count());
        assert!(used <= places / 2, "{used} of {places} places are used: double their number");
    }

    #[test]
    fn rows_are_well_formed() {
        for command in
            TABLE.all().flat_map(|command| std::iter::once(command).chain(command.subcommands))
        {
            assert_eq!(command.name, command.name.to_lowercase());
            assert_ne!(command.arity, 0, "{}", command.name);
            assert!(!command.summary.is_empty(), "{} has no summary", command.name);
        }
    }
}
