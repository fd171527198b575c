//! What a subscribed connection receives, in either version of the protocol.

use super::reply::Malformed;
use super::value::{ServerError, Value};

/// A message that somebody published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The pattern by which it came, if it came by one.
    pub pattern: Option<Vec<u8>>,
    /// The channel on which it was published.
    pub channel: Vec<u8>,
    /// What was published.
    pub payload: Vec<u8>,
}

/// The four commands that change what is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Subscribe,
    Psubscribe,
    Unsubscribe,
    Punsubscribe,
}

impl Kind {
    const ALL: [Kind; 4] =
        [Kind::Subscribe, Kind::Psubscribe, Kind::Unsubscribe, Kind::Punsubscribe];

    /// The command's name, which its confirmations begin with too.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Subscribe => "subscribe",
            Kind::Psubscribe => "psubscribe",
            Kind::Unsubscribe => "unsubscribe",
            Kind::Punsubscribe => "punsubscribe",
        }
    }

    pub(super) fn is_leaving(self) -> bool {
        matches!(self, Kind::Unsubscribe | Kind::Punsubscribe)
    }

    pub(super) fn is_of_patterns(self) -> bool {
        matches!(self, Kind::Psubscribe | Kind::Punsubscribe)
    }
}

/// What arrived.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    Message(Message),
    /// One name of a command of this kind.
    Confirmed(Kind),
    /// The answer to a `PING`.
    Alive,
    /// A command was refused.
    Refused(ServerError),
}

/// Understands what a subscribed connection receives.
pub(super) fn understand(value: Value) -> Result<Incoming, Malformed> {
    let elements = match value {
        Value::Error(error) => return Ok(Incoming::Refused(error)),
        Value::Status(text) if text == b"PONG" => return Ok(Incoming::Alive),
        Value::Push(elements) | Value::Array(elements) => elements,
        _ => return Err(Malformed::Unasked),
    };
    let kind = elements.first().and_then(Value::as_bytes).ok_or(Malformed::Unasked)?;
    if let Some(kind) = Kind::ALL.into_iter().find(|known| known.name().as_bytes() == kind) {
        return Ok(Incoming::Confirmed(kind));
    }
    let [pattern, texts @ ..] = match kind {
        b"pong" => return Ok(Incoming::Alive),
        b"message" => [None, text(&elements, 1), text(&elements, 2)],
        b"pmessage" => [text(&elements, 1), text(&elements, 2), text(&elements, 3)],
        _ => return Err(Malformed::Unasked),
    };
    let patterned = kind == b"pmessage";
    match (pattern, texts) {
        (pattern, [Some(channel), Some(payload)]) if pattern.is_some() == patterned => {
            Ok(Incoming::Message(Message { pattern, channel, payload }))
        }
        _ => Err(Malformed::Unasked),
    }
}

fn text(elements: &[Value], index: usize) -> Option<Vec<u8>> {
    elements.get(index).and_then(Value::as_bytes).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::{Incoming, Kind, Malformed, Message, Value, understand};

    fn push(texts: &[&str]) -> Value {
        Value::Push(texts.iter().map(|text| Value::Bulk(text.as_bytes().to_vec())).collect())
    }

    #[test]
    fn messages_confirmations_and_signs_of_life_are_told_apart() {
        let by_channel = Message { pattern: None, channel: b"c".to_vec(), payload: b"p".to_vec() };
        let by_pattern = Message { pattern: Some(b"*".to_vec()), ..by_channel.clone() };
        for (texts, expected) in [
            (&["message", "c", "p"][..], Incoming::Message(by_channel)),
            (&["pmessage", "*", "c", "p"], Incoming::Message(by_pattern)),
            (&["subscribe", "c"], Incoming::Confirmed(Kind::Subscribe)),
            (&["punsubscribe", "c"], Incoming::Confirmed(Kind::Punsubscribe)),
            (&["pong", ""], Incoming::Alive),
        ] {
            assert_eq!(understand(push(texts)), Ok(expected), "{texts:?}");
        }
    }

    #[test]
    fn what_has_not_its_parts_is_refused() {
        for texts in [
            &[][..],
            &["message"],
            &["message", "c"],
            &["pmessage", "*", "c"],
            &["something", "else"],
        ] {
            assert_eq!(understand(push(texts)), Err(Malformed::Unasked), "{texts:?}");
        }
        assert_eq!(understand(Value::Integer(1)), Err(Malformed::Unasked));
    }
}
