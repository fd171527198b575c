//! CLIENT LIST: a line of `name=value` for each client, as tools parse it.

use super::Call;
use super::error::{Error, Outcome, SYNTAX, cut};
use crate::clients::{Client, Ending};
use crate::db::Millis;
use crate::resp::{Arguments, parse_integer};

/// What a client is there for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Pubsub,
    /// Copies of this server, and its original: there are none.
    Replication,
}

impl Kind {
    pub(super) fn parse(name: &[u8]) -> Result<Kind, Error> {
        match name.to_ascii_lowercase().as_slice() {
            b"normal" => Ok(Kind::Normal),
            b"pubsub" => Ok(Kind::Pubsub),
            b"master" | b"slave" | b"replica" => Ok(Kind::Replication),
            _ => {
                let name = cut(name, usize::MAX);
                Err(Error::with(&[b"ERR Unknown client type '", name, b"'"]))
            }
        }
    }

    pub(super) fn of(client: &Client) -> Kind {
        if client.subscriptions() > 0 { Kind::Pubsub } else { Kind::Normal }
    }
}

/// `CLIENT LIST [TYPE type] [ID id …]`
pub(super) fn list(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    call.note_last();
    let mut kind = None;
    let mut ids = None;
    match arguments.get(2).map(<[u8]>::to_ascii_lowercase).as_deref() {
        None => {}
        Some(b"type") if arguments.len() == 4 => kind = Some(Kind::parse(arguments.at(3))?),
        Some(b"id") if arguments.len() > 3 => {
            let parse = |id| parse_integer(id).ok_or(Error::new("ERR Invalid client ID"));
            ids = Some(arguments.from(3).map(parse).collect::<Result<Vec<i64>, Error>>()?);
        }
        Some(_) => return Err(SYNTAX),
    }
    let mut chosen: Vec<&Client> = call
        .state
        .clients
        .iter()
        .map(|(_, client)| client)
        .filter(|client| client.ending != Ending::Now)
        .filter(|client| kind.is_none_or(|kind| Kind::of(client) == kind))
        .collect();
    chosen.sort_by_key(|client| client.id);
    if let Some(ids) = ids {
        // In the order, and as often, as they were asked for.
        let find = |id| chosen.binary_search_by_key(&id, |client| client.id).ok();
        let ids = ids.into_iter().filter_map(|id| u64::try_from(id).ok());
        chosen = ids.filter_map(find).map(|index| chosen[index]).collect();
    }
    let limit = call.state.output_limit(call.slot);
    let mut text = String::new();
    for client in chosen {
        if limit.is_over(text.len()) {
            break;
        }
        text.push_str(&line(client, call.now));
        text.push('\n');
    }
    if call.has_room(text.len()) {
        call.reply.verbatim(&text);
    }
    Ok(())
}

/// One client's line, without its end. An idle connection has no buffers, so these are all 0.
pub(super) fn line(client: &Client, now: Millis) -> String {
    let name = String::from_utf8_lossy(client.name());
    let backlog = client.outbox.backlog();
    let open = client.transaction.as_ref().filter(|transaction| transaction.open);
    format!(
        "id={id} addr={address} laddr={local} fd={descriptor} name={name} age={age} idle={idle} \
         flags={flags} db={database} sub={channels} psub={patterns} ssub={shards} multi={queued} \
         qbuf=0 qbuf-free=0 argv-mem=0 multi-mem={queue} rbs=0 rbp=0 obl=0 oll={chunks} \
         omem={backlog} tot-mem={memory} events={events} cmd={command} user=default redir=-1 \
         resp={protocol}{library}",
        id = client.id,
        address = client.address(),
        local = client.local_address,
        descriptor = client.descriptor,
        age = (now - client.connected).max(0) / 1000,
        idle = (now - client.active).max(0) / 1000,
        flags = flags(client),
        database = client.database,
        channels = client.channels,
        patterns = client.patterns,
        queued = open.map_or(-1, |open| i64::try_from(open.queue.len()).unwrap_or(i64::MAX)),
        queue = open.map_or(0, |open| open.memory),
        shards = client.shard_channels,
        chunks = u8::from(backlog > 0),
        memory = size_of::<Client>() + backlog,
        events = if backlog > 0 { "rw" } else { "r" },
        command = client.last_command,
        protocol = client.protocol.number(),
        library = library(client),
    )
}

/// What it uses, if it has said so.
fn library(client: &Client) -> String {
    let library = client.labels.as_ref().and_then(|labels| labels.library.as_ref());
    let Some(library) = library else { return String::new() };
    let [name, version] = library.each_ref().map(|text| String::from_utf8_lossy(text));
    format!(" lib-name={name} lib-ver={version}")
}

fn flags(client: &Client) -> String {
    let mut flags = String::new();
    let transaction = client.transaction.as_ref();
    for (holds, letter) in [
        (client.monitor, 'O'),
        (client.subscriptions() > 0, 'P'),
        (client.is_queueing(), 'x'),
        (transaction.is_some_and(|transaction| transaction.broken), 'd'),
        (client.ending == Ending::AfterReplies, 'c'),
        (client.no_evict, 'e'),
    ] {
        if holds {
            flags.push(letter);
        }
    }
    if flags.is_empty() {
        flags.push('N');
    }
    flags
}
