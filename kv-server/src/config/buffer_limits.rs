//! How far a subscriber may fall behind, in Redis's words and in fewer.

use std::time::Duration;

use super::{Config, OutputLimit, parse_size};

/// Tools expect all three classes; replicas there are none.
pub(super) fn get(config: &Config) -> String {
    let class = |name: &str, limit: OutputLimit| {
        format!("{name} {} {} {}", limit.hard, limit.soft, limit.patience.as_secs())
    };
    let normal = class("normal", config.normal_limit);
    let pubsub = class("pubsub", config.pubsub_limit);
    format!("{normal} slave 268435456 67108864 60 {pubsub}")
}

/// Redis's groups of four words, or `HARD[:SOFT:SECONDS]`.
pub(super) fn set(config: &mut Config, text: &str) -> Result<(), String> {
    const WRONG: &str =
        "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
    let limit = |hard: &str, soft: &str, seconds: &str| {
        let bytes = |text| parse_size(text).and_then(|bytes| usize::try_from(bytes).ok());
        let (Some(hard), Some(soft), Ok(seconds)) =
            (bytes(hard), bytes(soft), seconds.parse::<u32>())
        else {
            return Err(WRONG.to_owned());
        };
        Ok(OutputLimit { hard, soft, patience: Duration::from_secs(seconds.into()) })
    };
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    if let [word] = words[..] {
        config.pubsub_limit = match word.split(':').collect::<Vec<&str>>()[..] {
            [hard] => limit(hard, "0", "0")?,
            [hard, soft, seconds] => limit(hard, soft, seconds)?,
            _ => return Err("give HARD, or HARD:SOFT:SECONDS as in 32mb:8mb:60".into()),
        };
        return Ok(());
    }
    if words.is_empty() || !words.len().is_multiple_of(4) {
        return Err("Wrong number of arguments in buffer limit configuration.".into());
    }
    for group in words.chunks_exact(4) {
        let limit = limit(group[1], group[2], group[3])?;
        match group[0].to_ascii_lowercase().as_str() {
            "pubsub" => config.pubsub_limit = limit,
            "normal" => config.normal_limit = limit,
            "slave" | "replica" => {}
            _ => return Err("Invalid client class specified in buffer limit configuration.".into()),
        }
    }
    Ok(())
}
