use super::*;
use crate::outcome::tests::example;

fn states(outcome: &Outcome, part: &str) -> Vec<State> {
    let all = of(outcome).into_iter();
    all.filter(|target| format!("{}: {}", target.kind, target.what).contains(part))
        .map(|target| target.state)
        .collect()
}

#[test]
fn a_limit_is_met_up_to_itself_and_missed_beyond() {
    let state = |found| Target::new("k", "x".to_owned(), 0.95, Ok(found), None, 3).state;
    assert_eq!([state(0.95), state(0.951)], [State::Met, State::Missed]);
    let none = Target::new("k", "x".to_owned(), 0.0, Err("no tool".to_owned()), None, 0);
    assert_eq!((none.limit.as_str(), none.found.as_str()), ("0", "–"));
    assert_eq!(none.outcome(), "not measured: no tool");
}

#[test]
fn a_limit_below_the_floor_is_missed_and_nobody_could_keep_it() {
    let outcome =
        |found, floor| Target::new("k", "x".to_owned(), 0.6, Ok(found), Some(floor), 3).outcome();
    assert_eq!(outcome(0.99, 0.97), "missed: the target is below the floor");
    assert_eq!([outcome(0.99, 0.55), outcome(0.6, 0.55)], ["missed", "met"]);
    assert_eq!(outcome(0.95, 0.97), "missed", "a floor that we are below is none");
    // The event loop takes 0.8 of what tokio's build takes in each slice of this run.
    let mut run = example(1.0);
    let compared = &mut run.workloads[0];
    let mut bare = compared.rows.remove(1);
    bare.name = BARE;
    bare.slices = compared.rows[0].slices.iter().map(|time| time * 0.8).collect();
    let own = bare.clone();
    compared.rows.extend([Row { name: OWN, slices: compared.rows[0].slices.clone(), ..own }, bare]);
    let all = of(&run);
    let to_tokio = all.iter().find(|target| target.what == "GET, 1 a round trip");
    let to_tokio = to_tokio.expect("it is a target");
    assert_eq!((to_tokio.found.as_str(), to_tokio.floor.as_str()), ("1.000", "0.800"));
    assert_eq!(to_tokio.outcome(), "missed");
    assert_eq!(to_tokio.json()["floor"].as_f64().map(|floor| (floor * 1e3).round()), Some(800.0));
}

#[test]
fn a_ratio_counts_only_where_the_control_is_good() {
    // 0.91 of tokio's time, of which 0.95 is allowed; no bare loop and no Redis ran.
    assert_eq!(states(&example(1.0), "tokio's = 1: GET, 1 a"), [State::Met]);
    assert_eq!(states(&example(1.2), "tokio's = 1: GET, 1 a"), [State::Noisy]);
    let missing = State::Unknown("redis was not there".to_owned());
    assert_eq!(states(&example(1.2), "redis's = 1: INCR, 16"), [missing]);
    assert_eq!(states(&example(1.2), "lock-step: GET, 1 a"), [State::Met], "2.02 of 2.05");
}

#[test]
fn what_was_counted_and_what_was_not_is_told() {
    let mut outcome = example(1.0);
    assert_eq!(states(&outcome, "instructions of one: GET, 1 a"), [State::Missed], "901 of 900");
    assert_eq!(states(&outcome, "idle connection (1000, served once)"), [State::Met]);
    assert_eq!(states(&outcome, "an idle server"), [State::Met]);
    for row in outcome.workloads.iter_mut().flat_map(|compared| &mut compared.rows) {
        row.instructions = None;
    }
    outcome.uncounted = Some("valgrind is not installed".to_owned());
    let why = State::Unknown("valgrind is not installed".to_owned());
    assert_eq!(states(&outcome, "instructions of one: GET, 1 a"), [why]);
    let json: Vec<Value> = of(&outcome).iter().map(Target::json).collect();
    let of_get = |row: &&Value| row["kind"] == "user instructions of one";
    let row = json.iter().find(of_get).expect("a row");
    assert_eq!(row["why"], "valgrind is not installed");
}
