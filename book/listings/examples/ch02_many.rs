//! What it costs to have many who wait: `ch02_many threads 10000`, `ch02_many tasks 50000`.
//!
//! Linux alone: the numbers come from `/proc`. Where there is no room for so many threads, it says why,
//! and what those that there was room for cost.

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::future::pending;
    use std::sync::{Arc, RwLock};
    use std::thread::{self, JoinHandle};
    use std::time::{Duration, Instant};

    /// What the kernel says of this process, and of its own stacks, in KiB.
    #[derive(Clone, Copy)]
    struct Memory {
        address_space: i64,
        resident: i64,
        page_tables: i64,
        kernel_stacks: i64,
        mappings: i64,
    }

    impl Memory {
        fn now() -> Memory {
            let maps = fs::read_to_string("/proc/self/maps").expect("Linux has it");
            Memory {
                address_space: field("/proc/self/status", "VmSize:"),
                resident: field("/proc/self/status", "VmRSS:"),
                page_tables: field("/proc/self/status", "VmPTE:"),
                kernel_stacks: field("/proc/meminfo", "KernelStack:"),
                mappings: maps.lines().count() as i64,
            }
        }

        fn print_since(&self, before: &Memory, count: usize) {
            let each = |now: i64, then: i64| (now - then) as f64 / count as f64;
            println!("each, in KiB:");
            println!("  address space  {:8.1}", each(self.address_space, before.address_space));
            println!("  resident       {:8.2}", each(self.resident, before.resident));
            println!("  page tables    {:8.2}", each(self.page_tables, before.page_tables));
            println!("  kernel stack   {:8.1}", each(self.kernel_stacks, before.kernel_stacks));
            println!("mappings each: {:.1}", each(self.mappings, before.mappings));
        }
    }

    /// The number behind a name in one of the kernel's tables.
    fn field(file: &str, name: &str) -> i64 {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let line = text.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        number.unwrap_or_else(|| panic!("{file} has no number behind {name}"))
    }

    fn limit(file: &str) {
        let value = fs::read_to_string(file).unwrap_or_else(|error| error.to_string());
        println!("  {file}: {}", value.trim());
    }

    pub(super) fn threads(count: usize) {
        let gate = Arc::new(RwLock::new(()));
        let closed = gate.write().expect("nobody else has it");
        let (before, start) = (Memory::now(), Instant::now());
        let mut threads: Vec<JoinHandle<()>> = Vec::new();
        for _ in 0..count {
            let gate = Arc::clone(&gate);
            // All of them wait for the gate, and then end.
            match thread::Builder::new().spawn(move || drop(gate.read())) {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    println!("no room for thread {}: {error}; the limits:", threads.len() + 1);
                    limit("/proc/sys/vm/max_map_count");
                    limit("/proc/sys/kernel/pid_max");
                    limit("/proc/sys/kernel/threads-max");
                    break;
                }
            }
        }
        let took = start.elapsed();
        thread::sleep(Duration::from_millis(200)); // the last ones are on their way to the gate
        println!("{} threads wait; started in {took:.1?}", threads.len());
        if !threads.is_empty() {
            println!("{:.1} µs each", took.as_secs_f64() * 1e6 / threads.len() as f64);
            Memory::now().print_since(&before, threads.len());
        }
        drop(closed);
        for thread in threads {
            thread.join().expect("a gate is not panicked at");
        }
    }

    pub(super) fn tasks(count: usize) {
        executor::block_on(async {
            let (before, start) = (Memory::now(), Instant::now());
            for _ in 0..count {
                executor::spawn(pending::<()>()).detach();
            }
            executor::yield_now().await; // and all of them have been polled
            let took = start.elapsed();
            println!("{count} tasks wait; started in {took:.1?}");
            println!("{:.2} µs each", took.as_secs_f64() * 1e6 / count as f64);
            Memory::now().print_since(&before, count);
        });
    }
}

#[cfg(target_os = "linux")]
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["threads", count] if count.parse::<usize>().is_ok() => {
            linux::threads(count.parse().expect("just looked"));
        }
        ["tasks", count] if count.parse::<usize>().is_ok_and(|count| count > 0) => {
            linux::tasks(count.parse().expect("just looked"));
        }
        _ => {
            eprintln!("usage: ch02_many threads COUNT, or ch02_many tasks COUNT");
            std::process::exit(2);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("this one reads Linux's /proc");
}
