//! MULTI, EXEC and WATCH: several commands as one, if no watched key has changed meanwhile.
//!
//! Nothing else runs while EXEC runs its queue, as there is one thread: that is all it takes for
//! others to see everything or nothing. A command that fails there does not stop those that follow.

use super::Call;
use super::command::{
    ALLOW_BUSY, ALWAYS, Command, DENYOOM, FAST, Flags, Keys, NOSCRIPT, SKIP_SLOWLOG, WRITE,
};
use super::error::{Error, Outcome};
use crate::clients::Ending;
use crate::resp::{Arguments, OwnedArguments};
use crate::transaction::{Transaction, Watched};

const FLAGS: Flags = NOSCRIPT.and(ALWAYS).and(FAST).and(ALLOW_BUSY);
const TRANSACTION: &[&str] = &["@transaction"];

/// This family's rows.
pub(super) static COMMANDS: [Command; 5] = [
    Command::new("multi", 1, FLAGS, multi)
        .categories(TRANSACTION)
        .about("1.2.0", "Begins a transaction: commands are put into a queue"),
    Command::new("exec", 1, NOSCRIPT.and(ALWAYS).and(SKIP_SLOWLOG), exec)
        .categories(TRANSACTION)
        .about("1.2.0", "Runs the queue of a transaction"),
    Command::new("discard", 1, FLAGS, discard)
        .categories(TRANSACTION)
        .about("2.0.0", "Ends a transaction without running it"),
    Command::new("watch", -2, FLAGS, watch)
        .keys(Keys::all(1, &["RO"]))
        .categories(TRANSACTION)
        .about("2.2.0", "Lets the next transaction run only if these keys stay as they are"),
    Command::new("unwatch", 1, FLAGS, unwatch)
        .categories(TRANSACTION)
        .about("2.2.0", "Watches no key any more"),
];

/// Whether a command is run at once although a transaction is open.
pub(super) fn is_immediate(command: &Command) -> bool {
    matches!(command.name, "exec" | "discard" | "multi" | "watch" | "quit" | "reset")
}

/// Puts a command into the queue of the caller's transaction.
pub(super) fn enqueue(call: &mut Call<'_>, command: &Command, arguments: Arguments<'_>) {
    let limit = call.state.config.query_limit;
    let client = &mut call.state.clients[call.slot];
    let transaction = client.transaction.get_or_insert_default();
    transaction.writes |= command.flags.has(WRITE);
    transaction.grows |= command.flags.has(DENYOOM);
    transaction.push(OwnedArguments::from(arguments), &call.state.held);
    if transaction.memory > limit {
        return call.caller().end(Ending::Now);
    }
    call.reply.status("QUEUED");
}

/// The caller's transaction is given up, and its keys are watched no more.
pub(super) fn abandon(call: &mut Call<'_>) {
    call.state.watches.unwatch(&mut call.state.clients, call.slot);
    call.caller().transaction = None;
}

fn multi(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    let transaction = call.caller().transaction.get_or_insert_default();
    if transaction.open {
        return Err(Error::new("ERR MULTI calls can not be nested"));
    }
    transaction.open = true;
    call.reply.ok();
    Ok(())
}

fn discard(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    if !call.state.clients[call.slot].is_queueing() {
        return Err(Error::new("ERR DISCARD without MULTI"));
    }
    abandon(call);
    call.reply.ok();
    Ok(())
}

fn watch(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    if call.state.clients[call.slot].is_queueing() {
        return Err(Error::new("ERR WATCH inside MULTI is not allowed"));
    }
    let (database, now) = (call.database, call.now);
    for key in arguments.from(1) {
        let had_expired = call.state.databases.at(database).has_expired(key, now);
        let watched = Watched { database, key: key.into(), had_expired };
        call.state.watches.watch(&mut call.state.clients, call.slot, watched);
    }
    call.reply.ok();
    Ok(())
}

fn unwatch(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.state.watches.unwatch(&mut call.state.clients, call.slot);
    call.reply.ok();
    Ok(())
}

fn exec(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    if !call.state.clients[call.slot].is_queueing() {
        return Err(Error::new("ERR EXEC without MULTI"));
    }
    let expired = watches_expired(call);
    let transaction = call.state.clients[call.slot].transaction.as_ref();
    let (failed, broken) = transaction.map_or((false, false), |t| (t.failed, t.broken));
    if failed {
        abandon(call);
        return Err(Error::new("EXECABORT Transaction discarded because of previous errors."));
    }
    if broken || expired {
        abandon(call);
        call.reply.null_array();
        return Ok(());
    }
    call.state.watches.unwatch(&mut call.state.clients, call.slot);
    let queue =
        call.caller().transaction.take().map_or(Vec::new(), |transaction| transaction.queue);
    let begun = call.reply.out.len();
    call.reply.array(queue.len());
    call.state.journal.begin();
    call.gathers = true;
    for arguments in &queue {
        run_queued(call, arguments.parts().arguments());
        bound(call, begun);
    }
    call.gathers = false;
    call.collect();
    call.state.journal.commit();
    Ok(())
}

/// A transaction may ask for more than there is memory: nothing of its replies, which begin at
/// `begun`, can be sent before it ends. Who comes over its output limit is cut off; what is still in
/// the queue runs all the same.
fn bound(call: &mut Call<'_>, begun: usize) {
    let client = &call.state.clients[call.slot];
    let waits = call.reply.out.len() - begun + client.outbox.backlog();
    if client.ending != Ending::Now && call.state.output_limit(call.slot).is_over(waits) {
        call.cut_off();
    }
    if call.state.clients[call.slot].ending == Ending::Now {
        call.reply.out.truncate(begun);
        call.keep();
    }
}

/// A command out of the queue: what could forbid it was looked at when it was put in.
fn run_queued(call: &mut Call<'_>, arguments: Arguments<'_>) {
    let found = call.commands.called(arguments).map(|found| {
        let name = arguments.get(1).filter(|_| !found.command.subcommands.is_empty());
        name.and_then(|name| found.subcommand(name)).unwrap_or(found)
    });
    let Some(found) = found else { return };
    // Redis lets the other two subscribe here, for the sake of old clients.
    if found.command.name == "ssubscribe" {
        call.fail(&Error::new("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client"));
    } else {
        call.run_admitted(found, arguments);
    }
}

/// Whether a watched key has ended since it was first watched, though nobody has removed it yet.
fn watches_expired(call: &Call<'_>) -> bool {
    let client = &call.state.clients[call.slot];
    let watched = client.transaction.as_ref().map_or(&[][..], |transaction| &transaction.watched);
    watched.iter().any(|watched| {
        let database = call.state.databases.at(watched.database);
        !watched.had_expired && database.has_expired(watched.key.as_bytes(), call.now)
    })
}

impl Transaction {
    /// Whether a command belongs into the queue.
    pub(super) fn takes(&self, command: &Command) -> bool {
        self.open && !is_immediate(command)
    }
}
