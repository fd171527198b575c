//! Commands typed at a terminal: history, completion, hints.

use std::env;
use std::path::PathBuf;

use rustyline::Editor;
use rustyline::error::ReadlineError;
use rustyline::history::{FileHistory, History};

use crate::docs::Docs;
use crate::editing::Editing;
use crate::format::write_out;
use crate::outcome::Failure;
use crate::session::{Session, tell};
use crate::words::{are_secret, is, words};

/// What `help` says.
const HELP: &str = "\
    Type a command, such as: SET greeting \"hello, world\"\n\
    Tab completes its name; grey text says what comes next; the arrows find what was typed before.\n\
    help COMMAND says what it does. SUBSCRIBE and MONITOR print until Ctrl-C.\n\
    clear clears the screen; quit, exit or Ctrl-D ends.\n";

/// Asks for one line after the other.
pub(crate) fn prompt(mut session: Session) -> Result<bool, Failure> {
    let mut editor: Editor<Editing, FileHistory> =
        Editor::new().map_err(|error| Failure::System(format!("the terminal: {error}")))?;
    let colours = session.printer().has_colours();
    editor.set_helper(Some(Editing { docs: Docs::default(), colours }));
    let history = history_file();
    if let Some(path) = &history {
        // There is none the first time.
        let _ = editor.load_history(path);
    }
    if let Err(error) = session.connect() {
        tell(&error.to_string());
    }
    loop {
        learn(&mut editor, &mut session);
        let line = match editor.readline(session.prompt().as_str()) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(true),
            Err(error) => return Err(Failure::System(format!("the terminal: {error}"))),
        };
        // Text that is pasted may have several lines.
        for line in line.lines() {
            if !enter(&mut editor, &mut session, line, history.as_ref())? {
                return Ok(true);
            }
        }
    }
}

/// Does what one line says; whether to ask for another.
fn enter(
    editor: &mut Editor<Editing, FileHistory>,
    session: &mut Session,
    line: &str,
    history: Option<&PathBuf>,
) -> Result<bool, Failure> {
    let words = match words(line.as_bytes()) {
        Ok(words) => words,
        Err(reason) => {
            tell(&format!("not sent: {reason}"));
            return Ok(true);
        }
    };
    if !are_secret(&words) {
        keep(editor, line, history);
    }
    let first = words.first();
    if is(first, "quit") || is(first, "exit") {
        return Ok(false);
    }
    if is(first, "clear") {
        editor.clear_screen().map_err(|error| Failure::System(error.to_string()))?;
    } else if is(first, "help") || is(first, "?") {
        let docs = editor.helper().map(|editing| &editing.docs);
        write_out(help(docs, &words[1..]).as_bytes()).map_err(Failure::Output)?;
    } else if first.is_some() {
        session.ask_or_tell(&words)?;
    }
    Ok(true)
}

/// Asks the server about its commands, once it can be asked.
fn learn(editor: &mut Editor<Editing, FileHistory>, session: &mut Session) {
    if let Some(editing) = editor.helper_mut()
        && editing.docs.is_empty()
        && let Some(client) = session.connected()
    {
        editing.docs = Docs::ask(client);
    }
}

/// What is known about a command.
fn help(docs: Option<&Docs>, words: &[Vec<u8>]) -> String {
    if words.is_empty() {
        return HELP.to_owned();
    }
    let name = String::from_utf8_lossy(&words.join(&b' ')).into_owned();
    match docs.and_then(|docs| docs.find(&name)) {
        Some((_, doc)) => {
            let usage = [name.to_uppercase(), doc.arguments.join(" ")].join(" ");
            format!("{}\n{}\n", usage.trim_end(), doc.summary)
        }
        None => format!("the server knows no command {name:?}\n"),
    }
}

/// Where what was typed is kept: `KVCLI_HISTFILE`, which may be empty for nowhere, or a file at home.
fn history_file() -> Option<PathBuf> {
    match env::var_os("KVCLI_HISTFILE") {
        Some(path) if path.is_empty() => None,
        Some(path) => Some(path.into()),
        None => env::home_dir().map(|home| home.join(".kvcli_history")),
    }
}

fn keep(editor: &mut Editor<Editing, FileHistory>, line: &str, path: Option<&PathBuf>) {
    let added = editor.add_history_entry(line).unwrap_or(false);
    if let Some(path) = path.filter(|_| added) {
        let saved = if editor.history().len() > 1 && path.exists() {
            editor.append_history(path)
        } else {
            editor.save_history(path)
        };
        // A history that cannot be written is not worth a word at each line.
        let _ = saved;
    }
}
