//! CLIENT: what a client says about itself, and what it may do to others.

use super::client_list::{self, Kind};
use super::command::{ADMIN, ALWAYS, Command, Flags, NONE, NOSCRIPT};
use super::error::{Error, Outcome, REPEATED, SYNTAX, cut};
use super::{Call, help, pause};
use crate::clients::{Client, Ending, Replies};
use crate::resp::{Arguments, parse_integer};

const OWN: Flags = NOSCRIPT.and(ALWAYS);
const OTHERS: Flags = ADMIN.and(NOSCRIPT).and(ALWAYS);
const CONNECTION: &[&str] = &["@connection"];
const VARIES: &[&str] = &["nondeterministic_output"];

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] = [Command::new("client", -2, NONE, no_subcommand)
    .about("2.4.0", "Tells and changes what the server knows about clients")
    .subcommands(&[
        Command::new("client|id", 2, OWN, id)
            .categories(CONNECTION)
            .about("5.0.0", "Tells the connection's number"),
        Command::new("client|getname", 2, OWN, getname)
            .categories(CONNECTION)
            .about("2.6.9", "Tells what the connection is called"),
        Command::new("client|setname", 3, OWN, setname)
            .categories(CONNECTION)
            .about("2.6.9", "Gives the connection a name"),
        Command::new("client|info", 2, OWN, info)
            .categories(CONNECTION)
            .tips(VARIES)
            .about("6.2.0", "Tells all about the connection"),
        Command::new("client|list", -2, OTHERS, client_list::list)
            .categories(CONNECTION)
            .tips(VARIES)
            .about("2.4.0", "Tells all about all connections"),
        Command::new("client|kill", -3, OTHERS, kill)
            .categories(CONNECTION)
            .about("2.4.0", "Closes connections"),
        Command::new("client|reply", 3, OWN, reply)
            .categories(CONNECTION)
            .about("3.2.0", "Chooses whether commands are answered"),
        Command::new("client|no-evict", 3, OTHERS, no_evict)
            .categories(CONNECTION)
            .about("7.0.0", "Exempts the connection from being closed for want of memory"),
        Command::new("client|pause", -3, OTHERS, pause::pause)
            .categories(CONNECTION)
            .about("2.9.50", "Lets commands wait for some time"),
        Command::new("client|unpause", 2, OTHERS, pause::unpause)
            .categories(CONNECTION)
            .about("6.2.0", "Ends a pause"),
        Command::new("client|unblock", -3, OTHERS, pause::unblock)
            .categories(CONNECTION)
            .about("5.0.0", "Ends the waiting of a client that waits"),
        Command::new("client|getredir", 2, OWN, getredir)
            .categories(CONNECTION)
            .about("6.0.0", "Tells who gets the notices of changed keys; there are none"),
        Command::new("client|setinfo", 4, OWN, setinfo)
            .categories(CONNECTION)
            .about("7.2.0", "Says which library the client uses"),
        Command::new("client|help", 2, ALWAYS, help_client)
            .categories(CONNECTION)
            .about("5.0.0", "Lists the subcommands"),
    ])];

fn no_subcommand(_: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    Err(Error::arity("client"))
}

fn help_client(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    help::list(call, "client")
}

fn id(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    let id = call.state.clients[call.slot].id;
    call.reply.integer(i64::try_from(id).unwrap_or(i64::MAX));
    Ok(())
}

fn getname(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    let name = call.state.clients[call.slot].name();
    call.reply.bulk_or_null(Some(name).filter(|name| !name.is_empty()));
    Ok(())
}

fn setname(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let name = valid_name(arguments.at(2))?;
    set_name(call, name);
    call.reply.ok();
    Ok(())
}

/// No client tracks keys.
fn getredir(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.reply.integer(-1);
    Ok(())
}

/// `CLIENT SETINFO LIB-NAME name | LIB-VER version`: what today's clients say first of all.
fn setinfo(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let (attribute, value) = (arguments.at(2), arguments.at(3));
    let index = match attribute.to_ascii_lowercase().as_slice() {
        b"lib-name" => 0,
        b"lib-ver" => 1,
        _ => {
            let attribute = cut(attribute, REPEATED);
            return Err(Error::with(&[b"ERR Unrecognized option '", attribute, b"'"]));
        }
    };
    if !value.iter().all(u8::is_ascii_graphic) {
        let attribute = cut(attribute, REPEATED);
        let text = b" cannot contain spaces, newlines or special characters.";
        return Err(Error::with(&[b"ERR ", attribute, text]));
    }
    let labels = call.state.clients[call.slot].labels.get_or_insert_default();
    labels.library.get_or_insert_default()[index] = value.into();
    call.reply.ok();
    Ok(())
}

