//! Files by the blocking pool: whole ones, open ones, and their order.

mod support;

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use executor::fs::{self, File};
use support::{run, runtime, soon};

/// A directory of the test's own, removed with all that is in it.
struct Directory(PathBuf);

fn directory() -> Directory {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let path = std::env::temp_dir().join(format!("executor-fs-{}-{number}", std::process::id()));
    std::fs::create_dir(&path).expect("a new directory");
    Directory(path)
}

impl Drop for Directory {
    fn drop(&mut self) {
        // A test that fails leaves it behind at worst.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_whole_file_is_written_read_renamed_and_removed() {
    run(async {
        let directory = directory();
        let deep = directory.0.join("a/b");
        soon("directories", fs::create_dir_all(&deep)).await.expect("made");
        let (one, other) = (deep.join("one"), deep.join("other"));
        soon("a write", fs::write(&one, "text äöü")).await.expect("written");
        assert_eq!(soon("a read", fs::read_to_string(&one)).await.expect("read"), "text äöü");
        soon("a rename", fs::rename(&one, &other)).await.expect("renamed");
        assert_eq!(soon("a read", fs::read(&other)).await.expect("read"), "text äöü".as_bytes());
        let gone = soon("a read", fs::read(&one)).await.expect_err("it has another name");
        assert_eq!(gone.kind(), ErrorKind::NotFound);
        soon("a removal", fs::remove_file(&other)).await.expect("removed");
        assert!(!other.exists());
    });
}

#[test]
fn what_is_not_text_is_an_error() {
    run(async {
        let directory = directory();
        let path = directory.0.join("file");
        soon("a write", fs::write(&path, [0xff])).await.expect("written");
        let error = soon("a read", fs::read_to_string(&path)).await.expect_err("not UTF-8");
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    });
}

#[test]
fn an_open_file_is_appended_to_read_cut_and_synced() {
    run(async {
        let directory = directory();
        let path = directory.0.join("file");
        let file = soon("an open", File::open_to_append(&path)).await.expect("open");
        soon("an append", file.append("hello ")).await.expect("appended");
        soon("an append", file.append("world")).await.expect("appended");
        soon("a sync", file.sync_all()).await.expect("synced");
        soon("a sync", file.sync_data()).await.expect("synced");
        assert_eq!(soon("a read", file.read_at(5, 6)).await.expect("read"), b"world");
        assert_eq!(
            soon("a read", file.read_at(50, 6)).await.expect("read"),
            b"world",
            "to the end"
        );
        assert_eq!(soon("a read", file.read_at(5, 60)).await.expect("read"), b"", "after the end");
        soon("a cut", file.set_len(3)).await.expect("cut");
        assert_eq!(soon("its length", file.metadata()).await.expect("known").len(), 3);
        let reader = soon("an open", File::open(&path)).await.expect("open");
        assert!(soon("an append", reader.append("x")).await.is_err(), "it was opened to read");
    });
}

#[test]
fn write_at_leaves_the_rest_as_it_was() {
    run(async {
        let directory = directory();
        let path = directory.0.join("file");
        std::fs::write(&path, "aaaaaa").expect("written");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).read(true);
        let opening = fs::OpenOptions::from(options).open(&path);
        let file = soon("an open", opening).await.expect("open");
        soon("a write", file.write_at("BB", 2)).await.expect("written");
        assert_eq!(soon("a read", file.read_at(6, 0)).await.expect("read"), b"aaBBaa");
    });
}

#[test]
fn operations_of_one_file_are_done_in_the_order_of_their_calls() {
    run(async {
        let directory = directory();
        let path = directory.0.join("file");
        let file = soon("an open", File::open_to_append(&path)).await.expect("open");
        let mut expected = String::new();
        // All are under way at once, and most of the futures are dropped at once.
        for number in 0..500 {
            let line = format!("{number}\n");
            expected.push_str(&line);
            drop(file.append(line));
        }
        let last = file.read_at(expected.len() + 1, 0);
        let read = soon("the read after them", last).await.expect("read");
        assert!(read == expected.as_bytes(), "each once, in order");
    });
}

#[test]
fn operations_awaited_in_another_order_are_done_in_their_own() {
    run(async {
        let directory = directory();
        let path = directory.0.join("file");
        let file = soon("an open", File::open_to_append(&path)).await.expect("open");
        let (first, second) = (file.append("first "), file.append("second"));
        soon("the second", second).await.expect("appended");
        assert!(first.is_finished(), "it came before");
        soon("the first", first).await.expect("appended");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "first second");
    });
}

#[test]
fn a_runtime_that_ends_finishes_what_has_begun_or_says_that_it_never_did() {
    let directory = directory();
    let path = directory.0.join("file");
    let runtime = runtime();
    let file = runtime
        .block_on(async { soon("an open", File::open_to_append(&path)).await.expect("open") });
    let operations: Vec<_> =
        runtime.block_on(async { (0..100).map(|_| file.append("x")).collect() });
    drop(runtime);
    let mut done = 0;
    let mut never = 0;
    run(async {
        for operation in operations {
            match soon("an outcome", operation).await {
                Ok(()) => done += 1,
                Err(error) => {
                    assert!(error.to_string().contains("runtime ended"), "{error}");
                    never += 1;
                }
            }
        }
    });
    assert_eq!(done + never, 100);
    assert_eq!(std::fs::metadata(&path).expect("the file").len(), done);
    // The file is not stuck: another runtime goes on with it.
    run(async { soon("an append", file.append("y")).await.expect("appended") });
    assert_eq!(std::fs::metadata(&path).expect("the file").len(), done + 1);
}

#[test]
fn outside_a_runtime_the_panic_says_what_is_missing_and_the_file_is_not_stuck() {
    let directory = directory();
    let path = directory.0.join("file");
    let file = run(async { soon("an open", File::open_to_append(&path)).await.expect("open") });
    let panic = support::panic_of(|| file.append("x"));
    assert!(panic.contains("no runtime is running on this thread"), "{panic}");
    run(async { soon("an append", file.append("y")).await.expect("appended") });
    assert_eq!(std::fs::read_to_string(&path).expect("read"), "y");
}
