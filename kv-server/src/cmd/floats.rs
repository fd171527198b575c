//! INCRBYFLOAT. The arithmetic is in [`super::extended`].

use super::Call;
use super::command::{Command, DENYOOM, FAST, Keys, WRITE};
use super::error::{Error, Outcome};
use super::extended::Extended;
use crate::db::{Deadline, Row};
use crate::events::Event;
use crate::resp::Arguments;

const INCRBYFLOAT: Event = Event::string("incrbyfloat");
const NOT_A_FLOAT: Error = Error::new("ERR value is not a valid float");

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] =
    [Command::new("incrbyfloat", 3, WRITE.and(DENYOOM).and(FAST), incrbyfloat)
        .keys(Keys::one(&["RW", "access", "update"]))
        .categories(&["@string"])
        .about("2.6.0", "Adds an amount to a number that may have decimal places")];

/// `INCRBYFLOAT key amount`
fn incrbyfloat(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let key = arguments.at(1);
    let row = call.state.databases.get(call.database, key, call.now);
    let is_new = row.is_none();
    let old = Extended::parse(row.map_or(b"0", Row::value)).ok_or(NOT_A_FLOAT)?;
    let amount = Extended::parse(arguments.at(2)).ok_or(NOT_A_FLOAT)?;
    let sum = old
        .add(amount)
        .ok_or(Error::new("ERR increment would produce NaN or Infinity"))?
        .to_string();
    let text = sum.as_bytes();
    if is_new {
        call.state.databases.set(call.database, key, b"", Deadline::NEVER);
    }
    call.state.databases.edit(call.database, key, call.now, |row| row.replace_with_text(text));
    // The sum, not the addition: whoever runs the journal may compute otherwise.
    call.log_as(&[b"SET", key, text, b"KEEPTTL"]);
    call.changed(INCRBYFLOAT, key);
    call.reply.bulk(text);
    Ok(())
}
