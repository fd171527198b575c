//! One command from the command line, perhaps several times.

use std::io::{self, Read};
use std::thread;

use crate::options::Options;
use crate::outcome::Failure;
use crate::session::Session;

/// Sends it; whether no reply was an error.
pub(crate) fn once(
    options: &Options,
    mut session: Session,
    mut words: Vec<Vec<u8>>,
) -> Result<bool, Failure> {
    if options.last_is_input() {
        let mut last = Vec::new();
        io::stdin().lock().read_to_end(&mut last).map_err(Failure::Input)?;
        words.push(last);
    }
    let mut good = true;
    let mut done = 0;
    while options.repeat < 0 || done < options.repeat {
        if done > 0 && !options.interval.is_zero() {
            thread::sleep(options.interval);
        }
        good &= session.ask(&words)?;
        done += 1;
    }
    Ok(good)
}
