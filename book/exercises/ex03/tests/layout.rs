//! Where the bytes of a struct are. The names say the order in which to go.

use std::mem::{align_of, offset_of, size_of};

use ex03::{Event, Field, Layout, Machine, decode, encode, epoll_event, natural, packed};
use watchdog::within;

/// What epoll_wait(2) wrote on x86-64 for two descriptors: one readable, under the name 7 « 32 | 3, and
/// one writable, under the name 0x1122334455667788.
const FROM_X86_64: [u8; 24] = [
    0x01, 0, 0, 0, 0x03, 0, 0, 0, 0x07, 0, 0, 0, 0x04, 0, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33,
    0x22, 0x11,
];

const READABLE: Event = Event { events: 1, data: 7 << 32 | 3 };
const WRITABLE: Event = Event { events: 4, data: 0x1122_3344_5566_7788 };

fn field<T>() -> Field {
    Field { size: size_of::<T>(), align: align_of::<T>() }
}

#[repr(C)]
struct Small {
    a: u8,
    b: u16,
    c: u8,
}

#[repr(C)]
struct Mixed {
    a: u8,
    b: u64,
    c: u32,
    d: u16,
}

#[repr(C, packed)]
struct MixedPacked {
    a: u8,
    b: u64,
    c: u32,
    d: u16,
}

#[test]
fn step_1_fields_stand_where_the_compiler_puts_them() {
    within("each field goes to the next multiple of its alignment.", || {
        let mixed = [field::<u8>(), field::<u64>(), field::<u32>(), field::<u16>()];
        let expected = [
            offset_of!(Mixed, a),
            offset_of!(Mixed, b),
            offset_of!(Mixed, c),
            offset_of!(Mixed, d),
        ];
        assert_eq!(natural(&mixed).offsets, expected);
    });
}

#[test]
fn step_1_the_end_is_filled_up_for_the_next_in_an_array() {
    within("the size is a multiple of the alignment, and that is the strictest field's.", || {
        let small = natural(&[field::<u8>(), field::<u16>(), field::<u8>()]);
        assert_eq!(
            small.offsets,
            [offset_of!(Small, a), offset_of!(Small, b), offset_of!(Small, c)]
        );
        assert_eq!((small.size, small.align), (size_of::<Small>(), align_of::<Small>()));
    });
}

#[test]
fn step_2_packed_has_no_gaps_and_no_wishes() {
    within("one after the other; the alignment of the whole is 1.", || {
        let mixed = [field::<u8>(), field::<u64>(), field::<u32>(), field::<u16>()];
        let expected = [
            offset_of!(MixedPacked, a),
            offset_of!(MixedPacked, b),
            offset_of!(MixedPacked, c),
            offset_of!(MixedPacked, d),
        ];
        let size = size_of::<MixedPacked>();
        assert_eq!(packed(&mixed), Layout { offsets: expected.to_vec(), size, align: 1 });
    });
}

/// The test that the runtime has too, in `reactor/src/sys/epoll.rs`.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[test]
fn step_2_your_layout_is_that_of_c() {
    let machine = if cfg!(target_arch = "x86_64") { Machine::X86_64 } else { Machine::Aarch64 };
    let offsets = vec![offset_of!(libc::epoll_event, events), offset_of!(libc::epoll_event, u64)];
    let (size, align) = (size_of::<libc::epoll_event>(), align_of::<libc::epoll_event>());
    let ours = within("compare with what is printed below.", move || epoll_event(machine));
    assert_eq!(ours, Layout { offsets, size, align });
}

#[test]
fn step_3_bytes_for_x86_64() {
    within("12 bytes: the data begins at 4.", || {
        assert_eq!(encode(Machine::X86_64, READABLE), FROM_X86_64[..12]);
        assert_eq!(encode(Machine::X86_64, WRITABLE), FROM_X86_64[12..]);
    });
}

#[test]
fn step_3_bytes_for_aarch64() {
    within(
        "16 bytes: after the events come four that mean nothing, and the data begins at 8.",
        || {
            let expected =
                [0x04, 0, 0, 0, 0, 0, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11];
            assert_eq!(encode(Machine::Aarch64, WRITABLE), expected);
        },
    );
}

#[test]
fn step_4_what_the_kernel_wrote_can_be_read() {
    within("one entry begins where the one before it ends: `size` bytes on.", || {
        assert_eq!(decode(Machine::X86_64, &FROM_X86_64), [READABLE, WRITABLE]);
        assert_eq!(decode(Machine::X86_64, &[]), []);
    });
}

#[test]
fn step_4_there_and_back_on_both_machines() {
    within("`decode` looks where `encode` writes.", || {
        for machine in [Machine::X86_64, Machine::Aarch64] {
            let bytes = [READABLE, WRITABLE, READABLE].map(|event| encode(machine, event)).concat();
            assert_eq!(decode(machine, &bytes), [READABLE, WRITABLE, READABLE], "{machine:?}");
        }
    });
}

/// What became of programs that took the other machine's layout for theirs.
#[test]
fn step_4_with_the_wrong_layout_the_token_is_somebody_elses() {
    within("`decode` has to use the layout of the machine that it is told.", || {
        let misread = decode(Machine::Aarch64, &FROM_X86_64);
        assert_eq!(misread.len(), 1, "two events have become one");
        assert_eq!(misread[0].events, READABLE.events, "the first field looks right");
        assert_eq!(misread[0].data, 4 << 32 | 7, "and its name is made of two events");
    });
}
