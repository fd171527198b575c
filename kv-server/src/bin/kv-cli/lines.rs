//! Commands from an input that is no terminal, one a line.

use std::io::{self, BufRead};

use crate::outcome::Failure;
use crate::session::{Session, tell};
use crate::words::{is, words};

/// Sends each line when the reply to the last one is there; whether no reply was an error.
pub(crate) fn lines(mut session: Session) -> Result<bool, Failure> {
    session.connect()?;
    let mut good = true;
    let mut input = io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Failure::Input)? == 0 {
            return Ok(good);
        }
        match words(&line) {
            Ok(words) if words.is_empty() => {}
            Ok(words) if is(words.first(), "exit") => return Ok(good),
            Ok(words) => {
                good &= session.ask(&words)?;
                if is(words.first(), "quit") {
                    return Ok(good);
                }
            }
            Err(reason) => {
                let line = String::from_utf8_lossy(line.trim_ascii_end());
                tell(&format!("not sent: {reason}: {line}"));
                good = false;
            }
        }
    }
}
