//! What tasks and threads talk by, and the tests of what each promises.
//!
//! Four promises are made again and again: whoever comes first is served first; a wait may be dropped at
//! any point, and takes nothing along; an end is told to all who wait, and each value is dropped once; and,
//! where threads meet, all of that in every order in which they may. The names are those of tests in this
//! folder, in the last column of models in `loom/src/models`; `primitives` checks that they exist, and
//! that each file of `sync` and `cross` that has waits has its row.
//!
//! | file | in order | dropped while it waits | its end | between threads |
//! | --- | --- | --- | --- | --- |
//! | `sync/notify` | `notify_one_wakes_in_the_order_of_arrival`, `a_latecomer_does_not_overtake_who_was_notified` | `a_waiter_that_is_dropped_before_it_was_notified_leaves_no_trace`, `a_notified_waiter_that_is_dropped_passes_it_on`, `a_dropped_waiter_of_a_round_passes_nothing_on` | `wakers_may_use_the_notify_while_they_are_dropped` | none: one thread |
//! | `sync/oneshot` | none: one value | `a_wait_that_is_dropped_takes_no_value_with_it`, `a_dropped_wait_for_the_receivers_end_leaves_the_sender_as_it_was` | `a_closed_receiver_takes_nothing_new_but_keeps_what_was_sent`, `a_sender_that_goes_without_a_word_wakes_the_receiver_with_an_error`, `each_value_is_dropped_exactly_once` | none: one thread |
//! | `sync/mpsc` | `values_come_out_in_the_order_in_which_they_went_in`, `senders_in_line_are_served_first_come_first_served`, `a_sink_stands_in_line_with_other_senders` | `the_capacity_is_kept_whatever_is_cancelled`, `a_sender_that_got_a_slot_and_is_dropped_passes_it_on`, `a_dropped_wait_for_a_value_takes_none`, `a_sink_dropped_or_closed_at_any_point_passes_its_slot_on` | `a_closed_receiver_gives_what_was_sent_and_then_the_end`, `the_receiver_sees_the_end_when_the_last_sender_has_gone`, `each_value_is_dropped_exactly_once_wherever_it_is` | none: one thread |
//! | `sync/broadcast` | `all_receive_all_in_order`, `receivers_are_woken_in_the_order_in_which_they_began_to_wait` | `a_wait_dropped_at_any_await_point_takes_no_value_along`, `a_wait_that_is_forgotten_is_taken_up_by_the_next` | `the_last_senders_end_is_heard_after_all_was_taken`, `a_pushed_out_value_is_dropped_though_nobody_took_it` | none: one thread |
//! | `sync/watch` | `receivers_are_woken_in_the_order_of_waiting_and_a_panic_stops_nobody` | `a_change_between_two_waits_is_not_lost_whoever_drops_what`, `a_dropped_wait_for_a_value_or_the_receivers_end_wakes_nobody` | `a_change_is_heard_before_the_senders_end`, `values_are_dropped_outside_of_the_channel_and_once` | none: one thread |
//! | `sync/semaphore` | `permits_go_in_the_order_of_asking`, `a_small_request_does_not_overtake_a_large_one` | `a_wait_that_never_began_leaves_no_trace`, `a_dropped_wait_leaves_its_place_to_those_behind_it`, `a_permit_that_was_granted_and_not_taken_goes_to_the_next`, `a_dropped_owned_wait_gives_back_what_was_granted` | `close_tells_all_in_line_and_lets_held_permits_be`, `what_was_granted_before_close_is_granted` | none: one thread |
//! | `sync/mutex` | `the_lock_goes_in_the_order_of_asking` | `a_wait_dropped_at_any_await_point_passes_the_lock_on` | `a_holder_that_panics_leaves_the_value_and_the_lock`, `the_value_is_dropped_once_with_the_mutex_or_comes_out_of_it` | none: one thread |
//! | `sync/rwlock` | `a_writer_in_line_is_not_overtaken_by_later_readers`, `a_reader_in_line_is_not_overtaken_by_later_writers` | `who_leaves_at_any_await_point_leaves_the_lock_to_the_next`, `a_writer_that_leaves_the_line_lets_the_readers_behind_it_through` | `a_writer_that_panics_leaves_the_value_and_the_lock`, `the_value_is_dropped_once_with_the_lock_or_comes_out_of_it` | none: one thread |
//! | `sync/condvar` | `notify_one_wakes_in_the_order_of_waiting` | `a_wait_that_never_began_only_frees_the_mutex`, `a_dropped_wait_leaves_its_place_in_line`, `a_wait_dropped_after_it_was_notified_passes_the_notification_on`, `a_wait_dropped_while_it_locks_again_passes_the_notification_on` | none: waits borrow it | none: one thread |
//! | `sync/barrier` | `the_others_are_woken_in_the_order_in_which_they_came` | `who_stops_waiting_before_the_round_is_full_counts_no_longer`, `who_stops_waiting_after_the_round_was_full_changes_nothing` | none: waits borrow it | none: one thread |
//! | `sync/once_cell` | `a_maker_that_fails_leaves_the_cell_to_the_next_in_line` | `a_maker_dropped_at_any_await_point_leaves_the_cell_to_the_next` | `what_is_made_and_what_is_not_is_dropped_once` | none: one thread |
//! | `cross/channel` | `values_of_many_threads_all_arrive_each_threads_in_order`, `senders_in_line_are_served_first_come_first_served` | `a_send_dropped_at_any_await_point_sends_nothing_and_passes_its_slot_on`, `a_dropped_receive_takes_no_value_along` | `a_receiver_that_goes_gives_senders_their_values_back`, `the_last_senders_end_is_heard_after_all_was_taken` | `values_of_two_threads_and_their_end_reach_the_receiver`, `the_last_value_is_seen_before_the_senders_end`, `a_sender_that_waits_for_a_slot_gets_it_when_a_value_is_taken`, `a_sender_that_waits_hears_of_the_receivers_end_and_no_value_is_lost`, `a_wait_that_is_dropped_gives_its_slot_on_whenever_it_was_granted`, `a_receive_that_is_dropped_takes_no_value_whenever_it_was_sent` |
//! | `cross/oneshot` | none: one value | `a_wait_for_a_oneshot_that_is_dropped_takes_no_value_along` | `a_oneshot_gives_its_value_or_says_that_there_is_none`, `a_oneshots_value_is_dropped_once_whoever_goes_first` | `a_value_reaches_a_receiver_whenever_it_goes_to_sleep`, `a_sender_that_goes_wakes_the_receiver`, `a_receiver_that_changes_its_waker_is_woken_by_the_last`, `a_value_whose_receiver_goes_is_given_back_or_dropped_and_never_both` |

