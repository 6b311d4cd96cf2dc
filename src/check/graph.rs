//! [`Graph`]: a random expression of many operations, which prints as a small program.

use std::fmt::{self, Debug, Display};
use std::ops::Range;

use crate::kernels::{Dual, Scalar};
use crate::ops::{self, Differentiable, Domain, Law, Pointwise, law, pointwise};
use crate::tape::{Keeps, Var};
use crate::tensor::{Shape, Tensor};

/// An expression of rows of a table of laws; [`strategies::graph`](super::strategies::graph) draws
/// one.
///
/// Inputs are square matrices of one size. Each step applies a row to values that exist, and its
/// result is one more; the sum of all values is the value of the graph. Between two steps a value
/// is repeated or cut to the shape that its reader wants and stretched to the reader's domain, and
/// every result is bounded by 1.5 x / √(1 + x²), so that any row can follow any other.
///
/// [`Display`] prints it, a line a step, as here after shrinking:
///
/// ```text
/// v0, v1 = inputs
/// v2 = mul(v0, v1)
/// v3 = matmul(v2, v0)  // row 2 of `matmul`
/// v0 + v1 + v2 + v3
/// ```
///
/// It is a function of its inputs, [`Differentiable`], and can be given to
/// [`gradcheck`](super::gradcheck()).
#[derive(Clone)]
pub struct Graph {
    pub(super) inputs: usize,
    /// What the values after the inputs are.
    pub(super) steps: Vec<Step>,
    /// The steps in the order in which they run; operands come first.
    order: Vec<usize>,
    /// Places in `order` that run under one checkpoint.
    checkpoint: Range<usize>,
}

/// A row, and its number among those of the same name if there are several.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) law: &'static Law,
    pub(super) number: Option<usize>,
}

/// A row on values that exist: the i-th step makes value `inputs + i`.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) row: Row,
    pub(super) operands: Vec<usize>,
}

/// How a row is run over one kind of number.
type Apply<S> = for<'t> fn(&Law, &[Var<'t, S>]) -> Var<'t, S>;

impl Graph {
    pub(super) fn new(inputs: usize, steps: Vec<Step>) -> Self {
        Graph {
            inputs,
            order: (0..steps.len()).collect(),
            steps,
            checkpoint: 0..0,
        }
    }

    /// Number of steps.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// The same function with its steps in another order: of those whose operands are there, the
    /// one with the smallest key runs first. Keys are read round and round.
    ///
    /// # Panics
    /// If there is no key.
    #[must_use]
    #[track_caller]
    pub fn reordered(&self, keys: &[u64]) -> Self {
        assert!(!keys.is_empty(), "reordered: no keys are given");
        let mut order: Vec<usize> = vec![];
        while order.len() < self.steps.len() {
            let is_there = |&value: &usize| {
                value < self.inputs || order.contains(&(value - self.inputs)) // few steps
            };
            let next = (0..self.steps.len())
                .filter(|i| !order.contains(i))
                .filter(|&i| self.steps[i].operands.iter().all(is_there))
                .min_by_key(|i| (keys[i % keys.len()], *i));
            order.extend(next);
        }
        Graph {
            order,
            ..self.clone()
        }
    }

    /// The same function with the steps at these places of the order under one
    /// [`checkpoint`](crate::Tape::checkpoint).
    ///
    /// # Panics
    /// If there are no such places.
    #[must_use]
    #[track_caller]
    pub fn checkpointed(&self, places: Range<usize>) -> Self {
        assert!(
            places.start <= places.end && places.end <= self.steps.len(),
            "checkpointed: {places:?} are no places of {} steps",
            self.steps.len()
        );
        Graph {
            checkpoint: places,
            ..self.clone()
        }
    }

    /// The graph without some of its steps. Who reads one of them reads its first operand instead,
    /// so that what is left stays as it is.
    pub(super) fn without(&self, gone: Range<usize>) -> Self {
        // What each value is now.
        let mut values: Vec<usize> = (0..self.inputs).collect();
        let mut steps = vec![];
        for (i, Step { row, operands }) in self.steps.iter().enumerate() {
            let operands: Vec<usize> = operands.iter().map(|&value| values[value]).collect();
            if gone.contains(&i) {
                values.push(operands[0]);
            } else {
                values.push(self.inputs + steps.len());
                steps.push(Step {
                    row: *row,
                    operands,
                });
            }
        }
        Graph::new(self.inputs, steps)
    }

