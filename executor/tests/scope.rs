//! `scope`: children borrow from their parent, and none outlives it.

mod support;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use executor::sync::Notify;
use executor::{Scope, scope, spawn, yield_now};
use support::drops::{Drops, Log, on_drop};
use support::polls::{Watch, poll_once};
use support::{panic_of, run, soon};

#[test]
fn children_borrow_from_the_stack_and_give_their_outputs() {
    run(async {
        let words = ["poll".to_owned(), "wait".to_owned(), "awake".to_owned()];
        let lengths = scope(|scope| {
            let words = &words;
            async move {
                let children: Vec<_> = words
                    .iter()
                    .map(|word| {
                        scope.spawn(async move {
                            yield_now().await;
                            word.len()
                        })
                    })
                    .collect();
                executor::join_all(children).await
            }
        });
        assert_eq!(soon("three lengths", lengths).await, [4, 4, 5]);
        assert_eq!(words.len(), 3);
    });
}

#[test]
fn the_scope_ends_after_its_last_child_and_not_with_its_body() {
    run(async {
        let (log, gate) = (Log::new(), Notify::new());
        let (lines, news) = (&log, &gate);
        let mut all = Box::pin(scope(|scope| async move {
            drop(scope.spawn(async move {
                news.notified().await;
                lines.write("child");
            }));
            lines.write("body");
        }));
        assert!(poll_once(&mut all).is_pending());
        assert_eq!(log.take(), ["body"]);
        gate.notify_one();
        soon("the child", all).await;
        assert_eq!(log.take(), ["child"]);
    });
}

#[test]
fn children_may_spawn_children() {
    run(async {
        let count = Cell::new(0);
        fn tree<'env>(scope: Scope<'env>, depth: u32, count: &'env Cell<u32>) {
            count.set(count.get() + 1);
            for _ in 0..if depth > 0 { 2 } else { 0 } {
                let inner = scope.clone();
                drop(scope.spawn(async move {
                    yield_now().await;
                    tree(inner, depth - 1, count);
                }));
            }
        }
        let counted = &count;
        soon("the whole tree", scope(|scope| async move { tree(scope, 4, counted) })).await;
        assert_eq!(count.get(), 31);
    });
}

#[test]
fn a_dropped_scope_drops_its_body_and_all_children_where_they_wait() {
    for polls in 0..3 {
        let drops = Drops::new();
        let values = &drops;
        let mut all = Box::pin(scope(|scope| async move {
            let _held = values.value();
            for _ in 0..2 {
                let (held, inner) = (values.value(), scope.clone());
                drop(scope.spawn(async move {
                    // Holds the scope that holds it: a circle, but for the scope's end.
                    let _held = (held, inner);
                    std::future::pending::<()>().await;
                }));
            }
            yield_now().await;
            std::future::pending::<()>().await;
        }));
        for _ in 0..polls {
            assert!(poll_once(&mut all).is_pending());
        }
        drop(all);
        assert_eq!(drops.count(), if polls == 0 { 0 } else { 3 }, "after {polls} polls");
    }
}

#[test]
fn a_panic_of_a_child_is_the_scopes_and_drops_the_others() {
    let drops = Drops::new();
    let text = panic_of(|| {
        let values = &drops;
        run(scope(|scope| async move {
            let held = values.value();
            drop(scope.spawn(async move {
                let _held = held;
                std::future::pending::<()>().await;
            }));
            drop(scope.spawn(async { panic!("a bad child") }));
            std::future::pending::<()>().await;
        }));
    });
    assert_eq!((text.as_str(), drops.count()), ("a bad child", 1));
}

#[test]
fn a_scope_that_has_ended_takes_no_child() {
    run(async {
        let (kept, drops) = (RefCell::new(None), Drops::new());
        let keep = &kept;
        scope(|scope| async move { drop(keep.replace(Some(scope))) }).await;
        let late: Scope<'_> = kept.take().expect("the scope was kept");
        let held = drops.value();
        let handle = late.spawn(async move { drop(held) });
        assert_eq!(drops.count(), 1, "the child was dropped at once");
        let mut handle = handle;
        assert!(panic_of(|| poll_once(&mut handle)).contains("dropped before"));
    });
}

#[test]
fn a_child_that_spawns_in_its_destructor_does_no_harm() {
    let spawned = Rc::new(Cell::new(false));
    let sees = Rc::clone(&spawned);
    let mut all = Box::pin(scope(|scope: Scope<'static>| async move {
        let inner = scope.clone();
        drop(scope.spawn(async move {
            let _spawns = on_drop(move || {
                drop(inner.spawn(std::future::pending::<()>()));
                sees.set(true);
            });
            std::future::pending::<()>().await;
        }));
    }));
    assert!(poll_once(&mut all).is_pending());
    drop(all);
    assert!(spawned.get());
}

#[test]
fn a_wake_of_a_child_reaches_the_scope() {
    run(async {
        let watch = Watch::new();
        let parked = watch.parked();
        let waits = scope(|scope| async move { scope.spawn(parked).await });
        let task = executor::spawn(waits);
        yield_now().await;
        watch.release();
        soon("the scope's end", task).await.expect("no panic");
    });
}

#[test]
fn children_that_spawn_children_without_an_end_let_the_other_tasks_run() {
    fn descend(scope: &Scope<'static>, stop: Rc<Cell<bool>>, rounds: usize) {
        assert!(rounds < 10_000, "nobody else had a turn");
        if !stop.get() {
            let next = scope.clone();
            drop(scope.spawn(async move { descend(&next, stop, rounds + 1) }));
        }
    }
    run(async {
        let stop = Rc::new(Cell::new(false));
        let stops = Rc::clone(&stop);
        let endless = spawn(scope(|scope| async move { descend(&scope, stop, 0) }));
        spawn(async move { stops.set(true) }).detach();
        soon("the end of the children", endless).await.expect("they are told to stop");
    });
}