mod support;

#[path = "support/table.rs"]
mod table;

const COLUMNS: [(&str, &str); 4] = [
    ("in order", "tests"),
    ("dropped while it waits", "tests"),
    ("its end", "tests"),
    ("between threads", "loom/src/models"),
];

/// What a row says that is not so.
fn wrong_in(row: &[&str], has_test: impl Fn(&str, &str) -> bool) -> Vec<String> {
    assert_eq!(row.len(), 1 + COLUMNS.len(), "{row:?}");
    let cells = row[1..].iter().zip(COLUMNS);
    let wrong = cells.flat_map(|(cell, (column, folder))| {
        let named = table::named(cell);
        if named.is_empty() && !cell.starts_with("none: ") {
            return vec![format!("{}, {column}: neither a test nor a reason", row[0])];
        }
        let lost = named.into_iter().filter(|name| !has_test(folder, name));
        lost.map(|name| format!("{}, {column}: no test `{name}`", row[0])).collect()
    });
    wrong.collect()
}

#[test]
fn each_promise_of_each_primitive_names_tests_that_exist() {
    let sources = COLUMNS.map(|(_, folder)| (folder, table::sources(folder)));
    let has_test = |folder: &str, name: &str| {
        let (_, source) = sources.iter().find(|(known, _)| *known == folder).expect("it is known");
        table::has_test(source, name)
    };
    let rows = table::rows(include_str!("primitives.rs"));
    let wrong: Vec<String> = rows.iter().flat_map(|row| wrong_in(row, has_test)).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn each_file_that_has_waits_has_its_row() {
    let rows = table::rows(include_str!("primitives.rs"));
    let described: Vec<&str> = rows.iter().flat_map(|row| table::named(row[0])).collect();
    let no_waits =
        ["sync/mod", "sync/caller", "sync/error", "sync/wait_list", "sync/wakers", "cross/mod"];
    for folder in ["sync", "cross"] {
        for file in table::files(&format!("src/{folder}")) {
            let stem = file.file_stem().expect("a file's name").to_string_lossy();
            let name = format!("{folder}/{stem}");
            let known = described.contains(&&*name) != no_waits.contains(&&*name);
            assert!(known, "`{name}` has no row, or one too many");
        }
    }
}

#[test]
fn a_row_that_says_too_little_is_found() {
    let source =
        "//! | file | a |\n//! | --- | --- |\n//! | `x` | `a` | none: why | nothing | `b` |";
    let rows = table::rows(source);
    let wrong = wrong_in(&rows[0], |_, name| name == "a");
    let expected = ["its end: neither a test nor a reason", "between threads: no test `b`"];
    assert_eq!(wrong, expected.map(|text| format!("`x`, {text}")));
    let short = support::panic_of(|| wrong_in(&["`x`", "`a`"], |_, _| true));
    assert!(short.contains("`x`"), "{short}");
}
