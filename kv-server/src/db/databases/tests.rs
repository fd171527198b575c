use super::{Databases, Deadline};

const NEVER: Deadline = Deadline::NEVER;

fn value(databases: &mut Databases, key: &[u8], now: i64) -> Option<Vec<u8>> {
    databases.get(0, key, now).map(|row| row.value().to_vec())
}

#[test]
fn a_key_is_seen_until_its_deadline_and_never_after() {
    let mut databases = Databases::new(1);
    databases.set(0, b"k", b"v", Deadline::at(1000));
    assert_eq!(value(&mut databases, b"k", 1000).as_deref(), Some(&b"v"[..]));
    assert_eq!(databases.rows(0, 1001).count(), 0, "listing hides it");
    assert_eq!(value(&mut databases, b"k", 1001), None);
    assert_eq!((databases.at(0).len(), databases.at(0).deadlines()), (0, 0), "it is gone");
    assert_eq!(databases.expired_count(), 1);
    assert_eq!(databases.take_expired(), [(0, b"k"[..].into())], "and noted");
    assert!(!databases.has_expired(), "once");
    assert_eq!(value(&mut databases, b"k", 1000), None, "also if the clock goes back");
}

#[test]
fn removing_an_expired_key_finds_nothing() {
    let mut databases = Databases::new(1);
    databases.set(0, b"k", b"v", Deadline::at(1000));
    assert!(databases.remove(0, b"k", 1001).is_none());
    databases.set(0, b"k", b"v", Deadline::at(1000));
    assert!(databases.remove(0, b"k", 1000).is_some());
    assert_eq!((databases.at(0).len(), databases.at(0).deadlines()), (0, 0));
}

#[test]
fn the_index_of_deadlines_follows_every_change() {
    let mut databases = Databases::new(1);
    let long = [b'k'; 100];
    for key in [&b"k"[..], &long] {
        databases.set(0, key, b"v", Deadline::at(1000));
        databases.set(0, key, b"w", Deadline::at(2000));
        assert_eq!(databases.at(0).earliest(), Some(2000), "set moves it");
        assert!(databases.set_deadline(0, key, Deadline::at(500)));
        assert_eq!(databases.at(0).earliest(), Some(500), "so does set_deadline");
        assert!(databases.set_deadline(0, key, NEVER));
        assert_eq!(databases.at(0).deadlines(), 0, "never takes it out");
        databases.set(0, key, b"v", Deadline::at(1000));
        databases.set(0, key, b"v", NEVER);
        assert_eq!(databases.at(0).deadlines(), 0, "so does a set without one");
        databases.set(0, key, b"v", Deadline::at(1000));
        databases.clear(0);
        assert_eq!(databases.at(0).deadlines(), 0, "so does clear");
    }
    assert!(!databases.set_deadline(0, b"none", Deadline::at(1)));
    assert_eq!(databases.at(0).deadlines(), 0, "a key that is not there gets none");
}

#[test]
fn expire_removes_the_earliest_first_and_no_more_than_its_limit() {
    let mut databases = Databases::new(2);
    for index in 0..10u8 {
        databases.set(index % 2, &[index], b"v", Deadline::at(i64::from(index)));
    }
    databases.set(0, b"stays", b"v", NEVER);
    assert_eq!(databases.expire(8, 3), 3);
    assert_eq!(databases.expire(8, 100), 5, "the deadline 8 has not passed at 8");
    assert_eq!(databases.expire(8, 100), 0);
    assert_eq!(databases.take_expired().len(), 8);
    assert_eq!(databases.next_deadline(), Some(8));
    assert_eq!(databases.at(0).len() + databases.at(1).len(), 3);
}

#[test]
fn only_an_earlier_deadline_wakes_who_sleeps() {
    let mut databases = Databases::new(2);
    assert_eq!(databases.next_deadline(), None);
    databases.set(0, b"a", b"v", NEVER);
    assert!(!databases.take_earlier());
    databases.set(0, b"a", b"v", Deadline::at(1000));
    assert!(databases.take_earlier());
    assert!(!databases.take_earlier(), "told once");
    assert_eq!(databases.next_deadline(), Some(1000));
    databases.set(1, b"b", b"v", Deadline::at(1001));
    assert!(!databases.take_earlier());
    databases.set_deadline(1, b"b", Deadline::at(999));
    assert!(databases.take_earlier());
}

#[test]
fn an_edit_keeps_the_deadline_and_counts_the_memory() {
    let mut databases = Databases::new(1);
    databases.set(0, b"k", b"v", Deadline::at(1000));
    let before = databases.memory();
    let length = databases.edit(0, b"k", 0, |row| {
        row.append(&[b'w'; 10_000]);
        row.value().len()
    });
    assert_eq!(length, Some(10_001));
    let after = databases.memory();
    assert!(after >= before + 10_000, "{before} {after}");
    let row = databases.get(0, b"k", 0).expect("the key is there");
    assert_eq!((row.value().len(), row.deadline().millis()), (10_001, Some(1000)));
    databases.remove(0, b"k", 0);
    assert!(databases.memory() <= before, "{before} {}", databases.memory());
    assert_eq!(databases.edit(0, b"k", 0, |_| ()), None);
}
