//! BITFIELD: integers of any width, at any bit of a value.
//!
//! ```text
//!  offset:  0       4       8      12      16
//!           ├───────┴───────┼───────┴───────┤
//!   value:  0 1 1 0 1 0 0 1 1 1 0 0 0 0 0 1 …
//!                   └─── u8 at 4 ───┘          the highest bit first
//! ```

use super::Call;
use super::bits::{BITMAP, READ, SETBIT, bit_offset, reach};
use super::command::{Command, DENYOOM, FAST, Keys, READONLY, WRITE};
use super::error::{Error, Outcome, SYNTAX, cut, integer};
use crate::resp::{Arguments, parse_integer};

/// This family's rows.
pub(super) static COMMANDS: [Command; 2] = [
    Command::new("bitfield", -2, WRITE.and(DENYOOM), bitfield)
        .keys(
            Keys::one(&["RW", "access", "update", "variable_flags"])
                .note("This command allows both access and modification of the key"),
        )
        .categories(BITMAP)
        .about("3.2.0", "Reads and changes integers within a value"),
    Command::new("bitfield_ro", -2, READONLY.and(FAST), bitfield_ro)
        .keys(READ)
        .categories(BITMAP)
        .about("6.0.0", "Reads integers within a value"),
];

/// What one of the subcommands does.
struct Step {
    field: Field,
    action: Action,
    overflow: Overflow,
}

#[derive(Clone, Copy)]
enum Action {
    Get,
    Set(i64),
    Add(i64),
}

/// What happens to a number that does not fit its field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Overflow {
    /// Its lowest bits are taken.
    Wrap,
    /// The nearest number that fits is taken.
    Saturate,
    /// Nothing is changed.
    Fail,
}

/// Where a field is, and what numbers it holds.
#[derive(Clone, Copy)]
struct Field {
    signed: bool,
    /// From 1 to 64, without a sign to 63.
    width: u32,
    offset: usize,
}

impl Field {
    /// A type like `u8` or `i64`, and an offset in bits, or `#` and one in fields.
    fn parse(call: &Call<'_>, kind: &[u8], offset: &[u8]) -> Result<Field, Error> {
        // The width ends at a zero byte, as texts do in C.
        let (signed, width) = match cut(kind, usize::MAX) {
            [b'i', width @ ..] => (true, parse_integer(width)),
            [b'u', width @ ..] => (false, parse_integer(width)),
            _ => (false, None),
        };
        let width = width.and_then(|width| u32::try_from(width).ok());
        let most = if signed { 64 } else { 63 };
        let width = width.filter(|width| (1..=most).contains(width)).ok_or(Error::new(
            "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not \
             supported but i64 is.",
        ))?;
        let offset = match offset {
            // As in Redis, what is too far comes round: #-9223372036854775808 is the first field.
            [b'#', number @ ..] => {
                parse_integer(number).map(|number| number.wrapping_mul(i64::from(width)))
            }
            bits => parse_integer(bits),
        };
        Ok(Field { signed, width, offset: bit_offset(call, offset)? })
    }

    /// The last bit of the field.
    fn last(&self) -> usize {
        self.offset + self.width as usize - 1
    }

    /// The number in the field.
    fn read(&self, value: &[u8]) -> i64 {
        let mut number: u64 = 0;
        for bit in self.offset..=self.last() {
            let byte = value.get(bit >> 3).copied().unwrap_or(0);
            number = number << 1 | u64::from(byte >> (7 - (bit & 7)) & 1);
        }
        self.wrap(number.cast_signed().into())
    }

    /// Writes a number, of which as many bits are taken as there is room for.
    fn write(&self, value: &mut [u8], number: i64) {
        for bit in self.offset..=self.last() {
            let mask = 0x80 >> (bit & 7);
            let one = number >> (self.last() - bit) & 1 == 1;
            let byte = &mut value[bit >> 3];
            *byte = if one { *byte | mask } else { *byte & !mask };
        }
    }

    fn least(&self) -> i128 {
        if self.signed { -(1 << (self.width - 1)) } else { 0 }
    }

    fn most(&self) -> i128 {
        let bits = if self.signed { self.width - 1 } else { self.width };
        (1 << bits) - 1
    }

    /// The lowest bits of a number, as a number of this type.
    fn wrap(&self, number: i128) -> i64 {
        let unused = 64 - self.width;
        let shifted = (number as i64) << unused;
        if self.signed {
            shifted >> unused
        } else {
            (shifted.cast_unsigned() >> unused).cast_signed()
        }
    }

    /// The number that a signed field is set to. One that lies below the greatest by more than 64 bits
    /// can count is taken for one that is too great, as in Redis.
    fn signed(&self, number: i64) -> i128 {
        let number = i128::from(number);
        let is_far = self.most() - number > i64::MAX.into();
        if self.width < 64 && is_far { number + (1 << 64) } else { number }
    }

    /// What is written when this number shall be; `None` if nothing.
    fn fit(&self, number: i128, overflow: Overflow) -> Option<i64> {
        if (self.least()..=self.most()).contains(&number) {
            return i64::try_from(number).ok();
        }
        match overflow {
            Overflow::Wrap => Some(self.wrap(number)),
            Overflow::Saturate => i64::try_from(number.clamp(self.least(), self.most())).ok(),
            Overflow::Fail => None,
        }
    }
}

