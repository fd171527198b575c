//! One reply that is larger than all that its client may let wait: it is not made to its end.
//!
//! ```text
//!   MGET a a a a …   ──► has_room? ── yes ──► one value more
//!                            │ no
//!                            ▼
//!               cut off, what is made is thrown away
//! ```
//!
//! Nothing of a reply is sent before its command has ended, so no client is slow or fast meanwhile:
//! without this, a request of some kilobytes that names one large value again and again would take as
//! much memory as it likes. Commands whose replies may be larger than what was asked and what is
//! stored say so here as they go.

use super::Call;
use crate::clients::{Ending, Replies};

/// Less is never too much: whoever may not even have this is cut off when the batch is over.
const SMALL: usize = 64 << 10;

impl Call<'_> {
    /// Whether the reply that is being made may have `more` bytes. If not, the caller is cut off, and
    /// there is nobody to go on for.
    #[inline]
    pub(super) fn has_room(&mut self, more: usize) -> bool {
        let length = self.reply.out.len() - self.kept + more;
        length < SMALL || self.has_much_room(length)
    }

    #[cold]
    fn has_much_room(&mut self, length: usize) -> bool {
        let client = &self.state.clients[self.slot];
        if matches!(client.replies, Replies::Off | Replies::Skip) {
            // Nobody will see it.
            self.reply.out.truncate(self.kept);
            return true;
        }
        if client.ending == Ending::Now {
            return false;
        }
        let waits = length + client.outbox.backlog();
        let is_over = self.state.output_limit(self.slot).is_over(waits);
        if is_over {
            self.cut_off();
            self.reply.out.truncate(self.kept);
        }
        !is_over
    }

    /// The caller lets more wait than it may: its connection ends, and no further command of it runs.
    #[cold]
    pub(super) fn cut_off(&mut self) {
        self.state.stats.slow_clients += 1;
        self.state.clients.kill(self.slot);
        self.caller();
    }
}
