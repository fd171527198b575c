//! A kernel in 80 lines: numbers, the open files behind them, and who is watched under which name.
//!
//! ```text
//!   number 0 ──► file 0 ◄── registration (number 0, file 0, name)
//!   number 1 ──► file 0       a duplicate
//! ```
//! It does what Linux does: the lowest free number is given out first; a registration belongs to a
//! number *and* its file, and ends by itself only when the file's last number is closed; what is
//! readable is told of at each wait.

use std::io::{Error, ErrorKind};

/// What the process calls an open file.
pub type Number = usize;

type File = usize;

#[derive(Debug)]
struct Registration {
    number: Number,
    file: File,
    name: u64,
}

/// Open files, and who is told what of them.
#[derive(Debug, Default)]
pub struct Kernel {
    numbers: Vec<Option<File>>,
    readable: Vec<bool>,
    registrations: Vec<Registration>,
}

impl Kernel {
    /// Opens something new, under the lowest number that is free.
    pub fn open(&mut self) -> Number {
        self.readable.push(false);
        self.give_out(self.readable.len() - 1)
    }

    /// Another number for the same file, as of dup(2); a child process has one too, after fork(2).
    pub fn duplicate(&mut self, number: Number) -> Number {
        let file = self.file(number).expect("only what is open can be duplicated");
        self.give_out(file)
    }

    /// Frees the number. The file ends with its last one, and its registrations end with the file.
    pub fn close(&mut self, number: Number) -> Result<(), Error> {
        let file = self.file(number)?;
        self.numbers[number] = None;
        if !self.numbers.contains(&Some(file)) {
            self.registrations.retain(|registration| registration.file != file);
        }
        Ok(())
    }

    /// From now on, [`wait`](Kernel::wait) says `name` when there is something to read.
    pub fn watch(&mut self, number: Number, name: u64) -> Result<(), Error> {
        let file = self.file(number)?;
        if self.place(number, file).is_some() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        self.registrations.push(Registration { number, file, name });
        Ok(())
    }

    /// Takes that back. It takes the number, and the number has to be open.
    pub fn forget(&mut self, number: Number) -> Result<(), Error> {
        let file = self.file(number)?;
        let place = self.place(number, file).ok_or(ErrorKind::NotFound)?;
        self.registrations.remove(place);
        Ok(())
    }

    /// The names of all that has something to read, in one batch.
    pub fn wait(&self) -> Vec<u64> {
        let ready = self.registrations.iter().filter(|one| self.readable[one.file]);
        ready.map(|one| one.name).collect()
    }

    /// The peer of what is open under `number` has written.
    pub fn write_to(&mut self, number: Number) {
        let file = self.file(number).expect("only what is open has a peer");
        self.readable[file] = true;
    }

    /// How many numbers are in use.
    pub fn open_numbers(&self) -> usize {
        self.numbers.iter().flatten().count()
    }

    fn give_out(&mut self, file: File) -> Number {
        let free = self.numbers.iter().position(Option::is_none);
        let number = free.unwrap_or(self.numbers.len());
        self.numbers.resize(self.numbers.len().max(number + 1), None);
        self.numbers[number] = Some(file);
        number
    }

    fn file(&self, number: Number) -> Result<File, Error> {
        let file = self.numbers.get(number).copied().flatten();
        file.ok_or_else(|| Error::new(ErrorKind::InvalidInput, format!("{number} is not open")))
    }

    fn place(&self, number: Number, file: File) -> Option<usize> {
        self.registrations.iter().position(|one| (one.number, one.file) == (number, file))
    }
}
