//! Why a task has no result.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The task did not come to its end: it panicked, or it was aborted.
///
/// As large as a pointer: errors are rare, and what is kept for one lies in a box; results are not, and
/// lie beside it in each task.
pub struct JoinError(Option<Box<Details>>);

/// What there is to say of a task that was not just cancelled, or that has a name.
#[derive(Default)]
struct Details {
    /// `None`: it was cancelled.
    payload: Option<Box<dyn Any + Send>>,
    name: Option<Arc<str>>,
}

impl JoinError {
    pub(crate) fn cancelled() -> JoinError {
        JoinError(None)
    }

    pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> JoinError {
        JoinError(Some(Box::new(Details { payload: Some(payload), name: None })))
    }

    /// The same, of a task with this name.
    pub(crate) fn of_task(mut self, name: Option<Arc<str>>) -> JoinError {
        if name.is_some() {
            self.0.get_or_insert_default().name = name;
        }
        self
    }

    /// What the task was called, if it had a name.
    pub fn task_name(&self) -> Option<&str> {
        self.0.as_ref()?.name.as_deref()
    }

    /// Whether the task was aborted, or went down with its runtime.
    pub fn is_cancelled(&self) -> bool {
        self.payload().is_none()
    }

    /// Whether the task panicked.
    pub fn is_panic(&self) -> bool {
        self.payload().is_some()
    }

    fn payload(&self) -> Option<&(dyn Any + Send)> {
        self.0.as_ref()?.payload.as_deref()
    }

    /// What the task panicked with, for `std::panic::resume_unwind` or a look.
    ///
    /// # Errors
    /// Itself, where the task was cancelled.
    pub fn into_panic(mut self) -> Result<Box<dyn Any + Send>, JoinError> {
        let payload = self.0.as_mut().and_then(|details| details.payload.take());
        payload.ok_or(self)
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task ")?;
        if let Some(name) = self.task_name() {
            write!(f, "`{name}` ")?;
        }
        let Some(payload) = self.payload() else { return f.write_str("was cancelled") };
        let text = payload.downcast_ref::<&str>().copied();
        match text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)) {
            Some(text) => write!(f, "panicked: {text}"),
            None => f.write_str("panicked"),
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinError({self})")
    }
}

impl Error for JoinError {}
