//! The rows as they were at one moment, told in slices while they go on changing.
//!
//! ```text
//!   rows:  [ a | b | c | d | e | f ]         each has a mark: the last snapshot that has told it
//!            ◄── not told ─┼─ told ──►
//!                        cursor: goes down, a slice at a time
//!
//!   a is about to change, to go, to expire ──► its old value is saved, to be told too; a is marked
//!   a new row                              ──► is marked: it was not there at that moment
//!   the database is emptied                ──► its rows are kept apart until they are told
//!   two databases are exchanged            ──► their cursors go with them, and their old numbers
//! ```
//!
//! Without a snapshot all this costs one comparison a change. With one, the memory for what is
//! saved is bounded by what was there at its beginning.
//!
//! A row never is told twice, none is left out: removing moves the last row down (see
//! [`super::Database`]), which is either marked, or below the cursor before and after.

use super::{Database, Databases, Deadline, Key, Row, Value};

/// A snapshot that is being told.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// Rows with this mark are told already, or are new.
    mark: u32,
    /// For each database, in their present order.
    tables: Vec<Table>,
    /// Rows that changed before they were reached, as they were.
    saved: Vec<Saved>,
    /// Databases that were emptied before all was told.
    cleared: Vec<(u8, Vec<Row>)>,
}

#[derive(Clone, Copy, Debug)]
struct Table {
    /// The number of this database when the snapshot began.
    origin: u8,
    /// The rows at this place and above are told, or marked.
    cursor: usize,
}

#[derive(Debug)]
struct Saved {
    origin: u8,
    key: Key,
    value: Value,
    deadline: Deadline,
}

/// How much one slice may be.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Rows that are looked at, told or not.
    pub rows: usize,
    /// Bytes of keys and values; one row may exceed it.
    pub bytes: usize,
}

/// What a slice came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// There are more rows.
    Part,
    /// These were the last.
    All,
    /// The snapshot was given up, or another begun.
    Nothing,
}

impl Slice {
    /// Takes note of one row. Whether there is room for more.
    fn take(&mut self, bytes: usize) -> bool {
        self.rows = self.rows.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
        self.rows > 0 && self.bytes > 0
    }
}

impl Databases {
    /// Begins a snapshot of all rows as they are now. One that was not told to its end is given up.
    /// The new one's number.
    pub fn begin_snapshot(&mut self) -> u32 {
        self.last_mark = self.last_mark.wrapping_add(1).max(1);
        let tables = (0u8..).zip(&self.all);
        let tables = tables.map(|(origin, database)| Table { origin, cursor: database.len() });
        self.snapshot = Some(Box::new(Snapshot {
            mark: self.last_mark,
            tables: tables.collect(),
            saved: Vec::new(),
            cleared: Vec::new(),
        }));
        self.last_mark
    }

    /// Gives the snapshot up, if there is one.
    pub fn end_snapshot(&mut self) {
        self.snapshot = None;
    }

    /// Tells the next rows of the snapshot with this number: their database, key, value and deadline,
    /// in no order. After the last, the snapshot is over.
    pub fn tell_snapshot(
        &mut self,
        number: u32,
        mut slice: Slice,
        mut tell: impl FnMut(u8, &[u8], &[u8], Deadline),
    ) -> Told {
        let snapshot = self.snapshot.as_deref_mut().filter(|snapshot| snapshot.mark == number);
        let Some(snapshot) = snapshot else { return Told::Nothing };
        while let Some(Saved { origin, key, value, deadline }) = snapshot.saved.pop() {
            tell(origin, key.as_bytes(), value.as_bytes(), deadline);
            if !slice.take(key.as_bytes().len() + value.as_bytes().len()) {
                return Told::Part;
            }
        }
        snapshot.saved = Vec::new();
        while let Some((origin, rows)) = snapshot.cleared.last_mut() {
            while let Some(row) = rows.pop() {
                let told = row.mark != snapshot.mark;
                if told {
                    tell(*origin, row.key(), row.value(), row.deadline);
                }
                let bytes = if told { row.key().len() + row.value().len() } else { 0 };
                if !slice.take(bytes) {
                    return Told::Part;
                }
            }
            snapshot.cleared.pop();
        }
        for (database, table) in self.all.iter_mut().zip(&mut snapshot.tables) {
            table.cursor = table.cursor.min(database.len());
            while let Some(place) = table.cursor.checked_sub(1) {
                let row = database.row_mut(place);
                table.cursor = place;
                let mut bytes = 0;
                if row.mark != snapshot.mark {
                    row.mark = snapshot.mark;
                    tell(table.origin, row.key(), row.value(), row.deadline);
                    bytes = row.key().len() + row.value().len();
                }
                if !slice.take(bytes) {
                    return Told::Part;
                }
            }
        }
        self.snapshot = None;
        Told::All
    }

