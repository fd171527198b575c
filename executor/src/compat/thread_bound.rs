//! A value that stays on its thread, behind a handle that may travel.
//!
//! ```text
//!   home thread                                    anywhere
//!   table (thread-local)   ◄── key, table's number ── ThreadBound<T>: Send + Sync
//!     7.0: TcpStream ──with──► lent to the closure, put back
//!                    ◄─ drop: at home: taken out and dropped
//!                             elsewhere: the home runtime is asked to do that
//! ```
//!
//! What a crate that demands `Send` really does on a runtime of one thread is to leave the value where
//! it is. So nothing has to move: only the handle has to be `Send`, and it is, since it is two numbers.
//! That is checked at each use instead of by the compiler, which is why this is not the way that
//! sockets are held elsewhere in this crate.
//!
//! Invariants:
//! - A value is used and dropped on its home thread alone.
//! - It is out of the table while foreign code has it, so that this code may use the table again.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use reactor::slab::{Key, Slab};

use crate::context;
use crate::handle::Handle;
use reactor::io::{AsyncRead, AsyncWrite};

/// One thread's values; `None` is one that is lent.
struct Table {
    number: u64,
    values: Slab<Option<Box<dyn Any>>>,
}

impl Table {
    fn new() -> Table {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        // Only to be different from each other: nothing is ordered by it.
        Table { number: NEXT.fetch_add(1, Ordering::Relaxed), values: Slab::new() }
    }
}

thread_local! {
    static TABLE: RefCell<Table> = RefCell::new(Table::new());
}

/// A handle to a value of one thread: `Send` and `Sync`, although the value is neither.
///
/// Used on another thread, it panics. Dropped on another thread, it has the value's own runtime drop
/// it; where that runtime is gone, or there was none when it was made, the value is dropped when its
/// thread ends.
///
/// It is for crates that ask for `Send` of what they will not move:
/// ```
/// use executor::compat::{Compat, ThreadBound};
/// use executor::net::TcpStream;
///
/// fn is_send<T: Send>() {}
/// is_send::<Compat<ThreadBound<TcpStream>>>();
/// ```
pub struct ThreadBound<T> {
    table: u64,
    key: Key,
    /// The runtime that drops the value when this is dropped elsewhere.
    home: Option<Handle>,
    value: PhantomData<fn() -> T>,
}

impl<T: 'static> ThreadBound<T> {
    /// Keeps `value` on this thread.
    pub fn new(value: T) -> ThreadBound<T> {
        let home = context::try_current().map(|core| Handle::new(core.ready.inbox()));
        let value: Box<dyn Any> = Box::new(value);
        let (table, key) = TABLE.with_borrow_mut(|table| {
            let key = table.values.insert(Some(value));
            (table.number, key)
        });
        ThreadBound { table, key, home, value: PhantomData }
    }

    /// Lends the value to `call`.
    ///
    /// # Panics
    /// On another thread than the value's; with what `call` panics with.
    #[track_caller]
    pub fn with<R>(&mut self, call: impl FnOnce(&mut T) -> R) -> R {
        let mut lent = Lent { key: self.key, value: Some(self.take()) };
        let value = lent.value.as_mut().and_then(|value| value.downcast_mut::<T>());
        call(value.expect("a value has the type that its handle was made with"))
    }

    /// Gives the value back.
    ///
    /// # Panics
    /// On another thread than the value's.
    #[track_caller]
    pub fn into_inner(self) -> T {
        let value = self.take();
        drop(self); // takes the empty place away
        *value.downcast::<T>().expect("a value has the type that its handle was made with")
    }

    #[track_caller]
    fn take(&self) -> Box<dyn Any> {
        let taken = TABLE.with_borrow_mut(|table| match table.number == self.table {
            true => table.values.get_mut(self.key).and_then(Option::take),
            false => None,
        });
        match taken {
            Some(value) => value,
            None => panic!(
                "a ThreadBound was used on another thread than its own: its value cannot follow. \
                 Poll it on the runtime's thread; `Handle::spawn_with` makes it there"
            ),
        }
    }
}

/// A value that is out of the table; dropping this puts it back, also when a panic passes by.
struct Lent {
    key: Key,
    value: Option<Box<dyn Any>>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        let value = self.value.take();
        TABLE.with_borrow_mut(|table| {
            if let Some(place) = table.values.get_mut(self.key) {
                *place = value;
            }
        });
    }
}

/// Drops a value of this thread, if this is its thread.
fn remove(number: u64, key: Key) -> bool {
    // No table: this thread is ending, and drops all that was in it.
    let removed = TABLE.try_with(|table| {
        let mut table = table.borrow_mut();
        if table.number == number { Some(table.values.remove(key)) } else { None }
    });
    match removed {
        Ok(Some(value)) => {
            drop(value); // here, where the table is not borrowed
            true
        }
        Ok(None) => false,
        Err(_) => true,
    }
}

impl<T> Drop for ThreadBound<T> {
    fn drop(&mut self) {
        let (table, key) = (self.table, self.key);
        if !remove(table, key)
            && let Some(home) = &self.home
        {
            // Where the runtime is gone this does nothing, and the thread's end does the rest.
            drop(home.spawn(async move {
                remove(table, key);
            }));
        }
    }
}

impl<T> fmt::Debug for ThreadBound<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ThreadBound({}.{}.{})", self.table, self.key.index, self.key.generation)
    }
}

impl<F: Future + Unpin + 'static> Future for ThreadBound<F> {
    type Output = F::Output;

    /// # Panics
    /// On another thread than the future's.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.get_mut().with(|future| Pin::new(future).poll(context))
    }
}

impl<T: AsyncRead + 'static> AsyncRead for ThreadBound<T> {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.with(|io| io.poll_read(context, buffer))
    }
}

impl<T: AsyncWrite + 'static> AsyncWrite for ThreadBound<T> {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.with(|io| io.poll_write(context, buffer))
    }

    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.with(|io| io.poll_write_vectored(context, buffers))
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|io| io.poll_flush(context))
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|io| io.poll_shutdown(context))
    }
}
