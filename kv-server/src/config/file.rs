//! The file of settings, in the syntax of redis.conf: a directive a line, words as a shell would
//! quote them, `#` before remarks, `include` for further files.
//!
//! A directive that nobody knows is an error that names file and line. One that Redis has and this
//! server has no use for is noted, so that a file which was written for Redis can be used as it is;
//! but not one whose neglect would open a door ([`super::redis`]).

use std::fs;
use std::path::Path;

use super::redis::{Known, known};
use super::{Config, Setting, setting};
use crate::resp::inline;

/// How deep files may include each other.
const DEPTH: usize = 16;

/// Reads settings from the file at `path`, and remembers it in [`Config::file`]. What is worth a
/// warning.
///
/// # Errors
/// What is wrong, with the file's name and the line. `config` may have changed in part.
pub fn load(path: &Path, config: &mut Config) -> Result<Option<String>, String> {
    let text = read(path)?;
    let mut unused = Vec::new();
    apply(&text, &path.display().to_string(), config, &mut unused, 0)?;
    config.file = Some(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    unused.sort_unstable();
    unused.dedup();
    let note = || format!("{}: not used by this server: {}", path.display(), unused.join(", "));
    Ok((!unused.is_empty()).then(note))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Applies the directives of `text`, which is called `name`.
pub(super) fn apply(
    text: &str,
    name: &str,
    config: &mut Config,
    unused: &mut Vec<String>,
    depth: usize,
) -> Result<(), String> {
    for (index, line) in text.lines().enumerate() {
        let wrong = |what: String| format!("{name}, line {}: {what}: {}", index + 1, line.trim());
        let Some(directive) = Directive::parse(line).map_err(&wrong)? else { continue };
        let Directive { name: directive, words } = directive;
        if directive == "include" {
            let [path] = &words[..] else { return Err(wrong("include takes one path".into())) };
            if depth == DEPTH {
                return Err(wrong(format!("more than {DEPTH} files include each other")));
            }
            let text = read(Path::new(path)).map_err(&wrong)?;
            apply(&text, path, config, unused, depth + 1)?;
        } else if directive == "rename-command" {
            disable(&words, config).map_err(&wrong)?;
        } else if let Some(setting) = setting(directive.as_bytes()) {
            let value = joined(setting, &words).map_err(&wrong)?;
            (setting.set)(config, &value).map_err(&wrong)?;
        } else {
            match known(&directive, words.first().map_or("", String::as_str)) {
                Known::Unused => unused.push(directive),
                Known::Refused => {
                    return Err(wrong("this server does not do what that asks for".into()));
                }
                Known::No => return Err(wrong("there is no such setting".into())),
            }
        }
    }
    Ok(())
}

/// `rename-command NAME ""` takes a command away. Other names for commands there are not.
fn disable(words: &[String], config: &mut Config) -> Result<(), String> {
    match words {
        [name, new] if new.is_empty() => {
            config.disabled.push(name.to_ascii_lowercase());
            Ok(())
        }
        _ => Err("rename-command takes a command and \"\"".into()),
    }
}

/// One line that is no remark.
pub(super) struct Directive {
    /// In lower case.
    pub(super) name: String,
    pub(super) words: Vec<String>,
}

impl Directive {
    /// `None` for a line that says nothing.
    pub(super) fn parse(line: &str) -> Result<Option<Directive>, String> {
        let line = line.trim();
        if line.starts_with('#') {
            return Ok(None);
        }
        let (mut bytes, mut spans) = (Vec::new(), Vec::new());
        inline::split(line.as_bytes(), &mut bytes, |start, length| spans.push((start, length)))
            .map_err(|_| "unbalanced quotes".to_owned())?;
        let word = |(start, length): (usize, usize)| {
            let bytes = bytes[start..start + length].to_vec();
            String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())
        };
        let mut words = spans.into_iter().map(word).collect::<Result<Vec<String>, String>>()?;
        if words.is_empty() {
            return Ok(None);
        }
        let name = words.remove(0).to_ascii_lowercase();
        Ok(Some(Directive { name, words }))
    }
}

/// The value that these words are.
pub(super) fn joined(setting: &Setting, words: &[String]) -> Result<String, String> {
    match words {
        [] => Err("the value is missing".into()),
        [word] => Ok(word.clone()),
        _ if setting.words => Ok(words.join(" ")),
        _ => Err("more than one value; one with blanks needs quotes".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, apply};

    fn applied(text: &str) -> Result<(Config, Vec<String>), String> {
        let (mut config, mut unused) = (Config::default(), Vec::new());
        apply(text, "test.conf", &mut config, &mut unused, 0)?;
        Ok((config, unused))
    }

    #[test]
    fn directives_are_words_with_quotes_and_remarks_are_skipped() {
        let text = "# a remark\n\n  PORT 7777\ntimeout \"60\" \nbind 127.0.0.1 -::1\n\
                    client-output-buffer-limit pubsub 2mb 1mb 5\nlogfile 'a b.log'\r\n";
        let (config, unused) = applied(text).expect("a sound file");
        assert_eq!((config.bind.port(), config.bind_also.len()), (7777, 1));
        assert_eq!(config.timeout.map(|timeout| timeout.as_secs()), Some(60));
        assert_eq!(config.pubsub_limit.hard, 2 << 20);
        assert_eq!(config.log_file.as_deref(), Some("a b.log".as_ref()));
        assert_eq!(unused, [""; 0]);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (line, what) in [
            ("prot 6379", "there is no such setting"),
            ("port", "the value is missing"),
            ("port 1 2", "more than one value"),
            ("port many", "couldn't be parsed"),
            ("port \"1", "unbalanced quotes"),
            ("maxmemory 1zb", "memory value"),
            ("include /does/not/exist.conf", "cannot read /does/not/exist.conf"),
            ("rename-command CONFIG none", "takes a command and"),
        ] {
            let error = applied(&format!("# first\n{line}\n")).expect_err(line);
            assert!(error.starts_with("test.conf, line 2: "), "{error}");
            assert!(error.contains(what) && error.ends_with(line), "{error}");
        }
    }

    #[test]
    fn what_redis_has_and_we_do_not_is_noted_unless_it_protects() {
        let text = "hz 10\ntls-port 0\ndaemonize no\nrdbcompression yes\n";
        let (config, unused) = applied(text).expect("a sound file");
        assert_eq!(config, Config::default());
        assert_eq!(unused, ["hz", "tls-port", "daemonize", "rdbcompression"]);
        for line in ["tls-port 6380", "replicaof 127.0.0.1 6379", "aclfile users.acl"] {
            assert!(applied(line).is_err(), "{line}");
        }
    }
}
