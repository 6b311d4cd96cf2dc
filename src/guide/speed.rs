//! Where the time goes in a training step, and what each optimization is worth.
//!
//! A step of Bayes by Backprop on a 784-400-400-10 net with batches of 128 multiplies matrices for
//! about 290 million multiplications, and passes over 478,410 weights: draw them, add the gradient
//! of the draw, add that of the KL, take the norm, update mu and rho. Written the plain way, with
//! the standard library's `exp` and `ln_1p` and a ziggurat for noise, the passes take nine tenths of
//! the step.
//!
//! | a step of this net | us |
//! | --- | --- |
//! | scalar functions, every pass by itself | 75,800 |
//! | functions and noise in wide registers | 14,770 |
//! | and what stands below | 4,870 |
//!
//! `cargo bench --bench peers -- --case B` prints the last line, `cargo bench --bench weights` the
//! passes one by one; all figures of this page are minima on one core of an Intel Xeon (Sapphire
//! Rapids, AVX-512) at 2.3 GHz that had other work too, November 2026. `benches/RESULTS.md` stands
//! beside other libraries. The functions themselves are in [`kernels::simd`](crate::kernels::simd).
//!
//! Of the 4,870 us a third are the kernels of matrixmultiply at 175 GFLOP/s, near the peak of the core,
//! a twentieth its packing; by `perf`, in nanoseconds a weight: noise 0.9, the sample 0.8, the way back
//! of draw and KL 1.4, Adam for mu and rho 1.1, the norm 0.2. Larger nets wait for memory: beyond the
//! step of the same net with point weights, 784-400-400-10 takes 5.2 ns a weight in `benches/RESULTS.md`,
//! and 784-1200-1200-10 takes 6.9.
//!
//! # What was done, in nanoseconds a weight
//!
//! | what | before | after | where |
//! | --- | --- | --- | --- |
//! | noise: a word of Philox lives in a lane of 64 bits, 32 blocks side by side | 1.76 | 1.32 | [`kernels::noise`](crate::kernels::noise) |
//! | noise word by word, as registers hold it, not block by block | 1.19 | 0.84 | |
//! | gradient of the KL from sigma itself, without a logarithm and an `exp_m1` | 6.8 | 2.8 | `dist::normal` |
//! | loops whose indices are not checked, so that they have one exit | 2.9 | 2.4 | `kernels::map` |
//! | fused multiply-add: KL gradient | 2.4 | 1.75 | [`kernels::Fused`](crate::kernels::Fused) |
//! | fused multiply-add: a draw with its noise | 2.9 | 1.3 | |
//! | mixture prior: products with 1/sigma, no subnormal numbers; forward | 18.9 | 8.8 | `dist::scale_mixture` |
//! | the same, back | 14.2 | 4.6 | |
//! | value of the KL only where it is reported | 3.4 | 0 | [`Pass::kl_value`](crate::bayes::Pass::kl_value) |
//!
//! And in other units:
//!
//! * **Memory.** The noise of a weight is not kept: it would be as large as the weight. The way back
//!   reads sigma eps as theta - mu, and makes the noise again where sigma is so small that this has
//!   lost digits. A new gradient is zeroed block by block, in the cache, or written instead of added to.
//! * **One pass back.** The gradients of a draw and of its KL share an exponential, a logarithm and the
//!   way through memory: the draw takes the cotangent of the KL over (`bayes/posterior/draw.rs`).
//! * **Norm.** Squares of the gradient are added in f32, and once more in f64 where a run of them might
//!   have overflowed or underflowed: 0.34 ns a number became 0.11.
//! * **Threads.** A pass is cut into pieces of 16,384 elements, a product into blocks, by sizes
//!   alone; nothing smaller wakes a thread.
//! * **Scalars.** A node of one number takes 104 bytes instead of 336 and skips blocks and layouts:
//!   9,999 scalar operations, forward and back, took 1,860 us and take 790
//!   (`cargo bench --bench peers -- --case H`).
//! * **Convolutions** with few outputs are sums of shifted images, and `max_pool` searches four
//!   windows side by side.
//!
//! # What LLVM needs to be told
//!
//! The loops are plain Rust. Four things kept them from wide registers, and each cost a factor of
//! five to thirty until it was found with `perf annotate`:
//!
//! * a choice that is a branch: `kernels::select` is none, and computes both sides;
//! * a function that is not inlined, such as a `const fn` of another crate without `#[inline]`: users
//!   build with several codegen units and without LTO;
//! * a closure that captures slices by reference: their addresses are then read in each iteration,
//!   because a write could have changed them; `move` copies them;
//! * checked indices, see above.
//!
//! One cost does not show in the code at all: a processor takes ten times as long for a subnormal
//! result. The density of a narrow component far out is one; see
//! [`ScaleMixture`](crate::dist::ScaleMixture).
//!
//! # What was left
//!
//! * Gradient, norm and update could go block by block in one pass, which by count would save 40 of
//!   the 128 bytes that a step reads and writes for each weight; the norm is checked before the update, so that a bad
//!   step changes nothing.
//! * A product kernel of our own, by the time of the products in which it is faster, would be worth half a
//!   percent here; see `kernels/matmul.rs`.
