//! Products of arrays against plain loops over all their indices, and what they refuse.
//!
//! matmul(a, b)_(.., i, j) = Σ_l a_(.., i, l) b_(.., l, j);
//! einsum = Σ over the letters that the output has not, of the product over the operands.

use std::panic::{self, AssertUnwindSafe};

use elbo::check::gradcheck;
use elbo::ops::{Function, einsum};
use elbo::tensor::broadcast;
use elbo::{Scalar, Shape, Tape, Tensor, Var};
use proptest::prelude::*;

/// Whole numbers, whose products and sums are exact in any order.
fn whole<S: Scalar>(shape: impl Into<Shape>, salt: usize) -> Tensor<S> {
    Tensor::from_fn(shape, |i| S::of(((i * 37 + salt * 11) % 17) as f64 - 8.0))
}

/// The value of `f` and its gradients along a cotangent of whole numbers.
fn vjp<S: Scalar>(
    inputs: &[Tensor<S>],
    f: impl for<'t> Fn(&[Var<'t, S>]) -> Var<'t, S>,
) -> (Tensor<S>, Vec<Tensor<S>>) {
    let tape = Tape::new();
    let x: Vec<_> = inputs.iter().map(|x| tape.parameter(x)).collect();
    let y = f(&x).retain();
    y.backward_with(&whole(y.shape(), 5));
    (y.value(), x.iter().map(|x| x.grad()).collect())
}

/// Where element `index` of a tensor of this shape stands, when it is read under a larger one.
fn place(shape: &[usize], index: &[usize]) -> usize {
    let own = &index[index.len() - shape.len()..];
    let axes = shape.iter().zip(own);
    axes.fold(0, |place, (&extent, &i)| {
        place * extent + if extent == 1 { 0 } else { i }
    })
}

/// Calls `visit` with every index of a shape, the last axis first.
fn each_index(dims: &[usize], mut visit: impl FnMut(&[usize])) {
    for i in 0..dims.iter().product() {
        let mut rest: usize = i;
        let mut index = vec![0; dims.len()];
        for (at, extent) in index.iter_mut().zip(dims).rev() {
            *at = rest % extent;
            rest /= extent;
        }
        visit(&index);
    }
}

/// matmul by one sum over everything, and its gradients term by term.
fn plain_matmul(a: &Tensor<f64>, b: &Tensor<f64>) -> (Tensor<f64>, Vec<Tensor<f64>>) {
    let split = |x: &Tensor<f64>| -> (Vec<usize>, [usize; 2]) {
        let dims = x.shape().dims().to_vec();
        let [batch @ .., rows, columns] = &dims[..] else {
            panic!("a matrix");
        };
        (batch.to_vec(), [*rows, *columns])
    };
    let ((of_a, [m, k]), (of_b, [_, n])) = (split(a), split(b));
    let batch = broadcast(Shape::new(&of_a), Shape::new(&of_b)).expect("they broadcast");
    let shape = Shape::new(&[batch.dims(), &[m, n]].concat());
    let y_bar = whole::<f64>(shape, 5);
    let mut y = vec![0.0; shape.size()];
    let mut grads = [vec![0.0; a.len()], vec![0.0; b.len()]];
    each_index(&[batch.dims(), &[m, k, n]].concat(), |index| {
        let [batch @ .., i, l, j] = index else {
            panic!("a batch index and three more");
        };
        let out = place(shape.dims(), &[batch, &[*i, *j]].concat());
        let at_a = place(&of_a, batch) * m * k + i * k + l;
        let at_b = place(&of_b, batch) * k * n + l * n + j;
        let (x, w) = (a.as_slice()[at_a], b.as_slice()[at_b]);
        y[out] += x * w;
        grads[0][at_a] += y_bar.as_slice()[out] * w;
        grads[1][at_b] += y_bar.as_slice()[out] * x;
    });
    let [da, db] = grads;
    let grads = vec![Tensor::new(a.shape(), da), Tensor::new(b.shape(), db)];
    (Tensor::new(shape, y), grads)
}

/// The matrices of x with their rows as columns.
fn transposed(x: &Tensor<f64>) -> Tensor<f64> {
    let tape = Tape::new();
    let rank = x.shape().rank();
    tape.constant(x).transpose(rank - 2, rank - 1).value()
}

