//! What most connections have nothing of: one word in each, and memory only for those that do.
//!
//! Ten thousand connections that wait for their clients have no unread bytes, no timer, no lines and
//! no last words. Five words for what is not there would be 400 KB of nothing.

use super::Conversation;
use super::linger::Lingering;
use super::unread::Unread;
use super::watch::Watch;
use crate::rt::Timer;
use crate::topics::Session;

/// What stands beside a conversation.
#[derive(Default)]
pub(super) struct Aside {
    pub(super) unread: Option<Box<Unread>>,
    /// The first unread request waits for the end of a pause, at the latest until this timer fires.
    pub(super) paused: Option<Box<Timer>>,
    /// The client types lines; otherwise it speaks Redis's protocol.
    pub(super) topics: Option<Box<Session>>,
    pub(super) watch: Option<Box<Watch>>,
    /// Set in the end, when the client is no client any more and the slot not ours.
    pub(super) lingering: Option<Box<Lingering>>,
}

impl Aside {
    fn is_empty(&self) -> bool {
        let Aside { unread, paused, topics, watch, lingering } = self;
        let timers = paused.is_none() && watch.is_none();
        timers && unread.is_none() && topics.is_none() && lingering.is_none()
    }
}

impl Conversation {
    /// A place for something of this kind.
    pub(super) fn aside(&mut self) -> &mut Aside {
        self.aside.get_or_insert_default()
    }

    /// Whether there are bytes that are not executed.
    #[inline]
    pub(super) fn has_unread(&self) -> bool {
        self.aside.as_ref().is_some_and(|aside| aside.unread.is_some())
    }

    /// The bytes that are not executed, to be executed.
    #[inline]
    pub(super) fn take_unread(&mut self) -> Option<Box<Unread>> {
        self.aside.as_mut()?.unread.take()
    }

    /// Time is not measured; and the memory goes, if that was the last that it was needed for.
    #[inline]
    pub(super) fn unwatch(&mut self) {
        if self.aside.is_some() {
            self.tidy();
        }
    }

    #[cold]
    fn tidy(&mut self) {
        if let Some(aside) = &mut self.aside {
            aside.watch = None;
            if aside.is_empty() {
                self.aside = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Connection;
    use crate::rt::TcpStream;

    #[test]
    fn a_connection_is_four_words_beside_its_socket() {
        let words = size_of::<Connection>() - size_of::<TcpStream>();
        assert!(words <= 4 * size_of::<u64>(), "{words} bytes");
    }
}
