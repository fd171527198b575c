//! All commands there are.

use super::command::Command;
use super::index::Index;
use super::{client, config, counters, expiry, introspection, keys, publish, server, session};
use super::{strings, subscriptions};

/// The commands' own rows; each family's are in its own file.
static FAMILIES: [&[Command]; 11] = [
    &strings::COMMANDS,
    &counters::COMMANDS,
    &keys::COMMANDS,
    &expiry::COMMANDS,
    &subscriptions::COMMANDS,
    &publish::COMMANDS,
    &session::COMMANDS,
    &client::COMMANDS,
    &config::COMMANDS,
    &server::COMMANDS,
    &introspection::COMMANDS,
];

/// The table, filled when this is compiled.
pub(super) static TABLE: Index = Index::new(&FAMILIES);

#[cfg(test)]
mod tests {
    use super::TABLE;

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
                for byte in [b'@', b'[', b'`', b'{', 0, b' ', 0xe1, other[index] ^ 0x80] {
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
