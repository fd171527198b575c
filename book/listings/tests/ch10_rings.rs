//! In a process of its own, for all eventfds of the process are counted.
#![cfg(target_os = "linux")]

use listings::ch10::rings;

#[test]
fn a_bell_is_rung_once_for_who_sleeps_and_never_for_who_is_awake() {
    let [awake, asleep] = rings::rows();
    assert_eq!(awake.writes, [100, 0, 0], "{}", awake.words);
    assert_eq!(asleep.writes, [1, 1, 1], "{}", asleep.words);
}
