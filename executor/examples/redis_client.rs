//! The client library `redis`, as applications use it, driven by our runtime.
//!
//! ```text
//!   8 tasks ── MultiplexedConnection (cloned) ──► driver, a task of ours
//!                                                   │ Compat<ThreadBound<TcpStream>>: Send
//!                                                   ▼
//!                                      127.0.0.1, a server of a few commands (below)
//! ```
//!
//! The library takes any stream that has tokio's I/O traits and is `Send`; ours becomes that without
//! being moved. It has time limits that only tokio or smol can keep: these are switched off, and ours
//! stands around the call instead.
//!
//! `cargo run -p executor --example redis_client`

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use executor::compat::{Compat, ThreadBound};
use executor::io::AsyncWrite;
use executor::net::{TcpListener, TcpStream};
use executor::time::timeout;
use futures::AsyncReadExt;
use futures::io::{AsyncBufReadExt, BufReader};
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, AsyncConnectionConfig, RedisConnectionInfo};

type Failure = Box<dyn std::error::Error>;

/// How long this program waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> Result<(), Failure> {
    executor::block_on(async {
        let mut listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let server = executor::spawn(async move {
            let (stream, _) = listener.accept().await?;
            serve(stream).await
        });
        let stream = TcpStream::connect(address).await?;
        timeout(PATIENCE, use_it(stream)).await??;
        timeout(PATIENCE, server).await???;
        println!("redis: eight tasks shared a connection, and it ended in order");
        Ok(())
    })
}

async fn use_it(stream: TcpStream) -> Result<(), Failure> {
    let stream = Compat::new(ThreadBound::new(stream));
    let config =
        AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None);
    let info = RedisConnectionInfo::default();
    let (mut connection, driver) =
        MultiplexedConnection::new_with_config(&info, stream, config).await?;
    let driver = executor::spawn(driver);

    let _: () = connection.set("greeting", "hello").await?;
    let greeting: String = connection.get("greeting").await?;
    assert_eq!(greeting, "hello");
    let nothing: Option<String> = connection.get("nothing").await?;
    assert_eq!(nothing, None);

    let counting = (0..8).map(|_| {
        let mut connection = connection.clone();
        executor::spawn(async move {
            for _ in 0..100 {
                let _: i64 = connection.incr("counter", 1).await?;
            }
            Ok::<(), redis::RedisError>(())
        })
    });
    for counted in executor::join_all(counting).await {
        counted??;
    }
    let (counter, greeting): (i64, String) =
        redis::pipe().get("counter").get("greeting").query_async(&mut connection).await?;
    assert_eq!((counter, greeting.as_str()), (800, "hello"));

    drop(connection);
    driver.await?; // with no client left, it ends, and closes the stream
    Ok(())
}

/// SET, GET and INCR, and "OK" to all else, until the client leaves.
async fn serve(stream: TcpStream) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(Compat::new(reader));
    let mut values: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
    while let Some(command) = read_command(&mut reader).await? {
        let words: Vec<&[u8]> = command.iter().map(Vec::as_slice).collect();
        let reply = match *words {
            [b"SET", key, value] => {
                values.insert(key.to_vec(), value.to_vec());
                b"+OK\r\n".to_vec()
            }
            [b"GET", key] => bulk(values.get(key)),
            [b"INCR" | b"INCRBY", key, ..] => {
                let before = values.get(key).and_then(|value| str::from_utf8(value).ok());
                let now = before.and_then(|value| value.parse::<i64>().ok()).unwrap_or(0) + 1;
                values.insert(key.to_vec(), now.to_string().into_bytes());
                format!(":{now}\r\n").into_bytes()
            }
            _ => b"+OK\r\n".to_vec(),
        };
        writer.write_all(&reply).await?;
    }
    Ok(())
}

fn bulk(value: Option<&Vec<u8>>) -> Vec<u8> {
    let Some(value) = value else { return b"$-1\r\n".to_vec() };
    [format!("${}\r\n", value.len()).as_bytes(), value, b"\r\n"].concat()
}

/// An array of bulk strings; `None` where the client has left between two.
async fn read_command(
    reader: &mut (impl AsyncBufReadExt + Unpin),
) -> io::Result<Option<Vec<Vec<u8>>>> {
    let Some(count) = read_number(reader, '*').await? else { return Ok(None) };
    let mut command = Vec::new();
    for _ in 0..count {
        let length = read_number(reader, '$').await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut word = vec![0; length + 2];
        reader.read_exact(&mut word).await?;
        word.truncate(length);
        command.push(word);
    }
    Ok(Some(command))
}

async fn read_number(
    reader: &mut (impl AsyncBufReadExt + Unpin),
    sign: char,
) -> io::Result<Option<usize>> {
    let mut line = String::new();
    if reader.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let number = line.strip_prefix(sign).and_then(|rest| rest.trim_end().parse().ok());
    number.map(Some).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, line))
}
