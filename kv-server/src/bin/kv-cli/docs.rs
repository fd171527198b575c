//! What the server says about its commands, for completion, hints and help.

use std::collections::BTreeMap;

use kv_server::client::Value;
use kv_server::client::blocking::Client;

/// All commands by name, in capitals; a subcommand's name is two words.
#[derive(Debug, Default)]
pub(crate) struct Docs {
    commands: BTreeMap<String, Doc>,
}

/// One command.
#[derive(Debug, Default)]
pub(crate) struct Doc {
    pub(crate) summary: String,
    /// Each argument as one would write it: `key`, `[EX seconds]`. Empty if the server does not say.
    pub(crate) arguments: Vec<String>,
}

impl Docs {
    /// Asks the server. One that does not know the question leaves the table empty.
    pub(crate) fn ask(client: &mut Client) -> Docs {
        let mut docs = Docs::default();
        if let Some(pairs) = client.call(["COMMAND", "DOCS"]).ok().and_then(Value::into_pairs) {
            docs.add_all(pairs);
        }
        docs
    }

    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    fn add_all(&mut self, pairs: Vec<(Value, Value)>) {
        for (name, about) in pairs {
            let mut doc = Doc::default();
            for (field, value) in about.into_pairs().unwrap_or_default() {
                match field.as_bytes() {
                    Some(b"summary") => doc.summary = text(&value),
                    Some(b"arguments") => doc.arguments = arguments(&value),
                    Some(b"subcommands") => self.add_all(value.into_pairs().unwrap_or_default()),
                    _ => {}
                }
            }
            self.commands.insert(text(&name).replace('|', " ").to_uppercase(), doc);
        }
    }

    /// The command that a line begins with, two words if there is such a one, and how long its name
    /// is in the line.
    pub(crate) fn find(&self, line: &str) -> Option<(usize, &Doc)> {
        let mut ends = line.match_indices(' ').map(|(at, _)| at).chain([line.len()]);
        let (first, second) = (ends.next()?, ends.next());
        let known = |end: usize| {
            let name = line.get(..end)?.to_uppercase();
            self.commands.get(&name).map(|doc| (end, doc))
        };
        second.and_then(known).or_else(|| known(first))
    }

    /// The names that begin with what is typed, and no more words than that.
    pub(crate) fn completions(&self, typed: &str) -> Vec<&str> {
        let capitals = typed.to_uppercase();
        let words = typed.matches(' ').count();
        let names = self.commands.range(capitals.clone()..).map(|(name, _)| name.as_str());
        let begun = names.take_while(|name| name.starts_with(&capitals));
        begun.filter(|name| name.matches(' ').count() == words).collect()
    }
}

fn text(value: &Value) -> String {
    String::from_utf8_lossy(value.as_bytes().unwrap_or_default()).into_owned()
}

fn arguments(value: &Value) -> Vec<String> {
    value.as_elements().unwrap_or_default().iter().map(argument).collect()
}

/// One argument as it would be written. The depth is bounded by the parser's limit.
fn argument(value: &Value) -> String {
    let (mut name, mut token, mut kind) = (String::new(), String::new(), String::new());
    let (mut flags, mut parts) = (Vec::new(), Vec::new());
    for (field, value) in value.clone().into_pairs().unwrap_or_default() {
        match field.as_bytes() {
            Some(b"name") => name = text(&value),
            Some(b"token") => token = text(&value),
            Some(b"type") => kind = text(&value),
            Some(b"flags") => {
                flags = value.as_elements().unwrap_or_default().iter().map(text).collect();
            }
            Some(b"arguments") => parts = arguments(&value),
            _ => {}
        }
    }
    let is = |flag: &str| flags.iter().any(|one| one == flag);
    let mut written = match kind.as_str() {
        "oneof" => parts.join("|"),
        "block" => parts.join(" "),
        "pure-token" => String::new(),
        _ => name,
    };
    if is("multiple") {
        written = format!("{written} [{written} ...]");
    }
    let mut whole = [token, written].join(" ").trim().to_owned();
    if is("optional") {
        whole = format!("[{whole}]");
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::{Docs, Value};

    fn bulk(text: &str) -> Value {
        Value::Bulk(text.into())
    }

    /// A list of names and values, as version 2 sends maps.
    fn map(pairs: &[(&str, Value)]) -> Value {
        Value::Array(pairs.iter().flat_map(|(name, value)| [bulk(name), value.clone()]).collect())
    }

    fn docs() -> Docs {
        let argument = |name: &str, more: &[(&str, Value)]| {
            map(&[&[("name", bulk(name)), ("type", bulk("string"))], more].concat())
        };
        let flags = |flag: &str| ("flags", Value::Set(vec![Value::Status(flag.into())]));
        let choice = map(&[
            ("name", bulk("condition")),
            ("type", bulk("oneof")),
            flags("optional"),
            (
                "arguments",
                Value::Array(vec![
                    map(&[("type", bulk("pure-token")), ("token", bulk("NX"))]),
                    argument("seconds", &[("token", bulk("EX"))]),
                ]),
            ),
        ]);
        let set = map(&[
            ("summary", bulk("Sets")),
            (
                "arguments",
                Value::Array(vec![
                    argument("key", &[]),
                    argument("value", &[flags("multiple")]),
                    choice,
                ]),
            ),
        ]);
        let list = map(&[("summary", bulk("Lists"))]);
        let client = map(&[("subcommands", map(&[("client|list", list)]))]);
        let all = map(&[("set", set), ("setex", map(&[])), ("client", client)]);
        let mut docs = Docs::default();
        docs.add_all(all.into_pairs().expect("an even number of elements"));
        docs
    }

    #[test]
    fn arguments_are_written_as_one_would_type_them() {
        let docs = docs();
        let (length, doc) = docs.find("set a b").expect("known");
        assert_eq!((length, doc.summary.as_str()), (3, "Sets"));
        assert_eq!(doc.arguments, ["key", "value [value ...]", "[NX|EX seconds]"]);
    }

    #[test]
    fn names_are_found_and_completed_in_any_case() {
        let docs = docs();
        assert_eq!(docs.completions("se"), ["SET", "SETEX"]);
        assert_eq!(docs.completions("c"), ["CLIENT"]);
        assert_eq!(docs.completions("client L"), ["CLIENT LIST"]);
        assert_eq!(docs.completions("x"), [""; 0]);
        assert_eq!(docs.find("Client list x").map(|(length, _)| length), Some(11));
        assert_eq!(docs.find("client kill").map(|(length, _)| length), Some(6));
        assert!(docs.find("").is_none());
    }
}
