//! What a connection is to be like.

use std::fmt;
use std::time::Duration;

use super::reply::Limits;
use crate::resp::Protocol;

/// Where to connect, as whom, and how patiently. The defaults fit a server on this machine.
#[derive(Clone, PartialEq, Eq)]
pub struct Options {
    /// A name or an address; `127.0.0.1` by default.
    pub host: String,
    /// 6379 by default.
    pub port: u16,
    /// The user that the password belongs to; without one, the server's default user.
    pub user: Option<String>,
    /// Without one, nothing is said about who we are.
    pub password: Option<String>,
    /// The numbered database; 0 by default.
    pub database: u32,
    /// What `CLIENT LIST` shows.
    pub name: Option<String>,
    /// The version to ask for, 3 by default. A server that does not know it is spoken to in 2.
    pub protocol: Protocol,
    /// How long it may take until a connection is ready for use, all in all; 5 seconds by default.
    pub connect_timeout: Duration,
    /// How long a reply may take; 5 seconds by default. `None` waits for ever.
    pub reply_timeout: Option<Duration>,
    /// After so much silence a [`Subscriber`](super::Subscriber) asks the server for a sign of life,
    /// and after as much again takes the connection for lost; 30 seconds by default.
    pub keep_alive: Option<Duration>,
    /// The pause before the first attempt to connect again; 50 ms by default. It doubles with each
    /// attempt that fails. Between half of it and all of it is waited, at random, so that the
    /// clients of a server that restarts do not come back all at once.
    pub first_pause: Duration,
    /// The longest such pause; 2 seconds by default.
    pub longest_pause: Duration,
    /// How large replies may be.
    pub limits: Limits,
}

impl Options {
    /// The defaults, with this server.
    pub fn new(host: impl Into<String>, port: u16) -> Options {
        Options { host: host.into(), port, ..Options::default() }
    }

    /// The server's place, for messages.
    pub fn address(&self) -> String {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        if bare.contains(':') {
            format!("[{bare}]:{}", self.port)
        } else {
            format!("{bare}:{}", self.port)
        }
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            host: "127.0.0.1".to_owned(),
            port: 6379,
            user: None,
            password: None,
            database: 0,
            name: None,
            protocol: Protocol::Resp3,
            connect_timeout: Duration::from_secs(5),
            reply_timeout: Some(Duration::from_secs(5)),
            keep_alive: Some(Duration::from_secs(30)),
            first_pause: Duration::from_millis(50),
            longest_pause: Duration::from_secs(2),
            limits: Limits::default(),
        }
    }
}

/// Without the password.
impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("address", &self.address())
            .field("user", &self.user)
            .field("database", &self.database)
            .field("name", &self.name)
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn a_password_is_not_shown() {
        let options = Options { password: Some("secret".into()), ..Options::new("::1", 7000) };
        let shown = format!("{options:?}");
        assert!(shown.contains("[::1]:7000"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
