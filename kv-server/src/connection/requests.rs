//! From the bytes of a connection to calls of commands.

use crate::cmd::{Call, Then};
use crate::resp::{Progress, Request};

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
    let mut position = 0;
    while let Some(rest) = bytes.get(position..)
        && !rest.is_empty()
        && call.reply.out.len() < full
    {
        request.distrust(call.is_untrusted());
        match request.advance(rest, max_bulk) {
            Ok(Progress::Incomplete) => break,
            Ok(Progress::Complete(length)) => {
                let arguments = request.arguments_in(rest);
                let then = if arguments.is_empty() { Then::GoOn } else { call.execute(arguments) };
                request.reset();
                if then == Then::Wait {
                    return (position, true);
                }
                position += length;
                if then == Then::End {
                    break;
                }
            }
            Err(error) => {
                call.refuse(&error.message());
                break;
            }
        }
    }
    (position, false)
}
