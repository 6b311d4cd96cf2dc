//! Laws of the distributions, each by two routes that share no code, and their reference values.

mod cases;
mod laws;
mod likelihood;
mod tape;
mod truth;

/// |a - b| <= rtol max(|a|, |b|) + atol; equal infinities are close.
fn is_close(a: f64, b: f64, rtol: f64, atol: f64) -> bool {
    a == b || (a - b).abs() <= rtol * a.abs().max(b.abs()) + atol
}

/// Fails with the worst of the pairs unless all are close.
#[track_caller]
fn assert_close(what: &str, a: &[f64], b: &[f64], rtol: f64, atol: f64) {
    assert_eq!(a.len(), b.len(), "{what}: lengths");
    for (i, (&a, &b)) in a.iter().zip(b).enumerate() {
        assert!(
            is_close(a, b, rtol, atol),
            "{what}, element {i}: {a:e} against {b:e}, relative difference {:.1e}",
            (a - b).abs() / a.abs().max(b.abs())
        );
    }
}
