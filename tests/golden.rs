//! Bits that every build on every machine must have: values and gradients of graphs of additions,
//! products, quotients, roots and comparisons, whose rounding IEEE 754 fixes; and of functions, in
//! f32 on machines with fused multiply-add.
//!
//! `cargo test --test golden` and `cargo test --release --test golden` hold their build to the same
//! file; what depends on the machine too, `.ci/run` compares between the two builds. See
//! `examples/bits.rs`.

#[allow(dead_code)] // its other half is for one machine
#[path = "../examples/bits.rs"]
mod bits;

use elbo::kernels::simd::Level;

#[test]
fn bits_are_those_of_the_golden_file() {
    let (golden, bits) = (include_str!("golden/bits.txt"), bits::portable());
    assert_eq!(bits.len(), golden.lines().count());
    for (bits, golden) in bits.iter().zip(golden.lines()) {
        if Level::current().is_fused() || !golden.starts_with("functions      f32") {
            assert_eq!(bits, golden);
        }
    }
}
