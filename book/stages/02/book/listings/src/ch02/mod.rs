//! Chapter 2: an echo server, as far as the standard library goes. The event loop waits for a poller.

pub mod connection;
pub mod running;
pub mod v1_blocking;
pub mod v2_threads;
pub mod v3_busy;
pub mod watch;

#[cfg(test)]
mod tests {
    use super::running::{BRIEFLY, LONG, Running, Serve};
    use super::{v1_blocking, v2_threads, v3_busy};

    #[test]
    fn each_version_echoes_and_one_of_them_never_sleeps() {
        let versions: [(Serve, bool); 3] =
            [(v1_blocking::serve, false), (v2_threads::serve, false), (v3_busy::serve, true)];
        for (serve, busy) in versions {
            let running = Running::start(serve, 1);
            let mut client = running.client(LONG);
            client.say(b"hello");
            assert!(client.hears(b"hello"));
            assert_eq!(running.is_busy(if busy { LONG } else { BRIEFLY }), busy);
            drop(client);
            running.end();
        }
    }
}