/// Batch axes of two operands that broadcast.
fn batches() -> impl Strategy<Value = [Vec<usize>; 2]> {
    let axis = (0usize..4, any::<[bool; 2]>());
    let cut = [0usize..3, 0usize..3];
    (prop::collection::vec(axis, 0..4), cut).prop_map(|(axes, cut)| {
        [0, 1].map(|side: usize| {
            let extents = axes
                .iter()
                .map(|(extent, ones)| if ones[side] { 1 } else { *extent });
            extents.skip(cut[side]).collect()
        })
    })
}

proptest! {
    /// Both the small products, which are plain loops, and those that go to gemm.
    #[test]
    fn batches_equal_the_plain_loop(
        [of_a, of_b] in batches(),
        [m, k, n] in prop_oneof![[0usize..4, 0usize..4, 0usize..4], [5usize..12, 5usize..12, 5usize..12]],
        transpose: [bool; 2],
    ) {
        let a = whole([&of_a[..], &[m, k]].concat().as_slice(), 1);
        let b = whole([&of_b[..], &[k, n]].concat().as_slice(), 2);
        let (y, mut grads) = plain_matmul(&a, &b);
        let mut stored = [a, b];
        for side in 0..2 {
            if transpose[side] {
                stored[side] = transposed(&stored[side]);
                grads[side] = transposed(&grads[side]);
            }
        }
        let found = vjp(&stored, |x| x[0].matmul_with(transpose, x[1]));
        prop_assert_eq!(found, (y, grads));
    }

    /// A vector is a row on the left and a column on the right.
    #[test]
    fn vectors_are_rows_and_columns(batch in 0usize..4, m in 0usize..9, k in 0usize..9) {
        let (row, column) = (whole::<f64>([1, k], 1), whole::<f64>([k, 1], 1));
        let v = row.reshape([k]);
        for matrices in [Shape::new(&[m, k]), Shape::new(&[batch, m, k])] {
            let a = whole(matrices, 2);
            let (y, grads) = plain_matmul(&a, &column);
            let y = y.reshape(matrices.without(matrices.rank() - 1));
            let expected = (y, vec![grads[0].clone(), grads[1].reshape([k])]);
            prop_assert_eq!(vjp(&[a.clone(), v.clone()], |x| x[0].matmul(x[1])), expected);

            let a = transposed(&a);
            let (y, grads) = plain_matmul(&row, &a);
            let y = y.reshape(matrices.without(matrices.rank() - 1));
            let expected = (y, vec![grads[0].reshape([k]), grads[1].clone()]);
            prop_assert_eq!(vjp(&[v.clone(), a], |x| x[0].matmul(x[1])), expected);
        }
        let (y, grads) = plain_matmul(&row, &column);
        let expected = (y.reshape([]), grads.iter().map(|d| d.reshape([k])).collect());
        prop_assert_eq!(vjp(&[v.clone(), v.clone()], |x| x[0].matmul(x[1])), expected);
        let (y, grads) = plain_matmul(&column, &row);
        let expected = (y, grads.iter().map(|d| d.reshape([k])).collect());
        prop_assert_eq!(vjp(&[v.clone(), v], |x| x[0].outer(x[1])), expected);
    }
}

/// An einsum and the extents of its letters: a, b, …
#[derive(Clone, Debug)]
struct Sum {
    terms: Vec<String>,
    output: String,
    extents: Vec<usize>,
}

impl Sum {
    fn spec(&self) -> String {
        format!("{}->{}", self.terms.join(","), self.output)
    }
    fn dims(&self, letters: &str) -> Vec<usize> {
        letters
            .chars()
            .map(|c| self.extents[c as usize - 'a' as usize])
            .collect()
    }
    fn inputs<S: Scalar>(&self) -> Vec<Tensor<S>> {
        let terms = self.terms.iter().enumerate();
        terms
            .map(|(salt, term)| whole(&self.dims(term)[..], salt))
            .collect()
    }
    /// By one sum over all letters.
    fn plain(&self) -> Tensor<f64> {
        let inputs = self.inputs::<f64>();
        let shape = Shape::new(&self.dims(&self.output));
        let mut y = vec![0.0; shape.size()];
        // A letter without an axis is no sum.
        let used = |c: usize| self.terms.concat().contains((b'a' + c as u8) as char);
        let space: Vec<usize> = self
            .extents
            .iter()
            .enumerate()
            .map(|(c, &n)| if used(c) { n } else { 1 })
            .collect();
        each_index(&space, |index| {
            let at = |letters: &str| {
                let axes = letters.chars().map(|c| index[c as usize - 'a' as usize]);
                axes.zip(self.dims(letters))
                    .fold(0, |place, (i, extent)| place * extent + i)
            };
            let factors = inputs.iter().zip(&self.terms);
            y[at(&self.output)] += factors
                .map(|(x, term)| x.as_slice()[at(term)])
                .product::<f64>();
        });
        Tensor::new(shape, y)
    }
}

