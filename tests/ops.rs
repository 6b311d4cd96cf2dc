//! Every operation keeps the laws of `elbo::check`, and none is without a row in their table.
//!
//! J'u by the way back equals J'u by dual numbers and by differences of values; see
//! `src/check/laws.rs` for all ten laws. At the end, operations that are wrong on purpose: a
//! checker that passes them would pass anything.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use elbo::Scalar;
use elbo::check::{self, strategies};
use elbo::kernels::matmul::Matrix;
use elbo::ops::{self, Domain, Law, Pointwise, law};
use elbo::tape::{Grads, Inputs, Keeps, Op, Saved};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rayon::prelude::*;

#[test]
fn every_operation_keeps_its_laws() {
    let table: Vec<&Law> = check::table().collect();
    let broken: Vec<String> = table
        .par_iter()
        .filter_map(|law| check::laws(law).err())
        .map(|violation| violation.to_string())
        .collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n\n"));
}

#[test]
fn every_operation_has_a_row() {
    let rows: BTreeSet<String> = check::table().map(|law| law.op.to_owned()).collect();
    let mut implemented = BTreeSet::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    collect(&src, "elbo", &mut implemented);
    assert!(
        implemented.contains("elbo::ops::matmul::MatMul"),
        "the reader of sources is blind"
    );
    let without: Vec<_> = implemented.difference(&rows).collect();
    assert!(
        without.is_empty(),
        "operations without a row in the table of laws (end their file with one, see law!): \
         {without:?}"
    );
    let unknown: Vec<_> = rows.difference(&implemented).collect();
    assert!(
        unknown.is_empty(),
        "rows for types that are no operations: {unknown:?}"
    );
}

#[test]
#[should_panic = "a domain is without one kink at most"]
fn a_second_kink_of_a_domain_is_refused() {
    let _ = Domain::NONZERO.without(1.0);
}

/// Adds the path of every type below `dir` that implements `Op` or `Pointwise`.
fn collect(dir: &Path, module: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).expect("src is there") {
        let path = entry.expect("src can be read").path();
        let name = path
            .file_stem()
            .and_then(|s| s.to_str())
            .expect("UTF-8 names");
        let inner = match name {
            "mod" | "lib" => module.to_owned(),
            _ => format!("{module}::{name}"),
        };
        if path.is_dir() {
            collect(&path, &inner, found);
        } else {
            let source = fs::read_to_string(&path).expect("sources are text");
            found.extend(operations(&source).map(|ty| format!("{inner}::{ty}")));
        }
    }
}

