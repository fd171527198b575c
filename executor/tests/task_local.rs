//! Task-locals: seen by their own task, wherever it is polled or dropped, and by nobody else.

mod support;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use executor::{NotInScope, spawn, yield_now};
use support::drops::{Drops, Tally, on_drop};
use support::polls::poll_once;
use support::{panic_of, run, soon};

executor::task_local! {
    static NAME: &'static str;
    /// With a comment and a visibility.
    pub(crate) static COUNT: Cell<u32>;
    static HELD: Tally;
}

#[test]
fn each_task_sees_its_own_value_across_awaits() {
    run(async {
        let tasks = ["one", "two", "three"].map(|name| {
            spawn(NAME.scope(name, async move {
                for _ in 0..5 {
                    assert_eq!(NAME.get(), name);
                    yield_now().await;
                    assert_eq!(NAME.try_with(|_| ()), Ok(()));
                }
                NAME.get()
            }))
        });
        for (task, name) in tasks.into_iter().zip(["one", "two", "three"]) {
            assert_eq!(soon("a task with a value", task).await.expect("no panic"), name);
            assert_eq!(NAME.try_with(|name| *name), Err(NotInScope));
        }
    });
}

#[test]
fn scopes_nest_and_the_outer_value_comes_back() {
    run(NAME.scope("outer", async {
        NAME.scope("inner", async {
            yield_now().await;
            assert_eq!(NAME.get(), "inner");
            NAME.sync_scope("innermost", || assert_eq!(NAME.get(), "innermost"));
            assert_eq!(NAME.get(), "inner");
        })
        .await;
        assert_eq!(NAME.get(), "outer");
    }));
}

#[test]
fn a_spawned_task_does_not_inherit() {
    run(NAME.scope("parent", async {
        let child = spawn(async { NAME.try_with(|name| *name) });
        assert_eq!(soon("the child", child).await.expect("no panic"), Err(NotInScope));
    }));
}

#[test]
fn outside_of_a_scope_the_panic_says_what_is_missing() {
    assert!(panic_of(|| NAME.get()).contains("inside its `scope`"));
}

#[test]
fn a_panic_inside_gives_the_value_before_back() {
    run(NAME.scope("outer", async {
        let text = panic_of(|| NAME.sync_scope("inner", || panic!("inside")));
        assert_eq!((text.as_str(), NAME.get()), ("inside", "outer"));
        let mut panics = Box::pin(NAME.scope("inner", async { panic!("polled") }));
        let text = panic_of(|| poll_once::<_>(&mut panics));
        assert_eq!((text.as_str(), NAME.get()), ("polled", "outer"));
    }));
    assert_eq!(NAME.try_with(|_| ()), Err(NotInScope));
}

#[test]
fn destructors_find_the_value_too() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let sees = Rc::clone(&seen);
    let mut scoped = Box::pin(NAME.scope("dropped", async move {
        let _at_drop = on_drop(move || sees.borrow_mut().push(NAME.get()));
        std::future::pending::<()>().await;
    }));
    assert!(poll_once(&mut scoped).is_pending());
    drop(scoped);
    assert_eq!(*seen.borrow(), ["dropped"]);
    assert_eq!(NAME.try_with(|_| ()), Err(NotInScope));
}

#[test]
fn a_look_may_enter_other_scopes_of_the_same_key() {
    run(COUNT.scope(Cell::new(1), async {
        COUNT.with(|outer| {
            COUNT.sync_scope(Cell::new(10), || COUNT.with(|inner| inner.set(inner.get() + 1)));
            outer.set(outer.get() + 1);
        });
        assert_eq!(COUNT.with(Cell::get), 2);
    }));
}

#[test]
fn the_value_is_dropped_with_its_scope_whatever_becomes_of_it() {
    let drops = Drops::new();
    run(HELD.scope(drops.value(), yield_now()));
    assert_eq!(drops.count(), 1);
    drop(HELD.scope(drops.value(), std::future::pending::<()>()));
    assert_eq!(drops.count(), 2, "never polled");
    let mut waits = Box::pin(HELD.scope(drops.value(), std::future::pending::<()>()));
    assert!(poll_once(&mut waits).is_pending());
    drop(waits);
    assert_eq!(drops.count(), 3, "dropped where it waits");
}