impl Function for Sum {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        einsum(&self.spec(), x)
    }
}

/// Up to four operands with up to four of five letters each, which may repeat.
fn sums() -> impl Strategy<Value = Sum> {
    let term = prop::collection::vec(0u8..5, 0..=4);
    let terms = prop::collection::vec(term, 1..=4);
    let extents = prop::collection::vec(prop_oneof![1 => Just(0usize), 9 => 1..=3usize], 5);
    (terms, extents, any::<[bool; 5]>(), any::<u64>()).prop_map(|(terms, extents, read, order)| {
        let text = |term: &[u8]| term.iter().map(|c| (b'a' + c) as char).collect::<String>();
        let mut output: Vec<u8> = (0..5)
            .filter(|&c| read[c as usize] && terms.concat().contains(&c))
            .collect();
        let len = output.len().max(1);
        output.rotate_left(order as usize % len);
        if order % 2 == 0 {
            output.reverse();
        }
        Sum {
            terms: terms.iter().map(|term| text(term)).collect(),
            output: text(&output),
            extents,
        }
    })
}

proptest! {
    #[test]
    fn einsum_equals_one_sum_over_all_letters(sum in sums()) {
        let tape = Tape::new();
        let x: Vec<_> = sum.inputs().iter().map(|x| tape.constant(x)).collect();
        prop_assert_eq!(einsum(&sum.spec(), &x[..]).value(), sum.plain());
        // Without an output the letters that stand once, in alphabetical order.
        let all = sum.terms.concat();
        let once: String = ('a'..='e').filter(|&c| all.matches(c).count() == 1).collect();
        let told = Sum { output: once, ..sum.clone() };
        prop_assert_eq!(einsum(&sum.terms.join(","), x).value(), told.plain());
    }
    #[test]
    fn einsum_has_the_gradient_of_forward_mode(sum in sums()) {
        let largest = gradcheck(&sum, &sum.inputs());
        prop_assert!(largest.is_ok(), "{}: {:?}", sum.spec(), largest.err());
    }
    /// Axes of the ellipsis broadcast as those of matmul do.
    #[test]
    fn an_ellipsis_broadcasts([of_a, of_b] in batches()) {
        let (m, k, n) = (2, 3, 4);
        let a = whole([&of_a[..], &[m, k]].concat().as_slice(), 1);
        let b = whole([&of_b[..], &[k, n]].concat().as_slice(), 2);
        let (y, grads) = plain_matmul(&a, &b);
        let found = vjp(&[a.clone(), b.clone()], |x| einsum("...ik, ...kj -> ...ij", x));
        prop_assert_eq!(&found, &(y.clone(), grads));
        let implicit = vjp(&[a, b], |x| einsum("...ik,...kj", x));
        prop_assert_eq!(implicit, found);
    }
}

/// The operations that `f` records on inputs of these shapes.
fn recorded(
    shapes: &[&[usize]],
    f: impl for<'t> Fn(&[Var<'t, f64>]) -> Var<'t, f64>,
) -> Vec<&'static str> {
    let tape = Tape::new();
    let x: Vec<_> = shapes
        .iter()
        .map(|&shape| tape.constant(&Tensor::zeros(shape)))
        .collect();
    f(&x);
    tape.operations()
}

#[test]
fn a_contraction_is_one_product_of_operands_where_they_stand() {
    let one = ["matmul"];
    assert_eq!(
        recorded(&[&[2, 3], &[4, 3]], |x| einsum("ij,kj->ik", x)),
        one
    );
    assert_eq!(
        recorded(&[&[2, 3, 4], &[4, 5]], |x| einsum("...ij,jk->...ik", x)),
        one
    );
    let heads = [&[2, 2, 3, 4][..], &[2, 2, 5, 4]];
    assert_eq!(recorded(&heads, |x| einsum("bhqd,bhkd->bhqk", x)), one);
    assert_eq!(recorded(&[&[2, 3], &[2, 3]], |x| einsum("ij,ij->", x)), one);
    assert_eq!(
        recorded(&[&[2, 3], &[2, 3]], |x| einsum("ij,ij->ij", x)),
        ["mul"]
    );
    // The small product first, whatever the order of operands.
    let chain = [&[50, 50][..], &[50, 50], &[50, 1]];
    let tape = Tape::<f64>::new();
    let x: Vec<_> = chain
        .iter()
        .map(|&shape| tape.constant(&Tensor::zeros(shape)))
        .collect();
    einsum("ab,bc,cd->ad", x);
    let flops: u64 = tape.table().rows().iter().map(|row| row.flops).sum();
    assert_eq!(flops, 2 * (2 * 50 * 50));
}

