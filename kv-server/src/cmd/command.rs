//! What is known of a command, apart from what it does.
//!
//! A row says everything that the dispatcher checks before the command runs and all that `COMMAND`
//! tells about it; both read the same row, so neither can be wrong alone.

use super::{Call, Outcome};
use crate::resp::Arguments;

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Command {
    /// In lower case; a subcommand's has its container's before it: `client|kill`.
    pub(crate) name: &'static str,
    /// How many arguments, the name included; negative: at least so many.
    pub(crate) arity: i32,
    pub(crate) flags: Flags,
    /// The categories that do not follow from the flags.
    pub(crate) categories: &'static [&'static str],
    /// Where the keys are; most commands that have any have them in one place.
    pub(crate) keys: [Option<Keys>; 2],
    /// Hints for clients that spread commands over several servers.
    pub(crate) tips: &'static [&'static str],
    /// The version of Redis that had it first.
    pub(crate) since: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) subcommands: &'static [Command],
    pub(crate) run: fn(&mut Call<'_>, Arguments<'_>) -> Outcome,
}

/// Which arguments are keys, and what happens to them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys {
    /// The first key's index.
    pub(crate) first: i32,
    /// The last one's; negative: counted from the end.
    pub(crate) last: i32,
    /// The distance from one to the next.
    pub(crate) step: i32,
    pub(crate) access: &'static [&'static str],
    pub(crate) note: Option<&'static str>,
}

/// A set of properties, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flags(u32);

/// No property at all.
pub(crate) const NONE: Flags = Flags(0);
/// It changes data.
pub(crate) const WRITE: Flags = Flags(1);
/// It reads data.
pub(crate) const READONLY: Flags = Flags(1 << 1);
/// It may need more memory.
pub(crate) const DENYOOM: Flags = Flags(1 << 2);
/// It is for who runs the server.
pub(crate) const ADMIN: Flags = Flags(1 << 3);
/// It belongs to publish and subscribe.
pub(crate) const PUBSUB: Flags = Flags(1 << 4);
/// Scripts may not call it.
pub(crate) const NOSCRIPT: Flags = Flags(1 << 5);
/// It works while data is being loaded.
pub(crate) const LOADING: Flags = Flags(1 << 6);
/// It works on a replica that has lost its primary.
pub(crate) const STALE: Flags = Flags(1 << 7);
/// It takes constant or logarithmic time.
pub(crate) const FAST: Flags = Flags(1 << 8);
/// It works before a password was given.
pub(crate) const NO_AUTH: Flags = Flags(1 << 9);
/// It works while a script runs for too long.
pub(crate) const ALLOW_BUSY: Flags = Flags(1 << 10);
/// It cannot be a part of a transaction.
pub(crate) const NO_MULTI: Flags = Flags(1 << 12);
/// It is never noted as slow.
pub(crate) const SKIP_SLOWLOG: Flags = Flags(1 << 13);
/// It does not work while data is being loaded in the background.
pub(crate) const NO_ASYNC_LOADING: Flags = Flags(1 << 14);
/// A RESP2 client may call it while it is subscribed. For the dispatcher; `COMMAND` hides it.
pub(crate) const WHILE_SUBSCRIBED: Flags = Flags(1 << 11);
/// It takes as long as a fast one, though Redis does not call it so. For the clock; `COMMAND` hides it.
pub(crate) const BRIEF: Flags = Flags(1 << 16);

/// What works at any time: while loading, and while stale.
pub(crate) const ALWAYS: Flags = LOADING.and(STALE);

/// The flags' names, in the order in which `COMMAND` lists them.
const NAMES: [(Flags, &str); 14] = [
    (WRITE, "write"),
    (READONLY, "readonly"),
    (DENYOOM, "denyoom"),
    (ADMIN, "admin"),
    (PUBSUB, "pubsub"),
    (NOSCRIPT, "noscript"),
    (LOADING, "loading"),
    (STALE, "stale"),
    (SKIP_SLOWLOG, "skip_slowlog"),
    (FAST, "fast"),
    (NO_AUTH, "no_auth"),
    (NO_ASYNC_LOADING, "no_async_loading"),
    (NO_MULTI, "no_multi"),
    (ALLOW_BUSY, "allow_busy"),
];

/// The categories, in the order in which `COMMAND` lists them.
const CATEGORIES: [&str; 13] = [
    "@keyspace",
    "@read",
    "@write",
    "@string",
    "@bitmap",
    "@pubsub",
    "@admin",
    "@fast",
    "@slow",
    "@dangerous",
    "@connection",
    "@transaction",
    "@scripting",
];

impl Flags {
    /// Both sets together.
    pub(crate) const fn and(self, more: Flags) -> Flags {
        Flags(self.0 | more.0)
    }

    /// Whether all of `flags` are in the set.
    #[inline]
    pub(crate) const fn has(self, flags: Flags) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Whether one of `flags` is in the set.
    #[inline]
    pub(crate) const fn any(self, flags: Flags) -> bool {
        self.0 & flags.0 != 0
    }

    /// The names, as clients know them.
    pub(crate) fn names(self) -> Vec<&'static str> {
        NAMES.iter().filter(|(flag, _)| self.has(*flag)).map(|(_, name)| *name).collect()
    }
}

