//! A future does nothing until somebody awaits it; a task runs without that.
//!
//! Two calls come before the first word is printed, and yet that word is "hello".

async fn say(word: &str) {
    println!("{word}");
}

fn main() {
    executor::block_on(async {
        let world = say("world"); // a value that *could* print
        let task = executor::spawn(say("and the task, when its turn came"));
        println!("hello");
        world.await; // now it does, here and not before
        task.await.expect("printing does not panic");
    });
}