/// A batch times one matrix is one large product, to the bit.
#[test]
fn a_shared_right_matrix_makes_one_product() {
    let a = Tensor::from_fn([6, 7, 9], |i| (i as f32 * 0.37).sin());
    let b = Tensor::from_fn([9, 8], |i| (i as f32 * 0.73).cos());
    let tape = Tape::new();
    let [x, w] = [tape.constant(&a), tape.constant(&b)];
    let one = x.reshape([42, 9]).matmul(w).reshape([6, 7, 8]);
    assert_eq!(x.matmul(w).value(), one.value());
}

/// In f32 an element of 10^7 equal terms is off by the roundings of a run and of the cuts in halves,
/// some hundreds, and not by 10^7: see the kernels, which have these numbers.
#[test]
fn long_sums_stay_accurate() {
    const N: usize = 10_000_000;
    let exact = N as f64 * f64::from(0.1f32);
    let near = |what: &str, sum: f32, bound: f64| {
        let error = (f64::from(sum) / exact - 1.0).abs();
        assert!(error < bound, "{what}: off by {error:e}");
    };
    let full = |shape: &[usize], x: f32| Tensor::new(shape, vec![x; shape.iter().product()]);
    let tape = Tape::new();
    let (x, y) = (
        tape.constant(&full(&[N], 0.1)),
        tape.constant(&full(&[N], 1.0)),
    );
    near("matmul", x.matmul(y).item(), 1e-6);
    near("einsum", einsum("i,i->", [x, y]).item(), 1e-6);
    let matrices = [x.reshape([2, N / 2]), y.reshape([N / 2, 2])];
    near(
        "matrices",
        2.0 * matrices[0].matmul(matrices[1]).value().as_slice()[0],
        1e-5,
    );
    drop(tape);

    // The gradient of what many products of a batch share.
    let x = full(&[N / 40, 2, 2], 0.1);
    for left in [false, true] {
        let tape = Tape::new();
        let (x, w) = (tape.constant(&x), tape.parameter(&full(&[2, 2], 1.0)));
        let y = if left { w.matmul(x) } else { x.matmul(w) };
        y.sum().backward();
        near("shared", 20.0 * w.grad().as_slice()[0], 1e-5);
    }
}

#[test]
fn diagonals_and_triangles() {
    let tape = Tape::<f64>::new();
    let x = tape.constant(&Tensor::from_fn([2, 3, 4], |i| i as f64));
    let value = |x: Var<'_, f64>| (x.shape().dims().to_vec(), x.value().as_slice().to_vec());
    assert_eq!(
        value(x.diagonal(0)),
        (vec![2, 3], vec![0.0, 5.0, 10.0, 12.0, 17.0, 22.0])
    );
    assert_eq!(
        value(x.diagonal(2)),
        (vec![2, 2], vec![2.0, 7.0, 14.0, 19.0])
    );
    assert_eq!(value(x.diagonal(-2)), (vec![2, 1], vec![8.0, 20.0]));
    for beyond in [4, -3, isize::MAX, isize::MIN] {
        assert_eq!(x.diagonal(beyond).shape().dims(), [2, 0]);
    }
    assert_eq!(value(x.trace()), (vec![2], vec![15.0, 51.0]));

    let v = tape.constant(&Tensor::new([2], vec![3.0, 5.0]));
    assert_eq!(
        value(v.diag(1)),
        (
            vec![3, 3],
            vec![0.0, 3.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0]
        )
    );
    let pair = x.narrow(2, 0..2);
    for k in [-2, -1, 0, 1, 3] {
        assert_eq!(value(pair.diag(k).diagonal(k)), value(pair));
        assert_eq!(pair.diag(k).sum().item(), pair.sum().item());
        // What the two triangles share is the diagonal.
        let whole = x.tril(k) + x.triu(k) - x.tril(k).triu(k);
        assert_eq!(value(whole), value(x));
        assert_eq!(x.tril(k).triu(k).sum().item(), x.diagonal(k).sum().item());
    }
    assert_eq!(
        value(x.narrow(0, 0..1).tril(-1)).1,
        [0.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 8.0, 9.0, 0.0, 0.0]
    );
    for (k, nothing, all) in [
        (isize::MAX, x.triu(isize::MAX), x.tril(isize::MAX)),
        (isize::MIN, x.tril(isize::MIN), x.triu(isize::MIN)),
    ] {
        assert_eq!(value(all), value(x), "{k}");
        assert_eq!(value(nothing).1, [0.0; 24], "{k}");
    }
    // A mask that multiplies would make NaN of it.
    let infinite = tape.constant(&Tensor::full([2, 2], f64::INFINITY));
    assert_eq!(value(infinite.tril(-1)).1, [0.0, 0.0, f64::INFINITY, 0.0]);
}