impl Keys {
    /// One key, the first argument.
    pub(crate) const fn one(access: &'static [&'static str]) -> Keys {
        Keys::at(1, access)
    }

    /// Keys from the first argument to the last, `step` apart.
    pub(crate) const fn all(step: i32, access: &'static [&'static str]) -> Keys {
        Keys { first: 1, last: -1, step, access, note: None }
    }

    /// One key, the argument at this index.
    pub(crate) const fn at(index: i32, access: &'static [&'static str]) -> Keys {
        Keys { first: index, last: index, step: 1, access, note: None }
    }

    /// The indices of these keys among so many arguments; `None` if the arguments end before.
    pub(crate) fn places(&self, count: usize) -> Option<impl Iterator<Item = usize> + use<>> {
        let count = i32::try_from(count).ok()?;
        let last = if self.last < 0 { count + self.last } else { self.last };
        let step = usize::try_from(self.step).ok()?;
        let (first, last) = (usize::try_from(self.first).ok()?, usize::try_from(last).ok()?);
        (first <= last && last < count as usize).then(|| (first..=last).step_by(step))
    }

    /// Says something about the access.
    pub(crate) const fn note(self, note: &'static str) -> Keys {
        Keys { note: Some(note), ..self }
    }
}

impl Command {
    /// A row; the methods below add what is not the same for most.
    pub(crate) const fn new(
        name: &'static str,
        arity: i32,
        flags: Flags,
        run: fn(&mut Call<'_>, Arguments<'_>) -> Outcome,
    ) -> Command {
        Command {
            name,
            arity,
            flags,
            categories: &[],
            keys: [None, None],
            tips: &[],
            since: "1.0.0",
            summary: "",
            subcommands: &[],
            run,
        }
    }

    /// Adds categories that do not follow from the flags.
    pub(crate) const fn categories(self, categories: &'static [&'static str]) -> Command {
        Command { categories, ..self }
    }

    /// Says where the keys are.
    pub(crate) const fn keys(self, keys: Keys) -> Command {
        Command { keys: [Some(keys), None], ..self }
    }

    /// Says where further keys are, with which something else happens.
    pub(crate) const fn more_keys(self, keys: Keys) -> Command {
        Command { keys: [self.keys[0], Some(keys)], ..self }
    }

    /// Adds hints.
    pub(crate) const fn tips(self, tips: &'static [&'static str]) -> Command {
        Command { tips, ..self }
    }

    /// Says since when there is such a command, and what it is for.
    pub(crate) const fn about(self, since: &'static str, summary: &'static str) -> Command {
        Command { since, summary, ..self }
    }

    /// Makes it a container.
    pub(crate) const fn subcommands(self, subcommands: &'static [Command]) -> Command {
        Command { subcommands, ..self }
    }

    /// Whether a call with so many arguments, the name included, is allowed.
    #[inline]
    pub(crate) fn takes(&self, count: usize) -> bool {
        let (count, arity) = (count as i64, i64::from(self.arity));
        count == arity || (arity < 0 && count >= -arity)
    }

    /// The subcommand of this name.
    pub(crate) fn subcommand(&self, name: &[u8]) -> Option<&'static Command> {
        self.subcommands.iter().find(|command| command.short_name().eq_ignore_ascii_case(name))
    }

    /// All places of keys.
    pub(crate) fn all_keys(&self) -> impl Iterator<Item = &Keys> {
        self.keys.iter().flatten()
    }

    /// The name without its container's.
    pub(super) fn short_name(&self) -> &'static [u8] {
        self.name.rsplit('|').next().unwrap_or(self.name).as_bytes()
    }

    /// The group of commands that it is documented in.
    pub(crate) fn group(&self) -> &'static str {
        // A container is of the kind of what it contains.
        let has = |category: &str| {
            let mut all = std::iter::once(self).chain(self.subcommands);
            all.any(|command| command.all_categories().any(|name| name == category))
        };
        // These are about the server or the keys as a whole.
        if matches!(self.name, "command" | "dbsize" | "flushall" | "flushdb" | "swapdb") {
            return "server";
        }
        let groups = [
            ("@string", "string"),
            ("@bitmap", "bitmap"),
            ("@scripting", "scripting"),
            ("@transaction", "transactions"),
            ("@pubsub", "pubsub"),
            ("@keyspace", "generic"),
            ("@connection", "connection"),
        ];
        let found = groups.iter().find(|(category, _)| has(category));
        found.map_or("server", |(_, group)| group)
    }

    /// All its categories.
    pub(crate) fn all_categories(&self) -> impl Iterator<Item = &'static str> {
        let flags = self.flags;
        CATEGORIES.into_iter().filter(move |&category| match category {
            "@read" => flags.has(READONLY),
            "@write" => flags.has(WRITE),
            "@pubsub" => flags.has(PUBSUB),
            "@admin" => flags.has(ADMIN) || self.categories.contains(&category),
            "@fast" => flags.has(FAST),
            "@slow" => !flags.has(FAST),
            "@dangerous" => flags.has(ADMIN) || self.categories.contains(&category),
            other => self.categories.contains(&other),
        })
    }
}