    /// The row at `place` is about to change or to go.
    #[inline]
    pub(super) fn preserve(&mut self, index: u8, place: usize) {
        if let Some(snapshot) = self.snapshot.as_deref_mut() {
            let database = &mut self.all[usize::from(index)];
            snapshot.save(index, database.row_mut(place));
        }
    }

    /// A value is about to be written to `key`, which may be new.
    #[cold]
    pub(super) fn preserve_key(&mut self, index: u8, key: &[u8]) {
        if let Some(place) = self.at(index).find(key) {
            self.preserve(index, place);
        }
    }

    /// The row at `place` was not there when the snapshot began.
    #[cold]
    pub(super) fn mark(&mut self, index: u8, place: usize) {
        if let Some(snapshot) = &self.snapshot {
            self.all[usize::from(index)].row_mut(place).mark = snapshot.mark;
        }
    }

    /// A database is emptied; this is what it was.
    pub(super) fn preserve_all(&mut self, index: u8, database: Database) {
        if let Some(snapshot) = self.snapshot.as_deref_mut() {
            let table = &mut snapshot.tables[usize::from(index)];
            let mut rows = database.into_rows();
            rows.truncate(table.cursor);
            table.cursor = 0;
            snapshot.cleared.push((table.origin, rows));
        }
    }

    /// Two databases are exchanged.
    pub(super) fn swap_snapshot(&mut self, one: u8, other: u8) {
        if let Some(snapshot) = self.snapshot.as_deref_mut() {
            snapshot.tables.swap(usize::from(one), usize::from(other));
        }
    }
}

