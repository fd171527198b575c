//! What is said before a connection is of use.
//!
//! ```text
//!  version 3:  HELLO 3 [AUTH …] [SETNAME …] ──► SELECT n ──► ready
//!                   │ unknown, or no such version
//!                   ▼
//!  version 2:  [AUTH …] ──► [CLIENT SETNAME …] ──► SELECT n ──► ready
//! ```
//!
//! One question at a time and no socket in it, so that it serves both faces of the client.

use std::collections::VecDeque;

use super::command::Command;
use super::error::Error;
use super::options::Options;
use super::value::{ServerError, Value};
use crate::resp::Protocol;

/// What is still to be said.
pub(super) struct Handshake<'a> {
    options: &'a Options,
    steps: VecDeque<Step>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Hello,
    Auth,
    Name,
    Select,
}

impl Handshake<'_> {
    pub(super) fn new(options: &Options) -> Handshake<'_> {
        let mut handshake = Handshake { options, steps: VecDeque::new() };
        match options.protocol {
            Protocol::Resp3 => handshake.steps.push_back(Step::Hello),
            Protocol::Resp2 => handshake.introduce(),
        }
        if options.database != 0 {
            handshake.steps.push_back(Step::Select);
        }
        handshake
    }

    /// The next question; `None` when all is said.
    pub(super) fn question(&self) -> Option<Command> {
        let options = self.options;
        let password = options.password.as_deref();
        Some(match self.steps.front()? {
            Step::Hello => {
                let mut hello = Command::new("HELLO").number(Protocol::Resp3.number());
                if let Some(password) = password {
                    let user = options.user.as_deref().unwrap_or("default");
                    hello = hello.arg("AUTH").arg(user).arg(password);
                }
                match &options.name {
                    Some(name) => hello.arg("SETNAME").arg(name),
                    None => hello,
                }
            }
            Step::Auth => {
                let user = options.user.iter();
                Command::new("AUTH").args(user).arg(password.unwrap_or_default())
            }
            Step::Name => {
                Command::new("CLIENT").arg("SETNAME").arg(options.name.as_deref().unwrap_or(""))
            }
            Step::Select => Command::new("SELECT").number(options.database.into()),
        })
    }

    /// Takes the answer to the last question.
    ///
    /// # Errors
    /// If the server refuses; the connection is then of no use.
    pub(super) fn answer(&mut self, answer: Value) -> Result<(), Error> {
        // What no question asked for is no answer.
        if matches!(answer, Value::Push(_)) {
            return Ok(());
        }
        let step = self.steps.pop_front();
        match answer {
            Value::Error(error) if step == Some(Step::Hello) && is_old(&error) => self.introduce(),
            Value::Error(error) => return Err(error.into()),
            _ => {}
        }
        Ok(())
    }

    /// What `HELLO` says in one, in the words of version 2.
    fn introduce(&mut self) {
        if self.options.name.is_some() {
            self.steps.push_front(Step::Name);
        }
        if self.options.password.is_some() {
            self.steps.push_front(Step::Auth);
        }
    }
}

/// Whether the server knows no `HELLO`, or no version 3.
fn is_old(error: &ServerError) -> bool {
    error.code() == "NOPROTO" || error.text().starts_with("ERR unknown command")
}

#[cfg(test)]
mod tests {
    use super::{Error, Handshake, Options, Protocol, ServerError, Value};

    /// The questions asked where each is answered so.
    fn questions(options: &Options, answers: &[&str]) -> Result<Vec<String>, Error> {
        let mut handshake = Handshake::new(options);
        let mut answers = answers.iter();
        let mut asked = Vec::new();
        while let Some(question) = handshake.question() {
            let mut bytes = Vec::new();
            question.encode(&mut bytes);
            let text = String::from_utf8(bytes).expect("text");
            let is_word = |line: &&str| !line.starts_with(['*', '$']);
            asked.push(text.lines().filter(is_word).collect::<Vec<_>>().join(" "));
            let answer = *answers.next().expect("an answer to each question");
            handshake.answer(match answer.strip_prefix('-') {
                Some(error) => Value::Error(ServerError::new(error.as_bytes())),
                None => Value::Status(answer.into()),
            })?;
        }
        assert_eq!(answers.next(), None, "a question that was not asked");
        Ok(asked)
    }

    fn full() -> Options {
        Options {
            user: Some("ann".into()),
            password: Some("secret".into()),
            name: Some("me".into()),
            database: 3,
            ..Options::default()
        }
    }

    #[test]
    fn version_3_says_all_in_one() {
        let asked = questions(&full(), &["OK", "OK"]).expect("accepted");
        assert_eq!(asked, ["HELLO 3 AUTH ann secret SETNAME me", "SELECT 3"]);
        assert_eq!(questions(&Options::default(), &["OK"]).expect("accepted"), ["HELLO 3"]);
        let anonymous = Options { user: None, ..full() };
        let asked = questions(&anonymous, &["OK", "OK"]).expect("accepted");
        assert_eq!(asked[0], "HELLO 3 AUTH default secret SETNAME me");
    }

    #[test]
    fn an_old_server_is_spoken_to_in_version_2() {
        for refusal in ["-ERR unknown command `HELLO`, with args", "-NOPROTO no such version"] {
            let asked = questions(&full(), &[refusal, "OK", "OK", "OK"]).expect("accepted");
            let rest = ["AUTH ann secret", "CLIENT SETNAME me", "SELECT 3"];
            assert_eq!(asked[1..], rest);
        }
    }

    #[test]
    fn version_2_says_nothing_that_it_need_not() {
        let plain = Options { protocol: Protocol::Resp2, ..Options::default() };
        assert_eq!(questions(&plain, &[]).expect("accepted"), [""; 0]);
        let password = Options { password: Some("p".into()), ..plain };
        assert_eq!(questions(&password, &["OK"]).expect("accepted"), ["AUTH p"]);
    }

    #[test]
    fn a_refusal_ends_it() {
        for answers in [&["-WRONGPASS no"][..], &["OK", "-ERR DB index is out of range"]] {
            let outcome = questions(&full(), answers);
            assert!(matches!(outcome, Err(Error::Server(_))), "{outcome:?}");
        }
    }
}
