//! The command line, as users of redis-cli know it.

use std::env;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use clap::{ArgAction, Parser};
use kv_server::client;
use kv_server::resp::Protocol;

/// What the help ends with.
const NOTES: &str = "\
Without a command, asks for one line after the other: at a terminal with history, completion and
hints, otherwise from standard input. Quotes and escapes are those of Redis's inline commands.

Exit status: 0; 1 if a reply was an error or the connection failed; 2 if the command line is wrong.

Environment: REDISCLI_AUTH, a password; NO_COLOR, for no colours; KVCLI_HISTFILE, where to keep what
was typed, empty for nowhere (default: .kvcli_history at home; passwords are never kept).";

/// Talks to a kv-server, or to any other that speaks Redis's protocol
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, disable_help_flag = true, after_help = NOTES)]
pub(crate) struct Options {
    /// The server's host
    #[arg(long, short = 'h', default_value = "127.0.0.1")]
    host: String,

    /// The server's port
    #[arg(long, short, default_value_t = 6379)]
    port: u16,

    /// The user that the password belongs to; the server's default user otherwise
    #[arg(long, requires = "pass")]
    user: Option<String>,

    /// The password; safer in REDISCLI_AUTH, as others can list this process with its arguments
    #[arg(long, short = 'a', visible_alias = "password")]
    pass: Option<String>,

    /// The numbered database
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 0)]
    db: u32,

    /// Speak version 3 of the protocol
    #[arg(short = '3', conflicts_with = "two")]
    three: bool,

    /// Speak version 2, the default, also with --json
    #[arg(short = '2')]
    two: bool,

    /// Read the last argument from standard input
    #[arg(short = 'x', requires = "command")]
    last_from_input: bool,

    /// Send the command so many times; -1 is without end
    #[arg(long, short, value_name = "TIMES", default_value_t = 1, allow_negative_numbers = true,
          value_parser = clap::value_parser!(i64).range(-1..))]
    pub(crate) repeat: i64,

    /// Seconds between two of these, such as 0.5
    #[arg(long, short, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    pub(crate) interval: Duration,

    /// Print replies as they are; the default where the output is no terminal
    #[arg(long, conflicts_with = "no_raw")]
    pub(crate) raw: bool,

    /// Print replies with their types; the default at a terminal
    #[arg(long)]
    pub(crate) no_raw: bool,

    /// Print replies as JSON, one a line; speaks version 3 of the protocol
    #[arg(long, conflicts_with_all = ["raw", "no_raw"])]
    pub(crate) json: bool,

    /// Send standard input as it is, protocol or inline commands, and count the replies
    #[arg(long, conflicts_with_all = ["command", "subscribe"])]
    pipe: bool,

    /// With --pipe: give up if nothing comes for so many seconds after all is sent; 0 is never
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pipe_timeout: Duration,

    /// Print what is published on these channels until Ctrl-C; connects again if need be
    #[arg(long, value_name = "CHANNEL", num_args = 1.., conflicts_with = "command")]
    subscribe: Vec<OsString>,

    /// Nothing is warned of, so this changes nothing
    #[arg(long, hide = true)]
    no_auth_warning: bool,

    /// The exit status tells of errors anyway
    #[arg(short = 'e', hide = true)]
    exit_status: bool,

    /// Print this help
    #[arg(long, action = ArgAction::HelpShort)]
    help: Option<bool>,

    /// A command and its arguments, such as: SET greeting hello
    #[arg(trailing_var_arg = true)]
    command: Vec<OsString>,
}

/// What to do.
pub(crate) enum Mode {
    /// One command, perhaps with its last argument from the input.
    Once(Vec<Vec<u8>>),
    /// One line after the other.
    Interact,
    /// All of the input; how long the last reply may take.
    Pipe(Option<Duration>),
    /// These channels.
    Listen(Vec<Vec<u8>>),
}

impl Options {
    pub(crate) fn mode(&self) -> Mode {
        let bytes = |words: &[OsString]| words.iter().cloned().map(OsString::into_vec).collect();
        if self.pipe {
            Mode::Pipe(Some(self.pipe_timeout).filter(|timeout| !timeout.is_zero()))
        } else if !self.subscribe.is_empty() {
            Mode::Listen(bytes(&self.subscribe))
        } else if self.command.is_empty() {
            Mode::Interact
        } else {
            Mode::Once(bytes(&self.command))
        }
    }

    /// Whether the command's last argument is to be read from the input.
    pub(crate) fn last_is_input(&self) -> bool {
        self.last_from_input
    }

    /// Where to connect, and as whom.
    pub(crate) fn place(&self) -> client::Options {
        let from_environment = || env::var("REDISCLI_AUTH").ok();
        let three = self.three || (self.json && !self.two);
        client::Options {
            user: self.user.clone(),
            password: self.pass.clone().or_else(from_environment),
            database: self.db,
            protocol: if three { Protocol::Resp3 } else { Protocol::Resp2 },
            // Whoever asks decides how long to wait: Ctrl-C ends it.
            reply_timeout: None,
            ..client::Options::new(&self.host, self.port)
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map_err(|_| "must be a number of seconds, such as 0.5")?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Mode, Options, Protocol};
    use clap::{CommandFactory, Parser};

    fn parse(arguments: &[&str]) -> Result<Options, clap::Error> {
        Options::try_parse_from([&["kv-cli"], arguments].concat())
    }

    #[test]
    fn the_definition_is_sound() {
        Options::command().debug_assert();
    }

    #[test]
    fn everything_after_the_commands_name_belongs_to_it() {
        let options = parse(&["-p", "7000", "-3", "SET", "-p", "--raw", "-1"]).expect("valid");
        assert_eq!(options.place().port, 7000);
        assert_eq!(options.place().protocol, Protocol::Resp3);
        assert!(!options.raw);
        let Mode::Once(words) = options.mode() else { panic!("a command was given") };
        assert_eq!(words, [&b"SET"[..], b"-p", b"--raw", b"-1"]);
    }

    #[test]
    fn the_options_of_redis_cli_mean_the_same() {
        let options = parse(&["-h", "::1", "-a", "secret", "-n", "3", "--json", "PING"]);
        let options = options.expect("valid");
        let place = options.place();
        assert_eq!(place.address(), "[::1]:6379");
        assert_eq!((place.password.as_deref(), place.database), (Some("secret"), 3));
        assert_eq!(place.protocol, Protocol::Resp3);
        let options = parse(&["-r", "-1", "-i", "0.25", "PING"]).expect("valid");
        assert_eq!((options.repeat, options.interval.as_millis()), (-1, 250));
        assert!(matches!(parse(&["--subscribe", "a", "b"]).expect("valid").mode(),
            Mode::Listen(channels) if channels.len() == 2));
    }

    #[test]
    fn a_wrong_command_line_is_refused_with_status_2() {
        for arguments in [
            &["--nonsense"][..],
            &["-p", "70000", "PING"],
            &["-n", "-1", "PING"],
            &["-i", "soon", "PING"],
            &["-i", "-1", "PING"],
            &["--raw", "--json", "PING"],
            &["--pipe", "PING"],
            &["-x"],
            &["--user", "ann", "PING"],
        ] {
            let error = parse(arguments).expect_err("refused");
            assert_eq!(error.exit_code(), 2, "{arguments:?}");
        }
    }
}
