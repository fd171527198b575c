//! What a registry has to do. The names say the order in which to go.

use ex05::{Kernel, Registry, Token};
use watchdog::within;

/// The names of those whom the next batch is for, and `"nobody"`.
fn told(kernel: &Kernel, registry: &Registry) -> Vec<String> {
    let owner = |bits| registry.owner(Token::from_bits(bits)).map(|owner| owner.name.clone());
    kernel.wait().into_iter().map(|bits| owner(bits).unwrap_or("nobody".to_owned())).collect()
}

fn number(registry: &Registry, token: Token) -> usize {
    registry.owner(token).expect("it is open").number
}

#[test]
fn step_1_a_token_comes_back_as_it_went() {
    within("slot and generation have to lie in different bits: shift one of them.", || {
        for slot in [0, 1, 7, 0x1234_5678, u32::MAX] {
            for generation in [0, 1, 255] {
                let token = Token { slot, generation };
                assert_eq!(Token::from_bits(token.to_bits()), token);
            }
        }
    });
}

#[test]
fn step_2_and_3_an_event_reaches_its_owner() {
    within(
        "`open` watches the number under the token's bits; `owner` looks into the slot.",
        || {
            let (mut kernel, mut registry) = (Kernel::default(), Registry::default());
            registry.open(&mut kernel, "ada");
            let bob = registry.open(&mut kernel, "bob");
            let bobs = number(&registry, bob);
            kernel.write_to(bobs);
            assert_eq!(told(&kernel, &registry), ["bob"]);
        },
    );
}

#[test]
fn step_3_a_token_that_nobody_was_given_means_nobody() {
    within("a slot that is not there: `Vec::get` says None, and an index panics.", || {
        assert_eq!(Registry::default().owner(Token { slot: 3, generation: 0 }), None);
    });
}

#[test]
fn step_4_closed_is_closed_also_with_a_duplicate() {
    within(
        "`forget` before `close`: after it, the kernel does not know the number any more.",
        || {
            let (mut kernel, mut registry) = (Kernel::default(), Registry::default());
            let bob = registry.open(&mut kernel, "bob");
            let duplicate = kernel.duplicate(number(&registry, bob));
            registry.close(&mut kernel, bob);
            kernel.write_to(duplicate);
            assert_eq!(
                told(&kernel, &registry),
                [""; 0],
                "the kernel still tells of what is closed"
            );
            assert_eq!(kernel.open_numbers(), 1, "bob's own number has to be closed as well");
        },
    );
}

#[test]
fn step_4_the_event_of_one_who_left_reaches_nobody() {
    within("the generation is counted up at `close`, and compared in `owner`.", || {
        let (mut kernel, mut registry) = (Kernel::default(), Registry::default());
        let ada = registry.open(&mut kernel, "ada");
        let bob = registry.open(&mut kernel, "bob");
        let numbers = [number(&registry, ada), number(&registry, bob)];
        numbers.iter().for_each(|number| kernel.write_to(*number));
        let batch = kernel.wait();
        assert_eq!(batch.len(), 2);
        // Ada's event comes first, and it is that Bob has to go. Carol comes in.
        registry.close(&mut kernel, bob);
        let carol = registry.open(&mut kernel, "carol");
        assert_eq!(number(&registry, carol), numbers[1], "the number is given out again");
        assert_eq!(carol.slot, bob.slot, "a free slot is used before a new one is made");
        let stale = registry.owner(Token::from_bits(batch[1]));
        assert_eq!(stale, None, "the event was bob's, and he has left");
        assert_eq!(registry.owner(carol).map(|owner| owner.name.as_str()), Some("carol"));
    });
}

#[test]
fn step_4_a_stale_token_closes_nobody() {
    within("`close` begins as `owner` does: is it still this one who is meant?", || {
        let (mut kernel, mut registry) = (Kernel::default(), Registry::default());
        let bob = registry.open(&mut kernel, "bob");
        registry.close(&mut kernel, bob);
        let carol = registry.open(&mut kernel, "carol");
        registry.close(&mut kernel, bob);
        let carols = number(&registry, carol);
        kernel.write_to(carols);
        assert_eq!(told(&kernel, &registry), ["carol"]);
    });
}

#[test]
fn step_5_a_slot_whose_generations_are_used_up_is_not_used_again() {
    within("`checked_add` says when there is no next generation; then the slot stays out.", || {
        let (mut kernel, mut registry) = (Kernel::default(), Registry::default());
        let first = registry.open(&mut kernel, "the first of 256");
        registry.close(&mut kernel, first);
        for _ in 1..256 {
            let next = registry.open(&mut kernel, "one of 256");
            assert_eq!(next.slot, first.slot, "the slot is free, and is used again");
            registry.close(&mut kernel, next);
        }
        let carol = registry.open(&mut kernel, "carol");
        assert_eq!(registry.owner(first), None, "a token of long ago means somebody else now");
        assert_ne!(carol.slot, first.slot);
    });
}
