//! Prints the hash of training in exact arithmetic on this machine.

fn main() {
    let mut training = programs::exact::Training::START;
    println!("{:016x}", training.run());
}
