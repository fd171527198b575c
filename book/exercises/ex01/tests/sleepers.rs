//! How long a hundred sleepers take, by a clock that is exact. The names say the order in which to go.

use std::time::Duration;

use ex01::{MINUTE, in_tens, made_first, naps, one_after_the_other, predictions, side_by_side};
use executor::Builder;
use executor::time::now;
use watchdog::within;

/// How many minutes of the virtual clock `sleepers` take.
fn minutes<F: Future>(sleepers: fn(Vec<Duration>) -> F) -> u32 {
    let runtime = Builder::new().virtual_time(true).build().expect("a runtime");
    let took = runtime.block_on(async {
        let start = now();
        sleepers(naps()).await;
        now() - start
    });
    (took.as_secs() / MINUTE.as_secs()) as u32
}

#[track_caller]
fn right(name: &str, predicted: usize, took: u32, known: u32, advice: &str) {
    assert_eq!(took, known, "\n  `{name}` took {took} minutes.\n  What to do next: {advice}\n");
    let prediction = predictions()[predicted];
    assert_eq!(
        prediction, took,
        "\n  You predicted {prediction} minutes for `{name}`, and it took {took}.\n  What to do next: find \
         out why, before you change the prediction.\n"
    );
}

#[test]
fn step_1_the_predictions_are_made_and_none_is_nothing() {
    let predictions = within("write four numbers down; they may be wrong.", predictions);
    assert!(!predictions.contains(&0), "somebody sleeps: no prediction is zero");
}

#[test]
fn step_2_one_after_the_other() {
    let advice = "`for nap in naps`, and one `.await` inside.";
    let took = within(advice, || minutes(one_after_the_other));
    right("one_after_the_other", 0, took, 5050, advice);
}

#[test]
fn step_3_made_first() {
    let advice = "collect futures, not results: `async move { sleep(nap).await }`, and no `spawn`.";
    let took = within(advice, || minutes(made_first));
    right("made_first", 1, took, 5050, advice);
}

#[test]
fn step_4_side_by_side() {
    let advice = "two loops: the first spawns all of them, the second awaits the handles.";
    let took = within(advice, || minutes(side_by_side));
    right("side_by_side", 2, took, 100, advice);
}

#[test]
fn step_5_in_tens() {
    let advice =
        "`for ten in naps.chunks(10)`: ten side by side, and all awaited before the next ten.";
    let took = within(advice, || minutes(in_tens));
    right("in_tens", 3, took, 550, advice);
}