/// The types for which a source has `impl .. Op<..> for Type` or `impl .. Pointwise<..> for Type`,
/// comments and tests left out.
fn operations(source: &str) -> impl Iterator<Item = String> {
    let code: String = source
        .lines()
        .take_while(|line| !line.starts_with("mod tests"))
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let headers: Vec<String> = code
        .split("impl")
        .skip(1)
        .filter_map(|rest| rest.split_once('{'))
        .map(|(header, _)| header.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    headers.into_iter().filter_map(|header| {
        let (of, ty) = without_generics(&header).split_once(" for ")?;
        let of = of.split('<').next()?.rsplit("::").next()?.trim();
        let ty = ty.split(['<', ' ']).next()?.rsplit("::").next()?;
        let counts = matches!(of, "Op" | "Pointwise");
        assert!(
            !(counts && ty.contains('$')),
            "{header}: write it out, so that it can be counted"
        );
        counts.then(|| ty.to_owned())
    })
}

/// What follows the generics of an `impl`.
fn without_generics(header: &str) -> &str {
    if !header.starts_with('<') {
        return header;
    }
    let mut depth = 0;
    let end = header.find(|c| {
        depth += i32::from(c == '<') - i32::from(c == '>');
        depth == 0
    });
    end.map_or(header, |end| &header[end + 1..])
}

#[test]
fn the_reader_of_sources_sees_every_form_of_impl() {
    let source = "
        /// impl Op<f64> for InAComment {
        impl Pointwise<1> for Plain { }
        impl<S: Scalar, const N: usize, F: Pointwise<N>> Op<S> for Generic<F, N> { }
        impl<S: Scalar> tape::Op<S>
            for paths::Qualified {
        }
        impl<F: Pointwise<2>> Display for Other<F> { }
        impl Ops { }
mod tests {
        impl Pointwise<1> for InATest { }
    ";
    assert_eq!(
        operations(source).collect::<Vec<_>>(),
        ["Plain", "Generic", "Qualified"]
    );
}

#[test]
fn cases_reach_empty_single_and_broadcast_operands() {
    let add = check::table()
        .find(|law| law.name == "add")
        .expect("add has a row");
    let mut runner = TestRunner::deterministic();
    let (mut empty, mut single, mut stretched, mut equal) = (0, 0, 0, 0);
    for _ in 0..256 {
        let case = strategies::case(add)
            .new_tree(&mut runner)
            .expect("a case")
            .current();
        let [a, b] = [case.inputs[0].shape(), case.inputs[1].shape()];
        empty += usize::from(a.size() == 0);
        single += usize::from(a.size() == 1);
        stretched += usize::from(a != b && a.size() > 0);
        equal += usize::from(a == b && a.size() > 1);
    }
    // A tenth of the cases each: below, a law of 256 cases would hardly see the kind.
    for count in [empty, single, stretched, equal] {
        assert!(
            count > 25,
            "{empty} empty, {single} single, {stretched} stretched, {equal} equal"
        );
    }
}

// From here on: operations that are wrong on purpose.

/// A pointwise operation with its value and its partial derivatives.
macro_rules! wrong {
    ($op:ident, $keeps:ident, $n:literal, |$x:pat_param, $y:pat_param| $value:expr, $partials:expr) => {
        #[derive(Clone, Copy)]
        struct $op;
        impl Pointwise<$n> for $op {
            const NAME: &'static str = stringify!($op);
            const KEEPS: Keeps = Keeps::$keeps;
            fn value<S: Scalar>(&self, $x: [S; $n]) -> S {
                $value
            }
            #[allow(unused_variables)] // a pattern serves both functions
            fn partials<S: Scalar>(&self, $x: [S; $n], $y: S) -> [S; $n] {
                $partials
            }
        }
    };
}
wrong!(WrongSign, Nothing, 2, |[a, b], _| a - b, [S::ONE, S::ONE]);
wrong!(FactorTwo, Inputs, 1, |[x], _| x.sin(), [x.cos() + x.cos()]);
wrong!(
    Inexact,
    Inputs,
    1,
    |[x], _| x.sin(),
    [x.cos() * S::of(1.0 + 1e-9)]
);
// The derivative that dual numbers see is wrong in the same way: only differences tell.
wrong!(
    WrongTwice,
    Output,
    1,
    |[x], y| (S::of(x.value()) + S::of(2.0) * (x - S::of(x.value()))).exp(),
    [S::of(2.0) * y]
);
// Right at first order, but its derivative is cut off from x.
wrong!(
    Frozen,
    Inputs,
    1,
    |[x], _| x * x * x,
    [S::of(3.0 * x.value() * x.value())]
);
wrong!(Infinite, Inputs, 1, |[x], _| x.ln(), [S::ONE / x]);
wrong!(ReadsInput, Output, 1, |[x], _| x.sin(), [x.cos()]);
wrong!(ReadsOutput, Inputs, 1, |[x], y| x.exp(), [y]);

/// An operation on one or two inputs, from its two loops.
macro_rules! wrong_op {
    ($op:ident, $keeps:ident, |$x:ident, $y:ident| $forward:expr, |$y_bar:ident, $x_bar:ident| $vjp:expr) => {
        struct $op;
        impl<S: Scalar> Op<S> for $op {
            fn name(&self) -> &'static str {
                stringify!($op)
            }
            fn keeps(&self) -> Keeps {
                Keeps::$keeps
            }
            fn forward(&self, $x: &Inputs<'_, S>, $y: &mut [S], _: &mut Saved<S>) {
                $forward
            }
            fn vjp(
                &self,
                $x: &Inputs<'_, S>,
                $y: &[S],
                $y_bar: &[S],
                _: &Saved<S>,
                $x_bar: &mut Grads<'_, S>,
            ) {
                let _ = ($x, $y);
                $vjp
            }
        }
    };
}
// Ā should be Ȳ B'.
wrong_op!(
    NoTranspose,
    Inputs,
    |x, y| S::gemm(square(x, 0), square(x, 1), false, y),
    |y_bar, x_bar| {
        let n = x.shape(0).dim(0);
        let y_bar = Matrix::new(y_bar, n, n);
        if let Some(d) = x_bar.of(0) {
            S::gemm(y_bar, square(x, 1), true, d);
        }
        if let Some(d) = x_bar.of(1) {
            S::gemm(square(x, 0).t(), y_bar, true, d);
        }
    }
);
// The bias of each row gets the gradient of the first row alone.
wrong_op!(
    NoUnbroadcast,
    Nothing,
    |x, y| {
        for (i, y) in y.iter_mut().enumerate() {
            *y = x[0][i] + x[1][i % x[1].len()];
        }
    },
    |y_bar, x_bar| {
        for k in 0..2 {
            let Some(d) = x_bar.of(k) else { continue };
            for (d, &y_bar) in d.iter_mut().zip(y_bar) {
                *d += y_bar;
            }
        }
    }
);
// Writes its gradient over what is there.
wrong_op!(
    Overwrites,
    Nothing,
    |x, y| y.copy_from_slice(&x[0]),
    |y_bar, x_bar| if let Some(d) = x_bar.of(0) {
        d.copy_from_slice(y_bar);
    }
);
// Counts on zeros in y.
wrong_op!(
    AddsToOutput,
    Nothing,
    |x, y| for (y, &x) in y.iter_mut().zip(&x[0]) {
        *y += x;
    },
    |y_bar, x_bar| if let Some(d) = x_bar.of(0) {
        for (d, &y_bar) in d.iter_mut().zip(y_bar) {
            *d += y_bar;
        }
    }
);
// Both read what they do not keep.
wrong_op!(
    KeepsNoInput,
    Nothing,
    |x, y| for (y, &x) in y.iter_mut().zip(&x[0]) {
        *y = x * x;
    },
    |y_bar, x_bar| if let Some(d) = x_bar.of(0) {
        for ((d, &y_bar), &x) in d.iter_mut().zip(y_bar).zip(&x[0]) {
            *d += (x + x) * y_bar;
        }
    }
);
wrong_op!(
    KeepsNoOutput,
    Inputs,
    |x, y| for (y, &x) in y.iter_mut().zip(&x[0]) {
        *y = x.exp();
    },
    |y_bar, x_bar| if let Some(d) = x_bar.of(0) {
        for (i, d) in d.iter_mut().enumerate() {
            *d += y[i] * y_bar[i];
        }
    }
);

fn square<'a, S: Scalar>(x: &'a Inputs<'_, S>, k: usize) -> Matrix<'a, S> {
    Matrix::new(&x[k], x.shape(k).dim(0), x.shape(k).dim(1))
}

#[test]
fn wrong_operations_are_rejected() {
    const REAL: Domain = Domain::REAL;
    #[rustfmt::skip]
    let wrong = [
        ("forward", law!(WrongSign, "WrongSign", (a: "..." in REAL, b: "..." in REAL) => ops::pointwise(WrongSign, [a, b]))),
        ("forward", law!(FactorTwo, "FactorTwo", (x: "..." in REAL) => ops::pointwise(FactorTwo, [x]))),
        ("forward", law!(Inexact, "Inexact", (x: "..." in REAL) => ops::pointwise(Inexact, [x]))),
        ("differences", law!(WrongTwice, "WrongTwice", (x: "..." in REAL) => ops::pointwise(WrongTwice, [x]))),
        ("second order", law!(Frozen, "Frozen", (x: "..." in REAL) => ops::pointwise(Frozen, [x]))),
        ("finite", law!(Infinite, "Infinite", (x: "..." in REAL) => ops::pointwise(Infinite, [x]))),
        ("finite", law!(FactorTwo, "FactorTwo", (x: "..." in REAL) => x.sin())),
        ("forward", law!(ReadsInput, "ReadsInput", (x: "..." in REAL) => ops::pointwise(ReadsInput, [x]))),
        ("forward", law!(ReadsOutput, "ReadsOutput", (x: "..." in REAL) => ops::pointwise(ReadsOutput, [x]))),
        ("forward", law!(NoTranspose, "NoTranspose", (a: "nn" in REAL, b: "nn" in REAL) => a.tape().apply(NoTranspose, [a, b], a.shape()))),
        ("forward", law!(NoUnbroadcast, "NoUnbroadcast", (a: "nm" in REAL, b: "m" in REAL) => a.tape().apply(NoUnbroadcast, [a, b], a.shape()))),
        ("fan-out", law!(Overwrites, "Overwrites", (x: "..." in REAL) => x.tape().apply(Overwrites, [x], x.shape()))),
        ("overwritten", law!(AddsToOutput, "AddsToOutput", (x: "..." in REAL) => x.tape().apply(AddsToOutput, [x], x.shape()))),
        ("does not", law!(KeepsNoInput, "KeepsNoInput", (x: "..." in REAL) => x.tape().apply(KeepsNoInput, [x], x.shape()))),
        ("out of bounds", law!(KeepsNoOutput, "KeepsNoOutput", (x: "..." in REAL) => x.tape().apply(KeepsNoOutput, [x], x.shape()))),
    ];
    for (expected, law) in &wrong {
        let violation = check::laws(law).expect_err(law.name);
        assert!(
            violation.reason.contains(expected),
            "{violation}\nbut it breaks another law, {expected}"
        );
        // The smallest case is told, and breaks the law again.
        let again = panic::catch_unwind(AssertUnwindSafe(|| check::laws_at(law, &violation.case)));
        assert!(!matches!(again, Ok(Ok(()))), "{violation}");
    }
}