impl Snapshot {
    #[cold]
    fn save(&mut self, index: u8, row: &mut Row) {
        if row.mark == self.mark {
            return;
        }
        row.mark = self.mark;
        self.saved.push(Saved {
            origin: self.tables[usize::from(index)].origin,
            key: row.key.clone(),
            value: row.value.clone(),
            deadline: row.deadline,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{Databases, Deadline, Slice, Told};

    type Row = (u8, Vec<u8>, Vec<u8>, Option<i64>);
    type Rows = BTreeMap<(u8, Vec<u8>), (Vec<u8>, Option<i64>)>;

    fn rows_of(databases: &Databases) -> Rows {
        let mut rows = Rows::new();
        for (index, database) in (0u8..).zip(databases.iter()) {
            for row in database.rows() {
                let value = (row.value().to_vec(), row.deadline().millis());
                rows.insert((index, row.key().to_vec()), value);
            }
        }
        rows
    }

    #[derive(Clone, Debug)]
    enum Step {
        Set(u8, u8, u8, Option<i64>),
        Edit(u8, u8, u8),
        Remove(u8, u8),
        Deadline(u8, u8, i64),
        Rename(u8, u8, u8),
        Move(u8, u8, u8),
        Clear(u8),
        Swap(u8, u8),
        Expire(i64),
        Look(u8, u8, i64),
        Tell(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let (database, key) = (0u8..3, 0u8..24);
        prop_oneof![
            12 => (database.clone(), key.clone(), any::<u8>(), prop::option::of(50i64..99))
                .prop_map(|(d, k, v, t)| Step::Set(d, k, v, t)),
            3 => (database.clone(), key.clone(), any::<u8>()).prop_map(|(d, k, v)| Step::Edit(d, k, v)),
            6 => (database.clone(), key.clone()).prop_map(|(d, k)| Step::Remove(d, k)),
            3 => (database.clone(), key.clone(), 50i64..99).prop_map(|(d, k, t)| Step::Deadline(d, k, t)),
            3 => (database.clone(), key.clone(), key.clone()).prop_map(|(d, k, n)| Step::Rename(d, k, n)),
            2 => (database.clone(), key.clone(), 0u8..3).prop_map(|(d, k, n)| Step::Move(d, k, n)),
            1 => database.clone().prop_map(Step::Clear),
            1 => (database.clone(), 0u8..3).prop_map(|(one, other)| Step::Swap(one, other)),
            1 => (45i64..99).prop_map(Step::Expire),
            2 => (database, key, 45i64..99).prop_map(|(d, k, t)| Step::Look(d, k, t)),
            4 => (1usize..6).prop_map(Step::Tell),
        ]
    }

    fn apply(databases: &mut Databases, number: u32, step: Step, told: &mut Vec<Row>) {
        match step {
            Step::Set(d, k, v, t) => {
                databases.set(d, &[k], &[v], t.map_or(Deadline::NEVER, Deadline::at));
            }
            Step::Edit(d, k, v) => {
                databases.edit(d, &[k], 0, |value| value.append(&[v; 40]));
            }
            Step::Remove(d, k) => drop(databases.remove(d, &[k], 0)),
            Step::Deadline(d, k, t) => {
                databases.set_deadline(d, &[k], Deadline::at(t));
            }
            Step::Rename(d, old, new) => {
                if let Some(row) = databases.remove(d, &[old], 0) {
                    databases.remove(d, &[new], 0);
                    databases.insert(d, row.with_key(&[new]));
                }
            }
            Step::Move(from, k, to) => {
                if !databases.contains(to, &[k], 0)
                    && let Some(row) = databases.remove(from, &[k], 0)
                {
                    databases.insert(to, row);
                }
            }
            Step::Clear(d) => {
                databases.clear(d);
            }
            Step::Swap(one, other) => databases.swap(one, other),
            Step::Expire(now) => {
                databases.expire(now, 3);
            }
            Step::Look(d, k, now) => {
                databases.get(d, &[k], now);
            }
            Step::Tell(rows) => {
                databases.tell_snapshot(number, Slice { rows, bytes: 1000 }, |d, k, v, t| {
                    told.push((d, k.to_vec(), v.to_vec(), t.millis()));
                });
            }
        }
    }

    proptest! {
        #[test]
        fn a_snapshot_is_the_state_at_its_beginning(
            before in prop::collection::vec(step(), 0..60),
            after in prop::collection::vec(step(), 0..120),
        ) {
            let mut databases = Databases::new(3);
            let mut told = Vec::new();
            // The second time, marks of the first are there.
            for steps in [before, after] {
                let expected = rows_of(&databases);
                told.clear();
                let number = databases.begin_snapshot();
                for step in steps {
                    apply(&mut databases, number, step, &mut told);
                }
                // Less if the steps have told it to its end.
                let mut tell = |d: u8, k: &[u8], v: &[u8], t: Deadline| {
                    told.push((d, k.to_vec(), v.to_vec(), t.millis()));
                };
                let slice = Slice { rows: 5, bytes: 50 };
                while databases.tell_snapshot(number, slice, &mut tell) == Told::Part {}
                let count = told.len();
                let rows: Rows = told.drain(..).map(|(d, k, v, t)| ((d, k), (v, t))).collect();
                prop_assert_eq!(count, rows.len(), "a row was told twice");
                prop_assert_eq!(rows, expected);
            }
        }
    }

    #[test]
    fn a_slice_is_no_longer_than_it_may_be() {
        let mut databases = Databases::new(1);
        for key in 0..100u8 {
            databases.set(0, &[key], &[b'v'; 99], Deadline::NEVER);
        }
        let first = databases.begin_snapshot();
        let mut told = |number, rows, bytes| {
            let mut count = 0;
            let slice = Slice { rows, bytes };
            (databases.tell_snapshot(number, slice, |_, _, _, _| count += 1), count)
        };
        assert_eq!(told(first, 10, 10_000), (Told::Part, 10));
        assert_eq!(told(first, 100, 450), (Told::Part, 5));
        assert_eq!(told(first, 1000, 100_000), (Told::All, 85));
        assert_eq!(told(first, 1, 1), (Told::Nothing, 0));
        let second = databases.begin_snapshot();
        let mut count = 0;
        let slice = Slice { rows: 1, bytes: 1 };
        assert_eq!(databases.tell_snapshot(first, slice, |_, _, _, _| count += 1), Told::Nothing);
        databases.end_snapshot();
        assert_eq!(databases.tell_snapshot(second, slice, |_, _, _, _| count += 1), Told::Nothing);
        assert_eq!(count, 0, "given up");
    }
}
