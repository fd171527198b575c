//! How many clients the system lets this process have: each is an open file.

use std::mem;

use rlimit::Resource;

use crate::config::Config;

/// Descriptors that are not clients': the listener, the event queue, standard streams, and some.
const RESERVED: u64 = 32;

/// Raises this process's limit of open files so that `config.max_clients` fit, or lowers the
/// latter to what fits. What happened, if it is worth a line.
pub fn fit_descriptors(config: &mut Config) -> Option<String> {
    let wanted = config.max_clients as u64 + RESERVED;
    let (soft, _) = Resource::NOFILE.get().ok()?;
    if soft >= wanted {
        return None;
    }
    let got = rlimit::increase_nofile_limit(wanted).unwrap_or(soft);
    if got >= wanted {
        return None;
    }
    let asked = mem::replace(&mut config.max_clients, clients(got));
    Some(format!(
        "{asked} clients need {wanted} open files, but this process may have {got}: \
         --max-clients is lowered to {} (more: raise the hard limit, `ulimit -Hn`)",
        config.max_clients
    ))
}

/// The most clients that fit the limit as it is now.
pub(super) fn most_clients() -> usize {
    Resource::NOFILE.get().map_or(usize::MAX, |(soft, _)| clients(soft))
}

fn clients(files: u64) -> usize {
    usize::try_from(files.saturating_sub(RESERVED).max(1)).unwrap_or(usize::MAX)
}
