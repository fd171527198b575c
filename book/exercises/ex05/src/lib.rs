//! Chapter 5: the stale event after reuse.
//!
//! ```text
//!   slots       0: "ada" (generation 0)    1: free (generation 3)    2: "bob" (generation 1)
//!   free        ───────────────────────────► 1
//! ```
//! `cargo test -p ex05` says what to do next.

#![allow(unused, reason = "you have not used it yet")]

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
        todo!("1. put both into 64 bits")
    }

    /// Back from what the kernel says.
    pub fn from_bits(bits: u64) -> Token {
        todo!("1. and take them out again")
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
        todo!(
            "2. find a slot, a free one first; put {owner:?} in; watch its number under the token"
        )
    }

    /// Whom an event is for: nobody, if its owner has left.
    pub fn owner(&self, token: Token) -> Option<&Owner> {
        todo!("3. the slot's owner, if {token:?} means this one and no other")
    }

    /// Closes what `token` stands for. A token whose owner has left closes nothing.
    pub fn close(&mut self, kernel: &mut Kernel, token: Token) {
        todo!("4. take the owner out; deregister; close; count the generation up; free the slot")
    }
}
