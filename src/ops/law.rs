//! The table of laws: for every operation, the inputs on which it may be tested.
//!
//! A family's file ends with its rows, written by [`law!`](crate::law); `tests/ops.rs` holds each
//! of them to the laws of [`check`](crate::check) and fails for an operation without a row. Other
//! rooms, and users of this crate, write rows for operations of their own in the same way.

use std::fmt::{self, Display};

use super::function::Differentiable;
pub use crate::law;

/// One row of the table; [`law!`](crate::law) writes it.
#[derive(Clone, Copy)]
pub struct Law {
    /// The type that implements the operation, with its module.
    pub op: &'static str,
    /// The operation's name on a tape.
    pub name: &'static str,
    /// What its inputs may be.
    pub inputs: &'static [Input],
    /// The operation as a function of them.
    pub f: &'static (dyn Differentiable + Sync),
}

impl Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.name)?;
        for (k, input) in self.inputs.iter().enumerate() {
            let comma = if k == 0 { "" } else { ", " };
            write!(f, "{comma}{}: {}", input.name, input.shape)?;
        }
        write!(f, ")")
    }
}

/// One input of a [`Law`].
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// Its letter in the formula.
    pub name: &'static str,
    /// Its shape, a letter for each axis, as in `mk` times `kn`: axes of the same letter have the
    /// same extent, an upper-case letter is never 0, and a digit is an extent itself. All inputs
    /// of the shape `...` broadcast together.
    pub shape: &'static str,
    /// The numbers that it may hold.
    pub domain: Domain,
}

/// The numbers on which an operation may be tested: an interval, perhaps without a kink.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Domain {
    low: f64,
    high: f64,
    kink: Option<f64>,
    whole: bool,
}

impl Domain {
    /// -3 to 3, where most functions of statistics bend.
    pub const REAL: Domain = Domain::between(-3.0, 3.0);
    /// 0.1 to 4.
    pub const POSITIVE: Domain = Domain::between(0.1, 4.0);
    /// -0.9 to 0.9: correlations, sines, and what else stays within -1 and 1.
    pub const UNIT: Domain = Domain::between(-0.9, 0.9);
    /// [`REAL`](Self::REAL) without 0.
    pub const NONZERO: Domain = Domain::REAL.without(0.0);

    /// A central difference reaches less than this far: no kink comes between its two points.
    const GAP: f64 = 0.1;

    /// The numbers from `low` to `high`.
    pub const fn between(low: f64, high: f64) -> Self {
        Domain {
            low,
            high,
            kink: None,
            whole: false,
        }
    }
    /// These numbers without those closer than 0.1 to `kink`. A function with two kinks has two rows,
    /// on either side of a number between them: its kinks are among the numbers that are drawn.
    ///
    /// # Panics
    /// If they are without one already.
    #[track_caller]
    pub const fn without(self, kink: f64) -> Self {
        assert!(self.kink.is_none(), "a domain is without one kink at most");
        Domain {
            kink: Some(kink),
            ..self
        }
    }
    /// The whole numbers 0, 1, …, `end - 1`: data, such as counts or classes, of which no gradient
    /// is asked.
    pub const fn whole(end: u32) -> Self {
        Domain {
            whole: true,
            ..Domain::between(0.0, end as f64)
        }
    }
    /// Whether a gradient is asked of such an input.
    pub const fn is_smooth(self) -> bool {
        !self.whole
    }
    /// The domain's number at `u`, which goes from 0 up to 1.
    pub fn at(self, u: f64) -> f64 {
        let x = self.low + u * (self.high - self.low);
        if self.whole {
            return x.floor();
        }
        match self.kink {
            Some(kink) if (x - kink).abs() < Self::GAP => kink + Self::GAP.copysign(x - kink),
            _ => x,
        }
    }
    /// The numbers inside of the domain at which formulas branch or meet a factor of 0, and that no
    /// uniform draw hits: 0, ±1/2, ±1, ±3/2 and 2.
    pub fn landmarks(self) -> Vec<f64> {
        const ALL: [f64; 8] = [0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.0];
        let is_kink = |x: f64| self.kink.is_some_and(|kink| (x - kink).abs() < Self::GAP);
        let holds = |x: &f64| !self.whole && self.low < *x && *x < self.high && !is_kink(*x);
        ALL.into_iter().filter(holds).collect()
    }
    /// The longest interval of the domain.
    pub fn widest(self) -> [f64; 2] {
        match self.kink {
            Some(kink) if kink - self.low > self.high - kink => [self.low, kink - Self::GAP],
            Some(kink) => [kink + Self::GAP, self.high],
            None => [self.low, self.high],
        }
    }
}

/// A row of the table of laws: the type that implements an operation, its name on a tape, and the
/// operation as a function of inputs, each with its shape and its [`Domain`](crate::ops::Domain).
///
/// ```
/// use elbo::{Scalar, Var, check, law, ops::{self, Domain, Law, Pointwise}, tape::Keeps};
///
/// /// y = x³
/// #[derive(Clone, Copy)]
/// struct Cube;
/// impl Pointwise<1> for Cube {
///     const NAME: &'static str = "cube";
///     const KEEPS: Keeps = Keeps::Inputs;
///     fn value<S: Scalar>(&self, [x]: [S; 1]) -> S { x * x * x }
///     fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] { [S::of(3.0) * x * x] }
/// }
///
/// const LAWS: &[Law] = &[
///     law!(Cube, "cube", (x: "..." in Domain::REAL) => ops::pointwise(Cube, [x])),
/// ];
/// check::laws(&LAWS[0]).unwrap();
/// ```
#[macro_export]
macro_rules! law {
    ($op:ident, $name:literal, ($($x:ident: $shape:literal in $domain:expr),+ $(,)?) => $y:expr) => {{
        struct Row;
        impl $crate::ops::Function for Row {
            fn call<'t, S: $crate::Scalar>(&self, x: &[$crate::Var<'t, S>]) -> $crate::Var<'t, S> {
                let [$($x),+] = *x else {
                    panic!("{}: another number of inputs than its law has", $name)
                };
                $y
            }
        }
        $crate::ops::Law {
            op: concat!(module_path!(), "::", stringify!($op)),
            name: $name,
            inputs: &[$($crate::ops::Input {
                name: stringify!($x),
                shape: $shape,
                domain: $domain,
            }),+],
            f: &Row,
        }
    }};
}
