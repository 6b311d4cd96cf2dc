//! Ten million equal terms in f32: the error of a sum does not grow with their number.

use elbo::{Tape, Tensor, Var};

/// Terms, which stand in a `[100, 1000, 100]` array.
const N: usize = 10_000_000;
const SHAPE: [usize; 3] = [100, 1000, 100];

/// What a sum may be off, relatively: some halvings of the array, and an ulp of f32 for what follows.
const BOUND: f64 = 1e-6;

/// The first number of f(x), where every element of x is `term`.
fn value(term: f32, f: impl FnOnce(Var<'_>) -> Var<'_>) -> f64 {
    let tape = Tape::new();
    let x = tape.constant(&Tensor::new(SHAPE, vec![term; N]));
    let y = f(x);
    f64::from(y.reshape([y.shape().size()]).value().as_slice()[0])
}

/// The first gradient of Σ f(p, x) with respect to p, zeros of the shape `shape`.
fn gradient<'a>(
    shape: &[usize],
    term: f32,
    tape: &'a Tape,
    f: impl FnOnce(Var<'a>, Var<'a>) -> Var<'a>,
) -> f64 {
    let p = tape.parameter(&Tensor::zeros(shape));
    let x = tape.constant(&Tensor::new(SHAPE, vec![term; N]));
    f(p, x).sum().backward();
    f64::from(p.grad().as_slice()[0])
}

fn near(name: &str, got: f64, exact: f64) {
    let error = (got / exact - 1.0).abs();
    assert!(
        error <= BOUND,
        "{name}: {got} instead of {exact}: {error:e}"
    );
}

#[test]
fn sums_over_any_axes() {
    let term = 0.1f32;
    for axes in [&[0, 1, 2][..], &[0], &[1], &[2], &[0, 1], &[1, 2], &[0, 2]] {
        let n: usize = axes.iter().map(|&axis| SHAPE[axis]).product();
        let sum = n as f64 * f64::from(term);
        let name = |op: &str| format!("{op} over {axes:?}");
        near(&name("sum"), value(term, |x| x.sum_axes(axes)), sum);
        near(
            &name("mean"),
            value(term, |x| x.mean_axes(axes)),
            f64::from(term),
        );
    }
}

#[test]
fn gradients_of_what_is_broadcast() {
    let term = 0.1f32;
    for shape in [
        &[][..],
        &[100],
        &[1000, 1],
        &[1000, 100],
        &[100, 1, 1],
        &[100, 1, 100],
    ] {
        let exact = (N / shape.iter().product::<usize>()) as f64 * f64::from(term);
        let tape = Tape::new();
        let got = gradient(shape, term, &tape, |p, x| p * x);
        near(&format!("mul by {shape:?}"), got, exact);
        let got = gradient(shape, term, &tape, |p, x| p.broadcast_to(SHAPE) * x);
        near(&format!("broadcast_to from {shape:?}"), got, exact);
    }
}

fn flat(x: Var<'_>) -> Var<'_> {
    x.reshape([N])
}

/// Two halves that differ in their sign, so that there is a spread.
fn halves(x: Var<'_>) -> Var<'_> {
    let sign = Tensor::new([2, 1], vec![1.0, -1.0]);
    x.reshape([2, N / 2]) * x.tape().constant(&sign)
}

#[test]
fn sums_inside_of_other_operations() {
    let (term, n) = (0.1f32, N as f64);
    let x = f64::from(term);
    near("norm", value(term, |x| x.norm(2.0)), n.sqrt() * x);
    near("norm 1", value(term, |x| x.norm(1.0)), n * x);
    near("norm 3", value(term, |x| x.norm(3.0)), n.cbrt() * x);
    near(
        "logsumexp",
        value(term, |x| flat(x).logsumexp(0)),
        x + n.ln(),
    );
    near("softmax", value(term, |x| flat(x).softmax(0)), 1.0 / n);
    near(
        "log_softmax",
        value(term, |x| flat(x).log_softmax(0)),
        -n.ln(),
    );
    near(
        "cumsum",
        value(term, |x| flat(x).cumsum(0).flip(&[0])),
        n * x,
    );
    near(
        "cumlogsumexp",
        value(term, |x| flat(x).cumlogsumexp(0).flip(&[0])),
        x + n.ln(),
    );
    near("var", value(term, |x| halves(x).var(0)), x * x);
    let tape = Tape::new();
    let got = gradient(&[N], term, &tape, |p, x| p.cumsum(0) * x.reshape([N]));
    near("gradient of cumsum", got, n * x);
}

#[test]
fn what_meets_in_one_place() {
    let (term, n) = (0.1f32, N as f64);
    let sum = n * f64::from(term);
    let to_0 = vec![0; N];
    let segments = value(term, |x| flat(x).segment_sum(&to_0, 1));
    near("segment_sum", segments, sum);
    // Rows of 100, of which the first takes every one.
    let to_0 = &to_0[..N / 100];
    let got = value(term, |x| x.reshape([N / 100, 100]).segment_sum(to_0, 3));
    near("segment_sum of rows", got, sum / 100.0);
    let tape = Tape::new();
    let got = gradient(&[3, 100], term, &tape, |p, x| {
        p.rows(to_0) * x.reshape([N / 100, 100])
    });
    near("gradient of rows", got, sum / 100.0);
    let tape = Tape::new();
    let got = gradient(&[3, 100], term, &tape, |p, x| {
        p.gather(0, [N / 100, 100], &vec![0; N]) * x.reshape([N / 100, 100])
    });
    near("gradient of gather", got, sum / 100.0);
}

/// A product adds 256 terms one after the other, and 64 such runs, before it adds pairwise: each
/// addition is off by half an ulp, 6e-8.
const BOUND_OF_PRODUCTS: f64 = 2e-5;

#[test]
fn products() {
    let (term, n) = (0.1f32, N as f64);
    let square = f64::from(term) * f64::from(term);
    let near = |name: &str, got: f64, exact: f64| {
        let error = (got / exact - 1.0).abs();
        println!("{name}: {error:e}");
        assert!(error <= BOUND_OF_PRODUCTS, "{name}: {error:e}");
    };
    let dot = value(term, |x| flat(x).matmul(flat(x)));
    near("two vectors", dot, n * square);
    let gram = value(term, |x| {
        let x = x.reshape([2, N / 2]);
        x.matmul(x.t())
    });
    near("two matrices", gram, n / 2.0 * square);
    for images in [1, 100] {
        let tape = Tape::new();
        let w = tape.parameter(&Tensor::zeros([4, 1, 1, 1]));
        let x = Tensor::new([images, 1, 1000, N / 1000 / images], vec![term; N]);
        let y = tape
            .constant(&x)
            .conv2d(w, None, elbo::ops::Conv::default());
        (y * f64::from(term)).sum().backward();
        let got = f64::from(w.grad().as_slice()[0]);
        near(
            &format!("kernel gradient of {images} images"),
            got,
            n * square,
        );
    }
}
