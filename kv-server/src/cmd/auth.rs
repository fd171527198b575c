//! AUTH, and what a client may do before it: nearly nothing, if a password is set.
//!
//! There is one user, `default`. The password is compared in a time that says nothing about it.

use subtle::ConstantTimeEq;

use super::Call;
use super::command::{ALLOW_BUSY, ALWAYS, Command, FAST, NO_AUTH, NOSCRIPT};
use super::error::{Error, Outcome, SYNTAX};
use crate::clients::Client;
use crate::config::MAX_PASSWORD;
use crate::resp::Arguments;
use crate::state::State;

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] =
    [Command::new("auth", -2, NOSCRIPT.and(ALWAYS).and(FAST).and(NO_AUTH).and(ALLOW_BUSY), auth)
        .categories(&["@connection"])
        .about("1.0.0", "Gives the password")];

/// The caller must give the password first.
pub(super) const REQUIRED: Error = Error::new("NOAUTH Authentication required.");

/// Whether a client must give the password before it may do anything.
pub(super) fn is_required(state: &State, client: &Client) -> bool {
    !client.trusted && !state.config.password.is_empty()
}

/// A caller of whom no password is asked needs none.
pub(super) fn trust_if_open(call: &mut Call<'_>) {
    if call.state.config.password.is_empty() {
        call.caller().trusted = true;
    }
}

fn auth(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    match arguments.len() {
        2 if call.state.config.password.is_empty() => Err(Error::new(
            "ERR AUTH <password> called without any password configured for the default user. \
             Are you sure your configuration is correct?",
        ))?,
        2 => authenticate(call, b"default", arguments.at(1))?,
        3 => authenticate(call, arguments.at(1), arguments.at(2))?,
        _ => return Err(SYNTAX),
    }
    call.reply.ok();
    Ok(())
}

/// Takes the caller for `user`, if the password is right. If none is set, any is.
pub(super) fn authenticate(call: &mut Call<'_>, user: &[u8], password: &[u8]) -> Outcome {
    let wanted = &call.state.config.password;
    if user != b"default" || !wanted.is_empty() && !is_same(password, wanted) {
        return Err(Error::new("WRONGPASS invalid username-password pair or user is disabled."));
    }
    call.caller().trusted = true;
    Ok(())
}

/// Whether two passwords are the same. Takes the same time for any two, whatever their lengths.
fn is_same(given: &[u8], wanted: &[u8]) -> bool {
    let fill = |password: &[u8]| {
        let mut filled = [0; MAX_PASSWORD];
        let length = password.len().min(MAX_PASSWORD);
        filled[..length].copy_from_slice(&password[..length]);
        filled
    };
    let same = fill(given).ct_eq(&fill(wanted)) & given.len().ct_eq(&wanted.len());
    same.into()
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn passwords_are_the_same_if_every_byte_is() {
        assert!(is_same(b"secret", b"secret"));
        for other in [&b""[..], b"secre", b"secret\0", b"Secret", b"secreT", &[b's'; 600]] {
            assert!(!is_same(other, b"secret"), "{}", other.escape_ascii());
        }
        assert!(!is_same(&[b'x'; 600], &[b'x'; 512]), "no more than the longest is compared");
    }
}