#[test]
fn empty_axes_and_eight_axes() {
    let tape = Tape::<f64>::new();
    let x = |dims: &[usize]| tape.parameter(&whole(dims, 1));
    // A sum of nothing is 0; over no batch there is no product, and no gradient.
    let y = x(&[3, 0]).matmul(x(&[0, 2]));
    assert_eq!(y.value().as_slice(), [0.0; 6]);
    assert_eq!(x(&[0]).matmul(x(&[0])).item(), 0.0);
    assert_eq!(x(&[2, 0]).matmul(x(&[0])).value().as_slice(), [0.0; 2]);
    assert_eq!(einsum("ij,jk->", [x(&[3, 0]), x(&[0, 2])]).item(), 0.0);
    let (w, none) = (x(&[3, 2]), x(&[0, 4, 3]));
    let y = none.matmul(w);
    assert_eq!(y.shape().dims(), [0, 4, 2]);
    y.sum().backward();
    assert_eq!(w.grad().as_slice(), [0.0; 6]);

    let (a, b) = (x(&[1, 2, 1, 2, 1, 2, 2, 3]), x(&[2, 1, 1, 2, 2, 1, 3, 2]));
    assert_eq!(a.matmul(b).shape().dims(), [2, 2, 1, 2, 2, 2, 2, 2]);
    assert_eq!(x(&[1; 8]).matmul(x(&[1])).shape().rank(), 7);
    assert_eq!(x(&[1; 7]).diag(0).shape().rank(), 8);
    assert_eq!(
        einsum("abcdefgh->hgfedcba", [a]).shape().dims(),
        [3, 2, 2, 1, 2, 1, 2, 1]
    );
    // Ten letters: the first two operands would make ten axes, so others come first.
    let ones = [x(&[1; 5]); 4];
    let y = einsum("abcde,vwxyz,abcdv,ewxyz->", ones);
    assert_eq!(y.shape(), Shape::SCALAR);
}

/// The text of the panic of `f`.
fn refusal(f: impl FnOnce()) -> String {
    let panic = panic::catch_unwind(AssertUnwindSafe(f)).expect_err("it is refused");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("a text")).to_owned(),
    }
}

