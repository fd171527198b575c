//! From the bytes of a connection to calls of commands.

use crate::cmd::{Call, Then};
use crate::resp::{Arguments, LONGEST, Progress, Request, Short};

/// Executes the complete requests at the beginning of `bytes`, until the output is as long as
/// `full`, the client has said goodbye, or a request must wait. How many bytes these were, and
/// whether one must wait.
#[inline]
pub(super) fn execute(
    call: &mut Call<'_>,
    bytes: &[u8],
    request: &mut Request,
    full: usize,
) -> (usize, bool) {
    let max_bulk = call.state.config.max_bulk;
    debug_assert!(max_bulk > LONGEST, "it cannot be set to so little");
    let mut short = Short::default();
    // Only the first request can have begun in an earlier piece.
    let mut may_be_short = request.is_new();
    let mut position = 0;
    while let Some(rest) = bytes.get(position..)
        && !rest.is_empty()
        && call.reply.out.len() < full
    {
        let (length, then) = if may_be_short
            && !call.is_untrusted()
            && let Some((parts, length)) = short.parse(rest)
        {
            (length, call.execute(parts.arguments()))
        } else {
            request.distrust(call.is_untrusted());
            match request.advance(rest, max_bulk) {
                Ok(Progress::Incomplete) => break,
                Ok(Progress::Complete(length)) => {
                    let then = execute_any(call, request.parts_in(rest).arguments());
                    request.reset();
                    may_be_short = true;
                    (length, then)
                }
                Err(error) => {
                    call.refuse(&error.message());
                    break;
                }
            }
        };
        if then == Then::Wait {
            return (position, true);
        }
        position += length;
        if then == Then::End {
            break;
        }
    }
    (position, false)
}

/// Out of line: the loop above has the command's execution within it, and once is enough.
#[inline(never)]
fn execute_any(call: &mut Call<'_>, arguments: Arguments<'_>) -> Then {
    if arguments.is_empty() { Then::GoOn } else { call.execute(arguments) }
}
