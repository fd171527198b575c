//! The combinators of `futures` on our channels, timers, sockets and tasks.
//!
//! `cargo run -p executor --example futures_combinators`

use std::io;
use std::time::Duration;

use executor::compat::Compat;
use executor::net::{TcpListener, TcpStream};
use executor::sync::{mpsc, oneshot};
use executor::time::{interval, sleep, timeout};
use executor::{LocalHandle, spawn};
use futures::io::BufReader;
use futures::stream::FuturesUnordered;
use futures::task::LocalSpawnExt;
use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, FutureExt, StreamExt, TryStreamExt};

type Failure = Box<dyn std::error::Error>;

/// How long this program waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> Result<(), Failure> {
    executor::block_on(async {
        let all = async {
            channels_are_streams().await;
            ticks_are_a_stream().await;
            sleeps_finish_in_the_order_of_their_deadlines().await;
            a_branch_not_taken_loses_nothing().await;
            their_spawner_is_our_handle().await?;
            sockets_have_lines(12).await?;
            Ok::<(), Failure>(())
        };
        timeout(PATIENCE, all).await??;
        println!("futures: channels, ticks, sleeps, selects, spawns and lines, all on our runtime");
        Ok(())
    })
}

async fn channels_are_streams() {
    let (sender, receiver) = mpsc::channel(2);
    spawn(async move {
        for number in 0..100_u32 {
            sender.send(number).await.expect("the receiver lives");
        }
    })
    .detach();
    let squares = receiver.filter(|number| std::future::ready(number % 2 == 0));
    let squares = squares.map(|number| async move { number * number }).buffered(8);
    let sum = squares.fold(0, |sum, square| async move { sum + square }).await;
    assert_eq!(sum, (0..100).step_by(2).map(|number| number * number).sum::<u32>());
}

async fn ticks_are_a_stream() {
    let period = Duration::from_millis(2);
    let ticks: Vec<_> = Compat::new(interval(period)).take(4).collect().await;
    assert!(ticks.windows(2).all(|pair| pair[1] - pair[0] == period), "{ticks:?}");
}

async fn sleeps_finish_in_the_order_of_their_deadlines() {
    let mut sleeps: FuturesUnordered<_> = [30, 10, 20]
        .map(|milliseconds| sleep(Duration::from_millis(milliseconds)).map(move |()| milliseconds))
        .into_iter()
        .collect();
    let mut order = Vec::new();
    while let Some(milliseconds) = sleeps.next().await {
        order.push(milliseconds);
    }
    assert_eq!(order, [10, 20, 30]);
}

/// `select!` drops the branches that lost: what they waited for is still there.
async fn a_branch_not_taken_loses_nothing() {
    let (sender, mut numbers) = mpsc::unbounded();
    let (reply, replied) = oneshot::channel();
    let mut replied = replied.fuse();
    let mut seen = Vec::new();
    spawn(async move {
        for number in 0..10 {
            sender.send(number).expect("the receiver lives");
            executor::yield_now().await;
        }
        reply.send("done").expect("the receiver lives");
    })
    .detach();
    let word = loop {
        futures::select! {
            number = numbers.recv().fuse() => seen.extend(number),
            word = replied => break word.expect("the sender sent"),
        }
    };
    seen.extend(numbers.collect::<Vec<_>>().await);
    assert_eq!((word, seen), ("done", (0..10).collect::<Vec<_>>()));
}

async fn their_spawner_is_our_handle() -> Result<(), Failure> {
    let handle = LocalHandle::current();
    let answers = (0..4).map(|number| {
        handle.spawn_local_with_handle(async move {
            sleep(Duration::from_millis(1)).await;
            number
        })
    });
    let answers = answers.collect::<Result<Vec<_>, _>>()?;
    assert_eq!(futures::future::join_all(answers).await, [0, 1, 2, 3]);
    Ok(())
}

async fn sockets_have_lines(clients: usize) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    // Each connection says one line and is answered by it in capitals, three at a time.
    let serving = Compat::new(listener).take(clients).try_for_each_concurrent(3, |stream| async {
        let (reader, mut writer) = Compat::new(stream).split();
        let line = BufReader::new(reader).lines().next().await.transpose()?.unwrap_or_default();
        writer.write_all(line.to_uppercase().as_bytes()).await?;
        writer.close().await
    });
    let asking = futures::future::try_join_all((0..clients).map(|number| async move {
        let mut stream = Compat::new(TcpStream::connect(address).await?);
        stream.write_all(format!("line {number}\n").as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, io::Error>(answer)
    }));
    let ((), answers) = futures::try_join!(serving, asking)?;
    assert!(answers.iter().enumerate().all(|(i, answer)| *answer == format!("LINE {i}")));
    Ok(())
}
