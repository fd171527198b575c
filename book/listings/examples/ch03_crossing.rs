//! The registers on the way into the kernel and back.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn main() {
    print!("{}", listings::ch03::crossing::run().text());
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn main() {
    eprintln!(
        "the instruction is written for Linux on x86-64 and aarch64; here, look at `v3_libc`, by \
         `cargo run -p listings --example ch03_contract`"
    );
    std::process::exit(1);
}
