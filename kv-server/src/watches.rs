//! Who watches which key: from a key that changes to the clients whose transactions it breaks.

use hashbrown::HashMap;

use crate::clients::{Clients, Slot};
use crate::db::Key;
use crate::transaction::Watched;

/// All watched keys, each with those who watch it. The other direction is each client's own list.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    watchers: HashMap<(u8, Key), Vec<Slot>>,
    /// Bytes of memory that all this takes, about.
    memory: usize,
}

/// What watching this key takes, with both directions.
fn cost(key: &Key) -> usize {
    2 * (size_of::<Watched>() + key.as_bytes().len())
}

impl Watches {
    /// Whether nobody watches anything.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.watchers.is_empty()
    }

    /// Bytes of memory that all this takes, about.
    #[inline]
    pub(crate) fn memory(&self) -> usize {
        self.memory
    }

    /// A client watches a key from now on. Watching it again changes nothing.
    pub(crate) fn watch(&mut self, clients: &mut Clients, slot: Slot, watched: Watched) {
        let mine = &mut clients[slot].transaction.get_or_insert_default().watched;
        let Watched { database, key, .. } = &watched;
        if mine.iter().any(|other| other.key == *key && other.database == *database) {
            return;
        }
        self.memory += cost(key);
        self.watchers.entry((*database, key.clone())).or_default().push(slot);
        mine.push(watched);
    }

    /// A client watches nothing any more.
    pub(crate) fn unwatch(&mut self, clients: &mut Clients, slot: Slot) {
        let Some(transaction) = &mut clients[slot].transaction else { return };
        transaction.broken = false;
        for Watched { database, key, .. } in std::mem::take(&mut transaction.watched) {
            self.memory -= cost(&key);
            let place = (database, key);
            if let Some(slots) = self.watchers.get_mut(&place) {
                slots.retain(|&other| other != slot);
                if slots.is_empty() {
                    self.watchers.remove(&place);
                }
            }
        }
    }

    /// A key has changed; `expired` if it is gone because its deadline had passed. The transactions
    /// of those who watch it are broken.
    pub(crate) fn touch(&mut self, clients: &mut Clients, database: u8, key: &Key, expired: bool) {
        let Some(slots) = self.watchers.get(&(database, key.clone())) else { return };
        for &slot in slots {
            let Some(transaction) = &mut clients[slot].transaction else { continue };
            let mut watched = transaction.watched.iter_mut();
            let watched = watched.find(|other| other.key == *key && other.database == database);
            match watched {
                // Who watched what was gone already: now that it is removed, it counts as absent.
                Some(watched) if expired && watched.had_expired => watched.had_expired = false,
                _ => transaction.broken = true,
            }
        }
    }

    /// The watched keys of a database.
    pub(crate) fn keys(&self, database: u8) -> Vec<Key> {
        let keys = self.watchers.keys().filter(|(other, _)| *other == database);
        keys.map(|(_, key)| key.clone()).collect()
    }
}
