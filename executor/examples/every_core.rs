//! One port, served by as many runtimes as there are cores.
//!
//! ```text
//!   clients ──► 127.0.0.1:port ──┬─ the kernel divides ─► listener of core 0 ─► its own tasks
//!                                └─ (SO_REUSEPORT) ─────► listener of core 1 ─► its own tasks
//! ```
//!
//! Each core has a runtime, a listener and connections of its own, and shares nothing with the others;
//! each connection is answered with the number of the core that took it. At the end the cores are
//! asked, by a handle, how many they had.
//!
//! `cargo run -p executor --example every_core`

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use executor::io::{AsyncRead, AsyncWrite};
use executor::net::{TcpListener, TcpSocket, TcpStream};
use executor::time::timeout;
use executor::{CoresBuilder, Handle, join_all};

type Failure = Box<dyn std::error::Error>;

/// At least two, also on a machine that has one: it is the division that is shown here.
const CORES: usize = 2;

/// So many that all would reach one core once in 2^255 runs.
const CLIENTS: usize = 256;

/// How long this program waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

thread_local! {
    /// How many connections this thread's core has taken; no other thread ever looks at it.
    static TAKEN: Rc<Cell<usize>> = Rc::default();
}

fn main() -> Result<(), Failure> {
    let cores = std::thread::available_parallelism().map_or(CORES, |cores| cores.get().max(CORES));
    let cores = CoresBuilder::new().count(cores).start()?;
    executor::block_on(async {
        // The first to bind chooses the port, the others join it. All listen before anybody connects:
        // the kernel divides among those that are there.
        let port = TcpSocket::new_v4()?;
        port.set_reuse_port(true)?;
        port.bind(([127, 0, 0, 1], 0).into())?;
        let address = port.local_addr()?;
        for (core, handle) in cores.handles().iter().enumerate() {
            handle.spawn_with(move || start_server(core, address)).await??;
        }
        drop(port); // it was bound, and never listened

        let asked = join_all((0..CLIENTS).map(|_| ask(address)));
        let mut answered = vec![0; cores.handles().len()];
        for core in timeout(PATIENCE, asked).await? {
            answered[core?] += 1;
        }
        let mut taken = Vec::new();
        for handle in cores.handles() {
            taken.push(count_of(handle).await?);
        }
        assert_eq!(taken, answered, "what the cores say and what the clients were told");
        assert!(answered.iter().filter(|count| **count > 0).count() > 1, "{answered:?}");
        println!("every core: {CLIENTS} connections to one port were divided: {answered:?}");
        Ok::<(), Failure>(())
    })?;
    cores.stop();
    Ok(())
}

/// Listens at the port that all share, and goes on serving it.
async fn start_server(core: usize, address: SocketAddr) -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuse_port(true)?;
    socket.bind(address)?;
    executor::spawn(serve(core, socket.listen(1024)?)).detach();
    Ok(())
}

async fn serve(core: usize, mut listener: TcpListener) -> io::Result<()> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        TAKEN.with(|taken| taken.set(taken.get() + 1));
        executor::spawn(async move { stream.write_all(core.to_string().as_bytes()).await })
            .detach();
    }
}

/// Which core answers.
async fn ask(address: SocketAddr) -> io::Result<usize> {
    let mut stream = TcpStream::connect(address).await?;
    let (mut answer, mut length) = ([0; 20], 0);
    loop {
        match stream.read(&mut answer[length..]).await? {
            0 => break,
            count => length += count,
        }
    }
    let number = str::from_utf8(&answer[..length]).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not a core's number"))
}

async fn count_of(core: &Handle) -> Result<usize, executor::JoinError> {
    core.spawn_with(|| async { TAKEN.with(|taken| taken.get()) }).await
}
