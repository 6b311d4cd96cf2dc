//! Bits that every build on every machine must have: values and gradients of graphs of additions,
//! products, quotients, roots and comparisons, whose rounding IEEE 754 fixes.
//!
//! `cargo test --test golden` and `cargo test --release --test golden` hold their build to the same
//! file; what depends on the machine too, `.ci/run` compares between the two builds. See
//! `examples/bits.rs`.

#[allow(dead_code)] // its other half is for one machine
#[path = "../examples/bits.rs"]
mod bits;

#[test]
fn bits_are_those_of_the_golden_file() {
    let golden: Vec<&str> = include_str!("golden/bits.txt").lines().collect();
    assert_eq!(bits::portable(), golden);
}
