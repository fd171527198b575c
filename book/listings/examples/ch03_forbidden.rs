//! What happens to a program that helps itself.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn main() {
    use listings::ch03::forbidden;

    if std::env::args().nth(1).as_deref() == Some("child") {
        forbidden::use_it();
        println!("the instruction was carried out");
        return;
    }
    let status = forbidden::in_a_child("child");
    let ended = forbidden::was_ended(status);
    println!("{}", if ended { "a signal ended the child" } else { "the child came to its end" });
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn main() {
    eprintln!("the instruction is written for x86-64 and aarch64");
    std::process::exit(1);
}
