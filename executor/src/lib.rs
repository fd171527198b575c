//! What runs: tasks on one thread.
