//! HELP of the containers: what their rows of the table say, as redis-cli shows it.

use super::Call;
use super::error::{Error, Outcome};

/// Lists a container's subcommands and what they are for.
pub(super) fn list(call: &mut Call<'_>, container: &str) -> Outcome {
    let command = call
        .commands
        .find(container.as_bytes())
        .ok_or_else(|| Error::with(&[b"ERR no such container: ", container.as_bytes()]))?;
    call.reply.array(1 + 2 * command.subcommands.len());
    let title = format!(
        "{} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        container.to_ascii_uppercase()
    );
    call.reply.status(&title);
    for subcommand in command.subcommands {
        let name = subcommand.name.rsplit('|').next().unwrap_or(subcommand.name);
        call.reply.status(&name.to_ascii_uppercase());
        call.reply.status(&format!("    {}.", subcommand.summary));
    }
    Ok(())
}
