//! The run: connect, fill, warm up, measure.

mod closed;
mod fan_out;
mod goal;
mod open;

use std::rc::Rc;
use std::time::Duration;

use executor::time::{now, sleep};
use executor::{Either, JoinHandle, race};
use indicatif::{ProgressBar, ProgressStyle};

use crate::connection::Connection;
use crate::cpu;
use crate::measured::Measured;
use crate::options::Options;
use crate::traffic::Traffic;

use goal::Goal;

/// For how long nothing may be answered before the run is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Files that are open and no connections.
const OTHER_FILES: usize = 32;

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(100);

/// How many keys are set at once before the run.
const FILL_AT_ONCE: u64 = 256;

/// What a run found.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) measured: Measured,
    pub(crate) elapsed: Duration,
    /// Processor time that the server has used in the meantime.
    pub(crate) server_cpu: Option<Duration>,
}

/// What sends, and what only receives.
#[derive(Debug)]
struct Clients {
    senders: Vec<Sender>,
    subscribers: Vec<Connection>,
    channel: String,
    /// Kept open, and nothing else.
    _idle: Vec<Connection>,
}

/// A connection and what it asks.
#[derive(Debug)]
struct Sender {
    connection: Connection,
    traffic: Traffic,
}

/// Runs the load that the options describe.
///
/// # Errors
/// In words: no connection, a connection that was lost, no reply for [`PATIENCE`].
pub(crate) async fn run(options: &Options) -> Result<Outcome, String> {
    let mut clients = connect(options).await?;
    if options.subscribers == 0 && !options.no_fill {
        let goal = Goal::requests(options.keys);
        watched(options, "filling", &goal, fill(&mut clients.senders[0], &goal)).await?;
    }
    if !options.warm_up.is_zero() {
        let goal = Goal::time(options.warm_up);
        watched(options, "warming up", &goal, drive(options, &mut clients, &goal)).await?;
    }
    let goal = match options.requests {
        Some(requests) => Goal::requests(requests),
        None => Goal::time(options.seconds),
    };
    let cpu_before = server_cpu(options)?;
    let begun = now();
    let measured =
        watched(options, "measuring", &goal, drive(options, &mut clients, &goal)).await?;
    let elapsed = now() - begun;
    let cpu_after = server_cpu(options)?;
    let server_cpu = cpu_after.zip(cpu_before).map(|(after, before)| after.saturating_sub(before));
    Ok(Outcome { measured, elapsed, server_cpu })
}

async fn drive(
    options: &Options,
    clients: &mut Clients,
    goal: &Rc<Goal>,
) -> Result<Measured, String> {
    if let Some(rate) = options.rate.filter(|_| options.subscribers > 0) {
        fan_out::open(clients, rate, goal).await
    } else if options.subscribers > 0 {
        fan_out::run(clients, options.pipeline, goal).await
    } else if let Some(rate) = options.rate {
        open::run(&mut clients.senders, rate, goal).await
    } else if options.lock_step {
        closed::lock_step(&mut clients.senders, options.pipeline, goal).await
    } else {
        closed::free_running(&mut clients.senders, options.pipeline, goal).await
    }
}

fn server_cpu(options: &Options) -> Result<Option<Duration>, String> {
    let read = |process| {
        cpu::of(process).map_err(|error| format!("process {process} cannot be watched: {error}"))
    };
    options.server_process.map(read).transpose()
}

async fn connect(options: &Options) -> Result<Clients, String> {
    let wanted = (options.connections + options.subscribers + options.idle + OTHER_FILES) as u64;
    // Where the system is silent about its limit, the first connection too many will tell.
    let allowed = rlimit::increase_nofile_limit(wanted).unwrap_or(wanted);
    if allowed < wanted {
        return Err(format!(
            "the connections need {wanted} open files, but this process may have {allowed}: fewer \
             connections, or a higher limit (`ulimit -Hn`)"
        ));
    }
    let mut senders = Vec::with_capacity(options.connections);
    for index in 0..options.connections {
        let connection = Connection::open(options, index).await?;
        senders.push(Sender { connection, traffic: Traffic::new(options, index) });
    }
    // A channel of this run's own: nobody else hears it, and we hear nobody else.
    let channel = format!("kv-bench:{}", std::process::id());
    let mut subscribers = Vec::with_capacity(options.subscribers);
    for index in options.connections..options.connections + options.subscribers {
        let mut connection = Connection::open(options, index).await?;
        connection.ask(&[b"SUBSCRIBE", channel.as_bytes()]).await?;
        subscribers.push(connection);
    }
    let others = options.connections + options.subscribers;
    let mut idle = Vec::with_capacity(options.idle);
    for index in others..others + options.idle {
        let mut connection = Connection::open(options, index).await?;
        connection.ask(&[b"GET", b"idle"]).await?;
        idle.push(connection);
    }
    Ok(Clients { senders, subscribers, channel, _idle: idle })
}

/// Sets every key once.
async fn fill(sender: &mut Sender, goal: &Goal) -> Result<(), String> {
    let mut number = 0;
    let mut out = Vec::new();
    loop {
        let batch = goal.take_up_to(FILL_AT_ONCE);
        if batch == 0 {
            return Ok(());
        }
        out.clear();
        for number in number..number + batch {
            sender.traffic.append_fill(&mut out, number);
        }
        number += batch;
        sender.connection.send(&out).await?;
        for _ in 0..batch {
            let reply = sender.connection.replies.next().await?;
            if reply.first() == Some(&b'-') {
                let said = String::from_utf8_lossy(&reply[1..]).trim_end().to_owned();
                return Err(format!("the server refuses SET: {said}"));
            }
        }
        goal.answered(batch);
    }
}

/// Shows how far it is, and gives it up if nothing is answered for too long.
async fn watched<T>(
    options: &Options,
    what: &'static str,
    goal: &Rc<Goal>,
    work: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
    // Hidden by itself where standard error is no terminal.
    let bar = if options.quiet { ProgressBar::hidden() } else { ProgressBar::new(1000) };
    let template = "{msg:10} [{bar:40}] {elapsed_precise}";
    bar.set_style(ProgressStyle::with_template(template).expect("a template of its known words"));
    bar.set_message(what);
    let outcome = race(work, watch(&bar, goal)).await;
    bar.finish_and_clear();
    match outcome {
        Either::Left(done) => done,
        Either::Right(gave_up) => Err(gave_up),
    }
}

/// Ends only when nothing moves.
async fn watch(bar: &ProgressBar, goal: &Goal) -> String {
    let (mut answered, mut since) = (goal.count(), now());
    loop {
        sleep(TICK).await;
        bar.set_position((goal.share() * 1000.0) as u64);
        if goal.count() != answered {
            (answered, since) = (goal.count(), now());
        } else if now() - since > PATIENCE {
            return format!("no reply for {} s, after {answered}", PATIENCE.as_secs());
        }
    }
}

/// Waits for tasks that own a client each, and takes the clients back.
async fn gather<T: 'static>(
    tasks: Vec<JoinHandle<Result<(T, Measured), String>>>,
    clients: &mut Vec<T>,
) -> Result<Measured, String> {
    let mut sum = Measured::new();
    for task in tasks {
        let (client, measured) = task.await.map_err(|error| error.to_string())??;
        clients.push(client);
        sum.add(&measured);
    }
    Ok(sum)
}
