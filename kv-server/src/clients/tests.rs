use super::{Client, Clients, Ending, Message, Slot};

fn client() -> Client {
    let address = "127.0.0.1:1".parse().expect("an address");
    Client::new(address, address, 0)
}

#[test]
fn slots_are_used_again_and_ids_never() {
    let mut clients = Clients::default();
    let (first, second) = (clients.insert(client()), clients.insert(client()));
    assert_eq!((clients[first].id, clients[second].id), (1, 2));
    clients.remove(first);
    clients.remove(first);
    assert_eq!(clients.len(), 1, "only once");
    let third = clients.insert(client());
    assert_eq!((third, clients[third].id), (first, 3));
    let slots: Vec<Slot> = clients.iter().map(|(slot, _)| slot).collect();
    assert_eq!(slots, [first, second]);
}

#[test]
fn a_backlog_over_the_hard_limit_is_freed_at_once() {
    let mut clients = Clients::default();
    let slot = clients.insert(client());
    let mut message = Message::new(&[b"a"], Vec::new());
    let length = b"*1\r\n$1\r\na\r\n".len();
    assert!(clients.deliver(slot, &mut message, length));
    assert_eq!(clients[slot].ending, Ending::No);
    assert!(!clients.deliver(slot, &mut message, 2 * length - 1));
    assert_eq!((clients[slot].ending, clients[slot].outbox.backlog()), (Ending::Now, 0));
    assert!(clients.deliver(slot, &mut message, length), "not cut off twice");
    assert_eq!(clients[slot].outbox.backlog(), 0, "nothing is kept for who leaves");
}

#[test]
fn who_leaves_between_delivery_and_wake_is_forgotten() {
    let mut clients = Clients::default();
    let slot = clients.insert(client());
    clients.deliver(slot, &mut Message::new(&[b"m"], Vec::new()), 8);
    clients.remove(slot);
    assert!(clients.delivered.is_empty());
    clients.wake();
}

#[test]
fn an_entry_is_small() {
    assert!(size_of::<Option<Client>>() <= 152, "{} bytes", size_of::<Option<Client>>());
}
