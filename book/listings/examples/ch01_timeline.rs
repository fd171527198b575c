//! Three questions with threads, and with tasks, as pictures in text.

use listings::ch01::timeline;

fn main() {
    println!("threads\n{}", timeline::with_threads().text());
    print!("tasks\n{}", timeline::with_tasks().text());
}
