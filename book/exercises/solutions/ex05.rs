//! Chapter 5: the stale event after reuse.
//!
//! ```text
//!   slots       0: "ada" (generation 0)    1: free (generation 3)    2: "bob" (generation 1)
//!   free        ───────────────────────────► 1
//! ```
//! `cargo test -p ex05` says what to do next.

mod kernel;

pub use kernel::{Kernel, Number};

/// Who owns a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub name: String,
    pub number: Number,
}

/// A slot, and which of its owners is meant.
///
/// A generation has eight bits here instead of thirty-two, so that a test can use them up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub slot: u32,
    pub generation: u8,
}

impl Token {
    /// As what the kernel gets to keep.
    pub fn to_bits(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.slot)
    }

    /// Back from what the kernel says.
    pub fn from_bits(bits: u64) -> Token {
        Token { slot: bits as u32, generation: (bits >> 32) as u8 }
    }
}

#[derive(Debug)]
struct Slot {
    generation: u8,
    owner: Option<Owner>,
}

/// Who is watched, and under which token.
#[derive(Debug, Default)]
pub struct Registry {
    slots: Vec<Slot>,
    /// The slots that may be used again.
    free: Vec<u32>,
}

impl Registry {
    /// Opens a number for `name`, and has it watched.
    pub fn open(&mut self, kernel: &mut Kernel, name: &str) -> Token {
        let owner = Owner { name: name.to_owned(), number: kernel.open() };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, owner: None });
            self.slots.len() as u32 - 1
        });
        let place = &mut self.slots[slot as usize];
        let token = Token { slot, generation: place.generation };
        kernel.watch(owner.number, token.to_bits()).expect("the number was opened just now");
        place.owner = Some(owner);
        token
    }

    /// Whom an event is for: nobody, if its owner has left.
    pub fn owner(&self, token: Token) -> Option<&Owner> {
        let slot = self.slots.get(token.slot as usize)?;
        slot.owner.as_ref().filter(|_| slot.generation == token.generation)
    }

    /// Closes what `token` stands for. A token whose owner has left closes nothing.
    pub fn close(&mut self, kernel: &mut Kernel, token: Token) {
        if self.owner(token).is_none() {
            return;
        }
        let slot = &mut self.slots[token.slot as usize];
        let owner = slot.owner.take().expect("it was there a moment ago");
        kernel.forget(owner.number).expect("it is open, and watched");
        kernel.close(owner.number).expect("it is open");
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            self.free.push(token.slot);
        }
    }
}