/// A name must not break the lines of `CLIENT LIST`.
pub(super) fn valid_name(name: &[u8]) -> Result<&[u8], Error> {
    if name.iter().all(u8::is_ascii_graphic) {
        return Ok(name);
    }
    Err(Error::new("ERR Client names cannot contain spaces, newlines or special characters."))
}

/// Gives the caller a name; an empty one takes the name away.
pub(super) fn set_name(call: &mut Call<'_>, name: &[u8]) {
    let labels = &mut call.state.clients[call.slot].labels;
    if labels.is_some() || !name.is_empty() {
        labels.get_or_insert_default().name = name.into();
    }
}

fn info(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.note_last();
    let mut text = client_list::line(&call.state.clients[call.slot], call.now);
    text.push('\n');
    call.reply.verbatim(&text);
    Ok(())
}

fn reply(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let client = call.caller();
    match arguments.at(2).to_ascii_lowercase().as_slice() {
        b"on" => {
            client.replies = Replies::On;
            call.reply.ok();
        }
        b"off" => client.replies = Replies::Off,
        b"skip" if client.replies == Replies::Off => {}
        b"skip" => client.replies = Replies::SkipNext,
        _ => return Err(SYNTAX),
    }
    Ok(())
}

fn no_evict(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let client = &mut call.state.clients[call.slot];
    match arguments.at(2).to_ascii_lowercase().as_slice() {
        b"on" => client.no_evict = true,
        b"off" => client.no_evict = false,
        _ => return Err(SYNTAX),
    }
    call.reply.ok();
    Ok(())
}

/// Which clients are meant; those that fulfil all that is asked.
struct Filter<'a> {
    id: Option<u64>,
    kind: Option<Kind>,
    address: Option<&'a [u8]>,
    local_address: Option<&'a [u8]>,
    skip_caller: bool,
}

/// `CLIENT KILL address`, or `CLIENT KILL filter value …`.
fn kill(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let by_address = arguments.len() == 3;
    let filter = if by_address {
        let mut filter = Filter::none();
        (filter.address, filter.skip_caller) = (Some(arguments.at(2)), false);
        filter
    } else {
        Filter::parse(arguments)?
    };
    let chosen: Vec<_> = call
        .state
        .clients
        .iter()
        .filter(|(slot, client)| {
            client.ending == Ending::No
                && filter.includes(client)
                && !(filter.skip_caller && *slot == call.slot)
        })
        .map(|(slot, _)| slot)
        .collect();
    for &slot in &chosen {
        if slot == call.slot {
            call.caller().end(Ending::AfterReplies);
        } else {
            // It goes by itself, but from now on nobody finds it any more.
            call.state.clients.kill(slot);
            call.state.hub.remove(slot);
        }
    }
    if !by_address {
        call.reply.count(chosen.len());
    } else if chosen.is_empty() {
        return Err(Error::new("ERR No such client"));
    } else {
        call.reply.ok();
    }
    Ok(())
}

impl<'a> Filter<'a> {
    fn none() -> Filter<'a> {
        Filter { id: None, kind: None, address: None, local_address: None, skip_caller: true }
    }

    fn parse(arguments: Arguments<'a>) -> Result<Filter<'a>, Error> {
        let mut filter = Filter::none();
        let mut rest = arguments.from(2);
        while let Some(option) = rest.next() {
            let value = rest.next().ok_or(SYNTAX)?;
            match option.to_ascii_lowercase().as_slice() {
                b"id" => filter.id = Some(positive(value)?),
                b"type" => filter.kind = Some(Kind::parse(value)?),
                b"addr" => filter.address = Some(value),
                b"laddr" => filter.local_address = Some(value),
                b"user" if value == b"default" => {}
                b"user" => {
                    let user = cut(value, usize::MAX);
                    return Err(Error::with(&[b"ERR No such user '", user, b"'"]));
                }
                b"skipme" if value.eq_ignore_ascii_case(b"yes") => filter.skip_caller = true,
                b"skipme" if value.eq_ignore_ascii_case(b"no") => filter.skip_caller = false,
                _ => return Err(SYNTAX),
            }
        }
        Ok(filter)
    }

    fn includes(&self, client: &Client) -> bool {
        let is =
            |wanted: &[u8], address: std::net::SocketAddr| address.to_string().as_bytes() == wanted;
        self.id.is_none_or(|id| client.id == id)
            && self.kind.is_none_or(|kind| Kind::of(client) == kind)
            && self.address.is_none_or(|address| is(address, client.address()))
            && self.local_address.is_none_or(|address| is(address, *client.local_address))
    }
}

fn positive(id: &[u8]) -> Result<u64, Error> {
    let id = parse_integer(id).and_then(|id| u64::try_from(id).ok()).filter(|&id| id > 0);
    id.ok_or(Error::new("ERR client-id should be greater than 0"))
}
