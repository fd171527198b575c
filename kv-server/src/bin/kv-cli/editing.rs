//! What the line editor shows beside what is typed.

use std::borrow::Cow;

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::{Hint, Hinter};
use rustyline::validate::Validator;
use rustyline::{Context, Helper, Result};

use crate::docs::Docs;
use crate::format::GREY;

/// Completes names, and shows which arguments come next.
pub(crate) struct Editing {
    pub(crate) docs: Docs,
    pub(crate) colours: bool,
}

/// Text that is shown and never becomes part of the line.
pub(crate) struct Reminder(String);

impl Hint for Reminder {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Editing {
    type Hint = Reminder;

    fn hint(&self, line: &str, position: usize, _: &Context<'_>) -> Option<Reminder> {
        if position < line.len() {
            return None;
        }
        reminder(&self.docs, line).map(Reminder)
    }
}

/// What is still to be typed after this.
fn reminder(docs: &Docs, line: &str) -> Option<String> {
    let (name, doc) = docs.find(line)?;
    let rest = line.get(name..)?;
    let typed = rest.split_whitespace().count();
    if doc.arguments.is_empty() && typed == 0 {
        return Some(format!("  ({})", doc.summary)).filter(|_| !doc.summary.is_empty());
    }
    // A word that is not ended may still become longer.
    let ended = rest.is_empty() || rest.ends_with(' ');
    let missing = doc.arguments.get(typed..).filter(|missing| ended && !missing.is_empty())?;
    let space = if rest.ends_with(' ') { "" } else { " " };
    Some(format!("{space}{}", missing.join(" ")))
}

impl Completer for Editing {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> Result<(usize, Vec<String>)> {
        let typed = line.get(..position).unwrap_or_default();
        let small = typed.chars().any(|character| character.is_ascii_lowercase());
        let names = self.docs.completions(typed).into_iter();
        let spelt = |name: &str| if small { name.to_lowercase() } else { name.to_owned() };
        Ok((0, names.map(spelt).collect()))
    }
}

impl Highlighter for Editing {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.colours {
            Cow::Owned(format!("\x1b[{GREY}m{hint}\x1b[0m"))
        } else {
            Cow::Borrowed(hint)
        }
    }
}

impl Validator for Editing {}

impl Helper for Editing {}
