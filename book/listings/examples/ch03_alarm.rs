//! A wait of 50 ms, while an alarm rings every 10.

use std::time::Duration;

use listings::ch03::waiting::{in_alarms, the_whole_timeout, what_is_left};

const TIMEOUT: Duration = Duration::from_millis(50);

fn main() {
    let (result, took) = in_alarms(|ask| the_whole_timeout(TIMEOUT, ask));
    say("the whole timeout again:", result.is_ok(), took);
    let (result, took) = in_alarms(|ask| what_is_left(TIMEOUT, ask));
    say("what is left of it:", result.is_ok(), took);
}

fn say(how: &str, ended: bool, took: Duration) {
    let end = match ended {
        true if took >= TIMEOUT => "back when its time was over",
        true => "back too early",
        false if took > 5 * TIMEOUT => "five times its time gone, and still waiting",
        false => "30 alarms, and still waiting",
    };
    println!("{how:<27}{end}");
}
