//! What the machine is, and how busy it was.

use std::fs;

use serde_json::{Value, json};

/// Facts from Linux's `/proc`; a question mark where it does not say.
#[derive(Debug)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    places: &'static str,
    /// Processes that wanted a core, over the last minute: before and after.
    load: [String; 2],
}

impl Machine {
    pub(crate) fn look(places: &'static str) -> Machine {
        let processor = read("/proc/cpuinfo")
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
            .map_or_else(|| "?".to_owned(), |(_, name)| name.to_owned());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let kernel = read("/proc/sys/kernel/osrelease").trim().to_owned();
        Machine { processor, cores, kernel, places, load: [load(), String::new()] }
    }

    /// At the end.
    pub(crate) fn look_again(mut self) -> Machine {
        self.load[1] = load();
        self
    }

    /// In a line.
    pub(crate) fn text(&self) -> String {
        format!(
            "{}, {} cores, Linux {}; {}; load average {} before, {} after",
            self.processor, self.cores, self.kernel, self.places, self.load[0], self.load[1]
        )
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "processor": self.processor,
            "cores": self.cores,
            "kernel": self.kernel,
            "places": self.places,
            "load_average": self.load,
        })
    }
}

fn load() -> String {
    read("/proc/loadavg").split(' ').next().unwrap_or("?").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|_| "?".to_owned())
}

/// Bytes of a process that are in memory (`VmRSS`; proc(5)). `None` where the system does not say.
pub(crate) fn resident(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}