#[test]
#[rustfmt::skip] // one line a case
fn refusals_name_the_operation_and_the_shapes() {
    let tape: Tape<f64> = Tape::new();
    let x = |dims: &[usize]| tape.parameter(&Tensor::zeros(dims));
    let (number, v, a, cube) = (x(&[]), x(&[3]), x(&[2, 3]), x(&[4, 2, 3]));
    let (wide, high) = (x(&[0, 1 << 40]), x(&[1 << 40, 0]));
    macro_rules! refuses {
        ($call:expr, $text:literal) => { assert_eq!(refusal(|| _ = $call), $text) };
    }
    refuses!(number.matmul(v), "matmul: [] x [3]: a number is no matrix; `*` multiplies by it");
    refuses!(a.matmul(number), "matmul: [2, 3] x []: a number is no matrix; `*` multiplies by it");
    refuses!(a.matmul(x(&[2])), "matmul: [2, 3] x [2]: inner dimensions 3 and 2 differ");
    refuses!(v.matmul_with([true, true], a.t()), "matmul: [3]' x [3, 2]': inner dimensions 3 and 2 differ");
    refuses!(v.matmul(x(&[4])), "matmul: [3] x [4]: inner dimensions 3 and 4 differ");
    refuses!(cube.matmul(x(&[5, 3, 2])), "matmul: [4, 2, 3] x [5, 3, 2]: batch axes [4] and [5] do not broadcast");
    refuses!(cube.matmul(a), "matmul: [4, 2, 3] x [2, 3]: inner dimensions 3 and 2 differ");
    refuses!(high.matmul(wide), "matmul: [1099511627776, 0] x [0, 1099511627776]: the number of elements overflows");
    refuses!(a.outer(v), "outer: [2, 3] and [3]: both operands must be vectors");

    refuses!(v.diagonal(0), "diagonal: [3] is no matrix");
    refuses!(v.trace(), "trace: [3] is no matrix");
    refuses!(v.tril(0), "tril: [3] is no matrix");
    refuses!(number.triu(0), "triu: [] is no matrix");
    refuses!(number.diag(0), "diag: a number has no axis to be a diagonal");
    refuses!(x(&[1; 8]).diag(0), "diag: [1, 1, 1, 1, 1, 1, 1, 1] has 8 axes already");
    refuses!(v.diag(isize::MAX), "diag: [3] with offset 9223372036854775807: the number of elements overflows");
    refuses!(wide.diag(0), "diag: [0, 1099511627776] with offset 0: the number of elements overflows");

    refuses!(einsum("ij->ij", [a, v]), "einsum: \"ij->ij\" of [2, 3] and [3]: it has 1 terms and needs 2");
    refuses!(einsum::<f64>("", []), "einsum: \"\" of no operand");
    refuses!(einsum("ij,jk", [a, a]), "einsum: \"ij,jk\" of [2, 3] and [2, 3]: `j` is 3 and 2");
    refuses!(einsum("ii", [a]), "einsum: \"ii\" of [2, 3]: `i` is 2 and 3");
    refuses!(einsum("ijk->i", [a]), "einsum: \"ijk->i\" of [2, 3]: `ijk` has 3 letters for the axes of [2, 3]");
    refuses!(einsum("...ijk->i", [a]), "einsum: \"...ijk->i\" of [2, 3]: `...ijk` has 3 letters for the axes of [2, 3]");
    refuses!(einsum("i->i", [a]), "einsum: \"i->i\" of [2, 3]: `i` has 1 letters for the axes of [2, 3]");
    refuses!(einsum("i1->i", [a]), "einsum: \"i1->i\" of [2, 3]: `i1`: a term is letters and at most one `...`");
    refuses!(einsum("i...j...->i", [a]), "einsum: \"i...j...->i\" of [2, 3]: `i...j...`: a term is letters and at most one `...`");
    refuses!(einsum("ij->j->i", [a]), "einsum: \"ij->j->i\" of [2, 3]: `j->i`: a term is letters and at most one `...`");
    refuses!(einsum("ij->ik", [a]), "einsum: \"ij->ik\" of [2, 3]: `k` of the output stands in no term");
    refuses!(einsum("ij->ii", [a]), "einsum: \"ij->ii\" of [2, 3]: `i` stands twice in the output");
    refuses!(einsum("...i,...i->...", [cube, x(&[5, 3])]), "einsum: \"...i,...i->...\" of [4, 2, 3] and [5, 3]: an axis of `...` is 2 and 5");
    let five = x(&[1; 5]);
    refuses!(einsum("abcde,vwxyz->abcdevwxyz", [five, five]), "einsum: \"abcde,vwxyz->abcdevwxyz\" of [1, 1, 1, 1, 1] and [1, 1, 1, 1, 1]: a product on the way has more than eight axes or too many elements");
}

/// All that `einsum` records stands at the caller's line.
#[test]
fn what_einsum_records_is_the_callers() {
    for spec in ["ij,ij->j", "iij,k->jk", "ij,k->jk"] {
        let tape = Tape::new();
        let operands = spec.split("->").next().expect("terms").split(',');
        let nan = |letters: &str| {
            tape.constant(&Tensor::full(vec![2; letters.len()].as_slice(), f64::NAN))
        };
        let x: Vec<_> = operands.map(nan).collect();
        tape.watch(true);
        let line = line!() + 1;
        einsum(spec, x);
        let culprit = tape.find_non_finite().expect("it is NaN");
        assert_eq!(
            (culprit.place.file(), culprit.place.line()),
            (file!(), line),
            "{spec}: {culprit}"
        );
    }
}
