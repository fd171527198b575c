//! Versions that the book shows on the way: naive, intermediate, or simply not the one that stayed.
//!
//! Each is compiled and tested, and where there is a version that stayed, one contract test runs over
//! them all.

pub mod bare_epoll;
pub mod ch01;
pub mod ch02;
pub mod ch03;
pub mod ch04;
pub mod ch05;
pub mod ch06;
pub mod ch07;
pub mod ch08;
pub mod ch09;
pub mod ch10;
pub mod picture;
pub mod timers;
pub mod tokio_channels;

/// The pictures of the chapters, each made by the run that it shows.
pub fn pictures() -> Vec<picture::Picture> {
    vec![
        ch01::timeline::with_threads(),
        ch01::timeline::with_tasks(),
        ch02::trace::run(),
        #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
        ch03::crossing::run(),
        ch04::waveform::picture(),
        ch05::reuse::by_number(),
        ch05::reuse::by_token(),
        ch06::stepping::run(),
        ch07::exchange::moved(),
        ch07::exchange::pinned(),
        ch08::interleaving::lost(),
        ch08::interleaving::kept(),
        ch09::turns::run(),
        ch10::round::run(),
    ]
}

/// The real `timers.rs` is compiled here as well, and finds its neighbours under the same names.
use reactor::slab;

#[cfg(test)]
mod sys {
    pub(crate) mod clock {
        pub(crate) fn now() -> std::time::Instant {
            reactor::time::now()
        }
    }
}
