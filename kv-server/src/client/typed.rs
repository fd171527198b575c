//! The commands that most programs use, with the types that they mean.
//!
//! Everything else is [`Client::call`]. All of these are cancel safe as that is, and have its
//! errors; [`Error::Unexpected`] besides, where a server answers with another type.

use std::time::Duration;

use super::command::Command;
use super::error::Error;
use super::handle::Client;
use super::value::Value;

/// What `SET` may be told besides the key and the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetOptions {
    /// When the key expires.
    pub expiry: Expiry,
    /// What must be so for the key to be set.
    pub condition: Condition,
}

/// When a key that is set expires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expiry {
    /// Never.
    #[default]
    Never,
    /// So long after it was set, to the millisecond, rounded up; at least one.
    After(Duration),
    /// When it would have anyway.
    Keep,
}

/// What must be so for a key to be set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    #[default]
    Always,
    /// The key is missing (`NX`).
    IfMissing,
    /// The key exists (`XX`).
    IfExists,
}

impl Client {
    /// Whether the server answers.
    pub async fn ping(&self) -> Result<(), Error> {
        self.call(["PING"]).await.map(drop)
    }

    /// The value of a key; `None` if it is missing.
    pub async fn get(&self, key: impl AsRef<[u8]>) -> Result<Option<Vec<u8>>, Error> {
        match self.call(Command::new("GET").arg(key)).await? {
            Value::Nil => Ok(None),
            Value::Bulk(value) => Ok(Some(value)),
            other => Err(Error::Unexpected("a string or nil", other.kind())),
        }
    }

    /// Sets a key, for ever.
    pub async fn set(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), Error> {
        self.set_with(key, value, SetOptions::default()).await.map(drop)
    }

    /// Sets a key; whether the condition held and it was set.
    pub async fn set_with(
        &self,
        key: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
        options: SetOptions,
    ) -> Result<bool, Error> {
        let mut command = Command::new("SET").arg(key).arg(value);
        command = match options.condition {
            Condition::Always => command,
            Condition::IfMissing => command.arg("NX"),
            Condition::IfExists => command.arg("XX"),
        };
        command = match options.expiry {
            Expiry::Never => command,
            Expiry::After(duration) => command.arg("PX").number(millis(duration)),
            Expiry::Keep => command.arg("KEEPTTL"),
        };
        match self.call(command).await? {
            Value::Status(_) => Ok(true),
            Value::Nil => Ok(false),
            other => Err(Error::Unexpected("a status or nil", other.kind())),
        }
    }

    /// Removes keys; how many there were. No key at all is no command, and 0.
    pub async fn del<K: AsRef<[u8]>>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<u64, Error> {
        let command = Command::new("DEL").args(keys);
        if command.len() == 1 {
            return Ok(0);
        }
        self.count(command).await
    }

    /// Adds one to a number; the sum. A missing key counts as 0.
    pub async fn incr(&self, key: impl AsRef<[u8]>) -> Result<i64, Error> {
        self.integer(Command::new("INCR").arg(key)).await
    }

    /// Adds to a number; the sum. A missing key counts as 0.
    pub async fn incr_by(&self, key: impl AsRef<[u8]>, step: i64) -> Result<i64, Error> {
        self.integer(Command::new("INCRBY").arg(key).number(step)).await
    }

    /// Lets a key expire after `duration`, to the millisecond, rounded up; whether there is one.
    pub async fn expire(&self, key: impl AsRef<[u8]>, duration: Duration) -> Result<bool, Error> {
        let command = Command::new("PEXPIRE").arg(key).number(millis(duration));
        self.integer(command).await.map(|set| set == 1)
    }

    /// Publishes a message; how many subscribers got it.
    pub async fn publish(
        &self,
        channel: impl AsRef<[u8]>,
        message: impl AsRef<[u8]>,
    ) -> Result<u64, Error> {
        self.count(Command::new("PUBLISH").arg(channel).arg(message)).await
    }

    async fn integer(&self, command: Command) -> Result<i64, Error> {
        let reply = self.call(command).await?;
        reply.as_integer().ok_or(Error::Unexpected("an integer", reply.kind()))
    }

    async fn count(&self, command: Command) -> Result<u64, Error> {
        let number = self.integer(command).await?;
        u64::try_from(number).map_err(|_| Error::Unexpected("a count", "a negative integer"))
    }
}

/// Zero would be refused, or delete the key at once, where the caller meant "very soon".
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX).max(1)
}
