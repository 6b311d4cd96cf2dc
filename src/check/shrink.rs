//! How a [`Graph`] is drawn, and how it shrinks: [`graph`].

use std::fmt::{self, Debug};
use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::strategy::{NewTree, ValueTree};
use proptest::test_runner::TestRunner;

use super::graph::{Graph, Row, Step, extents};
use crate::ops::{Input, Law};
use crate::tape::Tape;
use crate::tensor::Tensor;

/// A [`Graph`] of so many rows of `table`, on `inputs` square matrices of numbers between -1.5 and
/// 1.5. Rows whose result is empty, if every axis has one place, take no part.
///
/// A graph that fails is made smaller: stretches of steps are left out, then single ones, until the
/// failure needs each that is left; then operands become inputs where they can. A few dozen runs
/// lead from 30 steps to one or two.
///
/// ```
/// use elbo::check::{self, strategies};
/// use elbo::{Shape, ops::Domain};
/// use proptest::prelude::*;
///
/// proptest! {
///     # #![proptest_config(ProptestConfig::with_cases(2))]
///     # /*
///     #[test]
///     # */
///     fn gradients_are_right(
///         graph in strategies::graph(check::table(), 2, 20..=30),
///         x in prop::collection::vec(
///             strategies::tensor(Shape::new(&[3, 3]), Domain::between(-1.0, 1.0)),
///             2,
///         ),
///     ) {
///         if let Err(mismatch) = check::gradcheck(&graph, &x) {
///             // A kink between the points of a difference says nothing of a rule.
///             prop_assume!(!mismatch.is_kink());
///             prop_assert!(false, "{}", mismatch);
///         }
///     }
/// }
/// # gradients_are_right();
/// ```
///
/// # Panics
/// If there is no input, no step, or no row that can take part.
#[track_caller]
pub fn graph(
    table: impl IntoIterator<Item = &'static Law>,
    inputs: usize,
    steps: RangeInclusive<usize>,
) -> impl Strategy<Value = Graph> {
    let table: Vec<&'static Law> = table.into_iter().collect();
    let number = |i: usize| {
        let same = |law: &&&Law| law.name == table[i].name;
        let number = table[..=i].iter().filter(same).count();
        (table.iter().filter(same).count() > 1).then_some(number)
    };
    let rows = table.iter().enumerate().filter(|(_, law)| has_result(law));
    let rows: Vec<Row> = rows
        .map(|(i, &law)| Row {
            law,
            number: number(i),
        })
        .collect();
    assert!(
        inputs > 0 && !steps.is_empty() && !rows.is_empty(),
        "graph: {inputs} inputs, {steps:?} steps, {} rows that can take part",
        rows.len()
    );
    Graphs {
        rows,
        inputs,
        steps,
    }
}

/// Whether a row gives at least one number where every axis has a place.
fn has_result(law: &Law) -> bool {
    let tape = Tape::new();
    let operand = |input: &Input| {
        tape.constant(&Tensor::full(
            extents(input.shape, 1),
            input.domain.widest()[0],
        ))
    };
    let operands: Vec<_> = law.inputs.iter().map(operand).collect();
    law.f.plain(&operands).shape().size() > 0
}

impl Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.law)
    }
}

/// What [`graph`] gives.
#[derive(Debug)]
struct Graphs {
    rows: Vec<Row>,
    inputs: usize,
    steps: RangeInclusive<usize>,
}

impl Strategy for Graphs {
    type Tree = Shrinking;
    type Value = Graph;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        // Operands are read round and round.
        let step = (0..self.rows.len(), any::<[usize; 4]>());
        let drawn = prop::collection::vec(step, self.steps.clone()).new_tree(runner)?;
        let step = |(i, (row, operands)): (usize, (usize, [usize; 4]))| {
            let row = self.rows[row];
            let operands = operands.iter().cycle().take(row.law.inputs.len());
            Step {
                row,
                operands: operands.map(|value| value % (self.inputs + i)).collect(),
            }
        };
        let steps = drawn.current().into_iter().enumerate().map(step).collect();
        Ok(Shrinking::new(Graph::new(self.inputs, steps)))
    }
}

/// A graph on its way to a smaller one.
struct Shrinking {
    /// The smallest graph that is known to fail.
    failing: Graph,
    /// `failing`, or that after one more move.
    current: Graph,
    /// How many steps the move leaves out; 0 when it makes an operand an input.
    count: usize,
    /// The step, or the operand of all steps end to end, that the move begins with.
    at: usize,
    /// Whether leaving out one step has succeeded in this pass: the next may find more.
    again: bool,
    /// Whether `current` is the graph after a move.
    moved: bool,
}

impl Shrinking {
    fn new(graph: Graph) -> Self {
        Shrinking {
            count: graph.steps().div_ceil(2),
            current: graph.clone(),
            failing: graph,
            at: 0,
            again: false,
            moved: false,
        }
    }

    /// Makes `current` the graph after the next move from `failing`; false if there is none.
    fn advance(&mut self) -> bool {
        let steps = self.failing.steps();
        while self.count > 0 {
            if self.at < steps {
                let gone = self.at..steps.min(self.at + self.count);
                self.current = self.failing.without(gone);
                return true;
            }
            if !(self.count == 1 && self.again) {
                self.count /= 2;
            }
            (self.at, self.again) = (0, false);
        }
        let operands = self.failing.steps.iter().enumerate();
        let operands = operands.flat_map(|(i, step)| (0..step.operands.len()).map(move |k| (i, k)));
        let next = operands
            .enumerate()
            .skip(self.at)
            .find(|&(_, (i, k))| self.failing.steps[i].operands[k] > 0);
        self.current = self.failing.clone();
        let Some((at, (i, k))) = next else {
            return false;
        };
        self.at = at;
        self.current.steps[i].operands[k] = 0;
        true
    }
}

impl ValueTree for Shrinking {
    type Value = Graph;

    fn current(&self) -> Graph {
        self.current.clone()
    }
    /// `current` fails: the last move, if there was one, stays.
    fn simplify(&mut self) -> bool {
        self.again |= self.count == 1 && self.current.steps() < self.failing.steps();
        self.failing = self.current.clone();
        self.moved = self.advance();
        self.moved
    }
    /// `current` does not fail: the last move is taken back, and the next one is made. If there is
    /// none, the graph that fails is the current one again.
    fn complicate(&mut self) -> bool {
        if !self.moved {
            return false;
        }
        self.at += self.count.max(1);
        self.moved = self.advance();
        true
    }
}
