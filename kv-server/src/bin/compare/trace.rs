//! How many system calls an operation costs, counted by strace(1).
//!
//! A run of a number of requests, and a run of twice as many: what the second has more, the requests
//! alone have caused. Connecting and leaving are in both.

use std::collections::BTreeMap;

use crate::drive::Driver;
use crate::options::Workload;
use crate::outcome::Calls;
use crate::place::Place;
use crate::server::Server;
use crate::strace::Strace;

/// Counts the calls of a server under a load.
///
/// # Errors
/// In words: strace may not trace, or the load fails.
pub(crate) fn calls(
    driver: &Driver,
    server: &Server,
    workload: &Workload,
    requests: u64,
) -> Result<Calls, String> {
    let (few, few_operations) = count(driver, server, workload, requests)?;
    let (many, many_operations) = count(driver, server, workload, requests * 2)?;
    let operations = many_operations - few_operations;
    let mut kinds: Vec<(String, f64)> = many
        .into_iter()
        .map(|(name, calls)| {
            let less = few.get(&name).copied().unwrap_or(0);
            let each = (calls as f64 - less as f64) / operations;
            (name, each)
        })
        // One more or one less while the tracer comes and goes is nothing.
        .filter(|(_, each)| each.abs() > 0.0005)
        .collect();
    kinds.sort_by(|left, right| right.1.total_cmp(&left.1));
    Ok(Calls { all: kinds.iter().map(|(_, each)| each).sum(), kinds })
}

/// The calls while a load ran, and the number of its operations.
fn count(
    driver: &Driver,
    server: &Server,
    workload: &Workload,
    requests: u64,
) -> Result<(BTreeMap<String, u64>, f64), String> {
    let strace = Strace::attach(server, &["-c"])?;
    let requests = requests.to_string();
    let more = ["--lock-step", "--no-fill", "--requests", &requests];
    let ran = driver.run(server, Place::Server, workload.load, &more);
    // The server goes on, whatever became of the load; strace prints its table.
    let table = strace.end()?;
    Ok((parse(&table), ran?.operations))
}

/// The lines of strace's table: `% time, seconds, usecs/call, calls, errors or nothing, name`.
fn parse(table: &str) -> BTreeMap<String, u64> {
    let row = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let name = *columns.last()?;
        let calls = columns.get(3)?.parse().ok()?;
        (name != "total" && columns.len() >= 5).then(|| (name.to_owned(), calls))
    };
    table.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straces_table_is_read_with_and_without_errors() {
        let table = "\
strace: Process 77 detached
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000600           3       200           sendto
 40.00    0.000400           2       210        10 recvfrom
------ ----------- ----------- --------- --------- ----------------
100.00    0.001000           2       410        10 total
";
        let calls = parse(table);
        let expected = [("recvfrom".to_owned(), 210), ("sendto".to_owned(), 200)];
        assert_eq!(calls.into_iter().collect::<Vec<_>>(), expected);
    }
}
