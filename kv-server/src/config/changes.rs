//! How settings are changed that need more than one line for it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::values::{choice, number};
use super::{Config, MAX_PASSWORD, Notifications};

pub(super) fn port(config: &Config) -> String {
    config.bind.port().to_string()
}

pub(super) fn set_port(config: &mut Config, text: &str) -> Result<(), String> {
    config.bind.set_port(number(text, 0, u16::MAX)?);
    Ok(())
}

/// A time, of which 0 means none.
pub(super) fn seconds(text: &str) -> Result<Option<Duration>, String> {
    let seconds: u32 = number(text, 0, i32::MAX as u32)?;
    Ok((seconds > 0).then(|| Duration::from_secs(seconds.into())))
}

pub(super) const YES_OR_NO: [(&str, bool); 2] = [("yes", true), ("no", false)];

pub(super) fn yes_or_no(text: &str) -> Result<bool, String> {
    choice(text, &YES_OR_NO).map_err(|_| "argument must be 'yes' or 'no'".to_owned())
}

pub(super) fn set_notifications(config: &mut Config, text: &str) -> Result<(), String> {
    config.notifications = Notifications::parse(text.as_bytes())
        .ok_or("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")?;
    Ok(())
}

pub(super) fn set_password(config: &mut Config, text: &str) -> Result<(), String> {
    if text.len() > MAX_PASSWORD {
        return Err("Password is longer than CONFIG_AUTHPASS_MAX_LEN".into());
    }
    config.password = text.as_bytes().to_vec();
    Ok(())
}

/// Each further time adds to those before.
pub(super) fn set_disabled(config: &mut Config, text: &str) -> Result<(), String> {
    for name in text.split_ascii_whitespace().map(str::to_ascii_lowercase) {
        if !config.disabled.contains(&name) {
            config.disabled.push(name);
        }
    }
    Ok(())
}

/// A port alone, or a whole address.
pub fn topics_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse::<u16>() {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    text.parse().map_err(|_| "give a port as in 8889, or ADDR:PORT as in 0.0.0.0:8889".into())
}

pub(super) fn set_topics(config: &mut Config, text: &str) -> Result<(), String> {
    config.topics = if text.is_empty() { None } else { Some(topics_address(text)?) };
    Ok(())
}

pub(super) fn set_log_file(config: &mut Config, text: &str) -> Result<(), String> {
    config.log_file = (!text.is_empty()).then(|| PathBuf::from(text));
    Ok(())
}

pub(super) fn set_metrics(config: &mut Config, text: &str) -> Result<(), String> {
    let parse = |text: &str| text.parse::<SocketAddr>();
    let address = (!text.is_empty()).then(|| parse(text)).transpose();
    config.metrics = address.map_err(|_| "argument must be ADDR:PORT, as 127.0.0.1:9121")?;
    Ok(())
}