fn bitfield(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let steps = parse(call, arguments)?;
    let writes = steps.iter().filter(|step| !matches!(step.action, Action::Get));
    let Some(last) = writes.map(|step| step.field.last()).max() else {
        read(call, arguments.at(1), &steps);
        return Ok(());
    };
    let key = arguments.at(1);
    // A value that had to grow is changed by each step that writes, even by one that writes what it finds.
    let grown = reach(call, key, last);
    let mut changes = 0;
    call.reply.array(steps.len());
    for step in &steps {
        let result = call.state.databases.edit(call.database, key, call.now, |row| {
            let length = row.value().len();
            let mut changed = grown;
            let answer = step.run(row.resize(length), &mut changed);
            let writes = !matches!(step.action, Action::Get);
            changes += u64::from(writes && changed && answer.is_some());
            answer
        });
        match result.flatten() {
            Some(number) => call.reply.integer(number),
            None => call.reply.null(),
        }
    }
    if changes > 0 || grown {
        call.changed(SETBIT, key);
        call.state.databases.dirty += u64::max(changes, 1) - 1;
    }
    Ok(())
}

impl Step {
    /// The number to answer with, unless it did not fit.
    fn run(&self, value: &mut [u8], changed: &mut bool) -> Option<i64> {
        let old = self.field.read(value);
        let wanted = match self.action {
            Action::Get => return Some(old),
            Action::Set(number) if self.field.signed => self.field.signed(number),
            Action::Set(number) => number.cast_unsigned().into(),
            Action::Add(number) => i128::from(old) + i128::from(number),
        };
        let new = self.field.fit(wanted, self.overflow)?;
        self.field.write(value, new);
        *changed |= old != new;
        Some(if matches!(self.action, Action::Set(_)) { old } else { new })
    }
}

fn bitfield_ro(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let steps = parse(call, arguments)?;
    if steps.iter().any(|step| !matches!(step.action, Action::Get)) {
        return Err(Error::new("ERR BITFIELD_RO only supports the GET subcommand"));
    }
    read(call, arguments.at(1), &steps);
    Ok(())
}

fn read(call: &mut Call<'_>, key: &[u8], steps: &[Step]) {
    let row = call.state.read(call.database, key, call.now);
    let value = row.map_or(&b""[..], |row| row.value());
    call.reply.array(steps.len());
    steps.iter().for_each(|step| call.reply.integer(step.field.read(value)));
}

/// All subcommands; nothing is done before the last one is understood.
fn parse(call: &Call<'_>, arguments: Arguments<'_>) -> Result<Vec<Step>, Error> {
    let mut steps = Vec::new();
    let mut overflow = Overflow::Wrap;
    let mut rest = arguments.from(2);
    while let Some(name) = rest.next() {
        let name = name.to_ascii_lowercase();
        let needed = match name.as_slice() {
            b"get" => 2,
            b"set" | b"incrby" => 3,
            b"overflow" => 1,
            _ => return Err(SYNTAX),
        };
        if rest.len() < needed {
            return Err(SYNTAX);
        }
        let mut argument = || rest.next().ok_or(SYNTAX);
        if needed == 1 {
            overflow = match argument()?.to_ascii_lowercase().as_slice() {
                b"wrap" => Overflow::Wrap,
                b"sat" => Overflow::Saturate,
                b"fail" => Overflow::Fail,
                _ => return Err(Error::new("ERR Invalid OVERFLOW type specified")),
            };
            continue;
        }
        let field = Field::parse(call, argument()?, argument()?)?;
        let action = match name.as_slice() {
            b"get" => Action::Get,
            b"set" => Action::Set(integer(argument()?)?),
            _ => Action::Add(integer(argument()?)?),
        };
        steps.push(Step { field, action, overflow });
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::{Field, Overflow};

    const ALL: [u32; 8] = [1, 2, 7, 8, 9, 32, 63, 64];

    #[test]
    fn a_field_holds_what_was_written_and_leaves_its_neighbours() {
        for width in ALL {
            for offset in [0, 1, 5, 8, 13] {
                for signed in [true, false] {
                    if !signed && width == 64 {
                        continue;
                    }
                    let field = Field { signed, width, offset };
                    for number in [field.least(), field.most(), 0] {
                        let number = i64::try_from(number).expect("it fits a field");
                        let mut value = [0xa5; 12];
                        field.write(&mut value, number);
                        assert_eq!(field.read(&value), number, "{width} bits at {offset}");
                        for bit in (0..96).filter(|bit| !(offset..=field.last()).contains(bit)) {
                            let mask = 0x80 >> (bit & 7);
                            assert_eq!(value[bit >> 3] & mask, 0xa5 & mask, "bit {bit}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_wraps_or_saturates_or_fails() {
        let field = Field { signed: true, width: 8, offset: 0 };
        assert_eq!(field.fit(127, Overflow::Fail), Some(127));
        assert_eq!(field.fit(128, Overflow::Wrap), Some(-128));
        assert_eq!(field.fit(-129, Overflow::Wrap), Some(127));
        assert_eq!(field.fit(1000, Overflow::Saturate), Some(127));
        assert_eq!(field.fit(-1000, Overflow::Saturate), Some(-128));
        assert_eq!(field.fit(128, Overflow::Fail), None);
        let field = Field { signed: false, width: 63, offset: 0 };
        assert_eq!(field.fit(1 << 63, Overflow::Wrap), Some(0));
        assert_eq!(field.fit(-1, Overflow::Saturate), Some(0));
        assert_eq!(field.fit(i128::from(u64::MAX), Overflow::Saturate), Some(i64::MAX));
    }
}
