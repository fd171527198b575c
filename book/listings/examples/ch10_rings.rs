//! How many system calls it takes to wake a thread, for each way to do it.

#[cfg(target_os = "linux")]
fn main() {
    println!("{:<28}  v3_self_pipe  v4_bell  executor", "writes for");
    for row in listings::ch10::rings::rows() {
        let [pipe, bell, executor] = row.writes;
        println!("{:<28}  {pipe:<12}  {bell:<7}  {executor}", row.words);
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("only Linux counts the writes into an eventfd");
}
