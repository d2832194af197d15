mod generate;
mod import;

fn main() {}