    #[track_caller]
    fn run<'t, S: Scalar>(&self, x: &[Var<'t, S>], apply: Apply<S>) -> Var<'t, S> {
        let shapes: Vec<Shape> = x.iter().map(|x| x.shape()).collect();
        let side = shapes.first().map_or(0, |shape| shape.dim(0));
        let square = Shape::new(&[side, side]);
        assert!(
            x.len() == self.inputs && side > 0 && shapes.iter().all(|&shape| shape == square),
            "graph: wants {} square matrices of one size, not {shapes:?}",
            self.inputs
        );
        // The value of a step that has not run is an input in its place, which nobody reads.
        let mut values = vec![x[0]; self.inputs + self.steps.len()];
        values[..self.inputs].copy_from_slice(x);
        let (before, rest) = self.order.split_at(self.checkpoint.start);
        let (inside, after) = rest.split_at(self.checkpoint.len());
        self.advance(before, &mut values, apply);
        if !inside.is_empty() {
            let (graph, places) = (self.clone(), inside.to_vec());
            let results = x[0].tape().checkpoint(&values, move |values| {
                let mut values = values.to_vec();
                graph.advance(&places, &mut values, apply);
                let results: Vec<_> = places.iter().map(|i| values[graph.inputs + i]).collect();
                ops::stack(&results, 0)
            });
            for (k, i) in inside.iter().enumerate() {
                values[self.inputs + i] = results.narrow(0, k..k + 1).reshape(square);
            }
        }
        self.advance(after, &mut values, apply);
        let [first, rest @ ..] = &values[..] else {
            unreachable!("a graph has inputs")
        };
        rest.iter().fold(*first, |sum, &value| sum + value)
    }

    /// Runs some of the steps, of which the operands are there.
    fn advance<'t, S: Scalar>(&self, places: &[usize], values: &mut [Var<'t, S>], apply: Apply<S>) {
        let square = values[0].shape();
        for &i in places {
            let Step { row, operands } = &self.steps[i];
            let inputs = row.law.inputs.iter().zip(operands);
            let operands: Vec<Var<'t, S>> = inputs
                .map(|(input, &value)| {
                    let value = stretched(values[value], input.domain);
                    reshaped(value, extents(input.shape, square.dim(0)))
                })
                .collect();
            let y = reshaped(apply(row.law, &operands), square);
            values[self.inputs + i] = pointwise(Bounded, [y]);
        }
    }
}

impl Differentiable for Graph {
    /// # Panics
    /// If `x` are not as many square matrices of one size as the graph has inputs.
    #[track_caller]
    fn plain<'t>(&self, x: &[Var<'t, f64>]) -> Var<'t, f64> {
        self.run(x, |law, x| law.f.plain(x))
    }
    #[track_caller]
    fn dual<'t>(&self, x: &[Var<'t, Dual<f64>>]) -> Var<'t, Dual<f64>> {
        self.run(x, |law, x| law.f.dual(x))
    }
}

impl Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |values: &[usize], between: &str| {
            let names: Vec<String> = values.iter().map(|value| format!("v{value}")).collect();
            names.join(between)
        };
        let all: Vec<usize> = (0..self.inputs + self.steps.len()).collect();
        writeln!(f, "{} = inputs", list(&all[..self.inputs], ", "))?;
        for (place, &i) in self.order.iter().enumerate() {
            let Step { row, operands } = &self.steps[i];
            write!(f, "v{} = ", self.inputs + i)?;
            write!(f, "{}({})", row.law.name, list(operands, ", "))?;
            if let Some(number) = row.number {
                write!(f, "  // row {number} of `{}`", row.law.name)?;
            }
            if self.checkpoint.contains(&place) {
                write!(f, "  // in the checkpoint")?;
            }
            writeln!(f)?;
        }
        write!(f, "{}", list(&all, " + "))
    }
}
/// As [`Display`], after a line break: a failed test shows the program.
impl Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}\n")
    }
}

/// The shape that a law's text means where every letter is `side`.
pub(super) fn extents(shape: &str, side: usize) -> Shape {
    if shape == "..." {
        return Shape::new(&[side, side]);
    }
    let extent = |c: char| c.to_digit(10).map_or(side, |digit| digit as usize);
    Shape::new(&shape.chars().map(extent).collect::<Vec<_>>())
}

/// The numbers of `x`, round and round, under another shape.
fn reshaped<S: Scalar>(x: Var<'_, S>, shape: Shape) -> Var<'_, S> {
    let count = x.shape().size();
    if x.shape() == shape {
        x
    } else if count == shape.size() {
        x.reshape(shape)
    } else {
        let indices: Vec<usize> = (0..shape.size()).map(|i| i % count).collect();
        x.reshape([count]).rows(&indices).reshape(shape)
    }
}

/// All values between two steps lie between -BOUND and BOUND.
const BOUND: f64 = 1.5;

/// y = 1.5 x / √(1 + x²), which lies in (-1.5, 1.5) and, unlike tanh, still slopes at x = 20.
#[derive(Clone, Copy)]
struct Bounded;
impl Pointwise<1> for Bounded {
    const NAME: &'static str = "bounded";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        S::of(BOUND) * x / (S::ONE + x * x).sqrt()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        let r = S::ONE / (S::ONE + x * x).sqrt();
        [S::of(BOUND) * r * r * r]
    }
}

/// A bounded value in a domain: itself if it is there, so that values with several readers are
/// frequent; data are numbers of the domain that do not depend on `x`.
fn stretched<S: Scalar>(x: Var<'_, S>, domain: Domain) -> Var<'_, S> {
    if !domain.is_smooth() {
        let number = |i: usize| S::of(domain.at(i as f64 * 0.37 % 1.0));
        return x.tape().constant(&Tensor::from_fn(x.shape(), number));
    }
    let [low, high] = domain.widest();
    if low <= -BOUND && BOUND <= high {
        return x;
    }
    x * (0.5 * (high - low) / BOUND) + 0.5 * (high + low)
}

pub(super) const LAWS: &[Law] =
    &[law!(Bounded, "bounded", (x: "..." in Domain::REAL) => pointwise(Bounded, [x]))];
