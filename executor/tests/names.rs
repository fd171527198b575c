//! Named tasks: the name is shown while the task runs, and said when it did not end well.

mod support;

use executor::{JoinHandle, spawn, spawn_named, yield_now};
use support::{panic_of, run, runtime, soon};

#[test]
fn a_handle_shows_the_name_while_its_task_runs() {
    run(async {
        let named = spawn_named("clerk", yield_now());
        let unnamed: JoinHandle<()> = spawn(async {});
        assert!(format!("{named:?}").ends_with(", clerk)"), "{named:?}");
        assert_eq!(named.name().as_deref(), Some("clerk"));
        assert_eq!(unnamed.name(), None);
        assert!(!format!("{unnamed:?}").contains(','), "{unnamed:?}");
        yield_now().await;
        yield_now().await;
        assert!(named.is_finished());
        assert_eq!(named.name(), None, "it is over");
        soon("both", async { (named.await, unnamed.await) }).await.0.expect("no panic");
    });
}

#[test]
fn an_error_says_whose_it_is() {
    run(async {
        let panics = spawn_named(String::from("clerk 7"), async { panic!("no ink") });
        let error = soon("the panic", panics).await.expect_err("it panics");
        assert_eq!(error.to_string(), "the task `clerk 7` panicked: no ink");
        assert_eq!(error.task_name(), Some("clerk 7"));
        let back = error.into_panic().expect("it is a panic");
        assert_eq!(back.downcast_ref::<&str>(), Some(&"no ink"));

        let aborted = spawn_named("sleeper", std::future::pending::<()>());
        aborted.abort();
        let error = soon("the abort", aborted).await.expect_err("it was aborted");
        assert_eq!(error.to_string(), "the task `sleeper` was cancelled");
        let error = error.into_panic().expect_err("it is no panic");
        assert_eq!(error.task_name(), Some("sleeper"));
    });
}

#[test]
fn a_name_does_not_pass_to_the_next_task_in_the_same_place() {
    run(async {
        for _ in 0..3 {
            soon("a named task", spawn_named("first", async {})).await.expect("no panic");
            let next = spawn(async { panic!("nameless") });
            assert_eq!(next.name(), None);
            let error = soon("the next", next).await.expect_err("it panics");
            assert_eq!(error.to_string(), "the task panicked: nameless");
        }
    });
}

#[test]
fn a_named_task_that_goes_down_with_its_runtime_says_so() {
    let runtime = runtime();
    let task = runtime.block_on(async { Some(spawn_named("last", std::future::pending::<()>())) });
    let task = task.expect("it was spawned");
    drop(runtime);
    assert_eq!(task.name(), None);
    let error = executor::park::block_on(task).expect_err("the runtime is gone");
    assert!(error.is_cancelled());
}

#[test]
fn without_a_runtime_there_is_no_named_task_either() {
    assert!(panic_of(|| spawn_named("nobody", async {})).contains("no runtime"));
}
