//! Replies that promise something wait until it is kept: until the change is on the disk.

use std::task::Poll;

use super::{Conversation, Phase};
use crate::clients::Slot;
use crate::cmd::misconf;
use crate::config::SyncPolicy;
use crate::journal::{Barrier, Passage};
use crate::state::State;

impl Conversation {
    /// Waits until what the replies promise is on the disk. If it cannot be brought there, the client
    /// is told so instead, and leaves: its changes were made, and may yet reach the disk, or not.
    pub(super) fn poll_barrier(&mut self, state: &mut State) -> Poll<()> {
        let policy = state.config.durability.sync;
        match state.journal.pass(self.barrier, policy, self.slot) {
            Passage::Closed => return Poll::Pending,
            Passage::Open => {}
            Passage::Failed => {
                let why = state.journal.failure().unwrap_or_default();
                let error = misconf(why);
                state.clients.replace_output(self.slot, &error);
                self.phase = Phase::Closing { linger: true };
            }
        }
        self.barrier = Barrier::NONE;
        Poll::Ready(())
    }
}

/// What the messages of others, which have come for the client at `slot`, wait for: they too may tell
/// of a change.
pub(super) fn barrier_of_messages(state: &mut State, slot: Slot) -> Barrier {
    match state.config.durability.sync {
        policy @ SyncPolicy::Always => {
            let now = state.clients[slot].active;
            state.journal.barrier(policy, now)
        }
        SyncPolicy::EverySecond | SyncPolicy::No => Barrier::NONE,
    }
}
