//! Why a task has no result.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The task did not come to its end: it panicked, or it was aborted.
pub struct JoinError {
    cause: Cause,
    /// What the task is called, if it has a name. Boxed, because errors are rare and small results are not.
    name: Option<Box<Arc<str>>>,
}

enum Cause {
    Cancelled,
    Panicked(Box<dyn Any + Send>),
}

impl JoinError {
    pub(crate) fn cancelled() -> JoinError {
        JoinError { cause: Cause::Cancelled, name: None }
    }

    pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> JoinError {
        JoinError { cause: Cause::Panicked(payload), name: None }
    }

    /// The same, of a task with this name.
    pub(crate) fn of_task(mut self, name: Option<Arc<str>>) -> JoinError {
        self.name = name.map(Box::new);
        self
    }

    /// What the task was called, if it had a name.
    pub fn task_name(&self) -> Option<&str> {
        self.name.as_ref().map(|name| &***name)
    }

    /// Whether the task was aborted, or went down with its runtime.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.cause, Cause::Cancelled)
    }

    /// Whether the task panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self.cause, Cause::Panicked(_))
    }

    /// What the task panicked with, for `std::panic::resume_unwind` or a look.
    ///
    /// # Errors
    /// Itself, where the task was cancelled.
    pub fn into_panic(self) -> Result<Box<dyn Any + Send>, JoinError> {
        match self.cause {
            Cause::Panicked(payload) => Ok(payload),
            cause @ Cause::Cancelled => Err(JoinError { cause, ..self }),
        }
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task ")?;
        if let Some(name) = self.task_name() {
            write!(f, "`{name}` ")?;
        }
        let payload = match &self.cause {
            Cause::Cancelled => return f.write_str("was cancelled"),
            Cause::Panicked(payload) => payload,
        };
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
