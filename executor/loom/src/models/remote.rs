//! `remote`: the packet that brings a result, or an abort, to the other thread.

use loom::thread;
use std::future::{pending, ready};
use std::sync::Arc;

use super::{Counted, alive, check};
use crate::park::block_on;
use crate::remote::{packet, produce};

#[test]
fn a_result_reaches_a_handle_whenever_it_goes_to_sleep() {
    check(3, || {
        let (producer, handle) = packet();
        let works = thread::spawn(move || block_on(produce(ready(7), producer)));
        assert_eq!(block_on(handle).expect("it ends well"), 7);
        works.join().unwrap();
    });
}

#[test]
fn a_producer_that_goes_without_a_word_has_cancelled() {
    check(None, || {
        let (producer, handle) = packet::<()>();
        let drops = thread::spawn(move || drop(producer));
        assert!(block_on(handle).expect_err("there is no result").is_cancelled());
        drops.join().unwrap();
    });
}

#[test]
fn an_abort_reaches_work_that_waits_whenever_it_goes_to_sleep() {
    check(3, || {
        let (producer, handle) = packet::<()>();
        let works = thread::spawn(move || block_on(produce(pending(), producer)));
        handle.abort();
        assert!(block_on(handle).expect_err("it is aborted").is_cancelled());
        works.join().unwrap();
    });
}

#[test]
fn a_result_whose_handle_goes_is_dropped_once() {
    check(None, || {
        let count = Arc::default();
        let (producer, handle) = packet();
        let value = Counted::new(&count);
        let works = thread::spawn(move || producer.complete(Ok(value)));
        drop(handle);
        works.join().unwrap();
        assert_eq!(alive(&count), 0);
    });
}
