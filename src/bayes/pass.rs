//! [`Pass`]: one way through a net on a tape.

use std::cell::Cell;

use super::noise::{Given, Noise};
use crate::kernels::Scalar;
use crate::ops::Wanted;
use crate::tape::{Label, Tape, Var};
use crate::tensor::Shape;

/// Where the passes of one step write down the KL of the weights that they draw.
pub struct Ledger<'t, S> {
    /// Closed-form terms, the same for every draw: counted once.
    closed: Cell<Option<Var<'t, S>>>,
    /// log q(theta) - log p(theta), one for every draw.
    sampled: Cell<Option<Var<'t, S>>>,
}

impl<S> Default for Ledger<'_, S> {
    fn default() -> Self {
        Ledger {
            closed: Cell::new(None),
            sampled: Cell::new(None),
        }
    }
}

/// Which estimate of KL(q || p) to take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KlEstimate {
    /// The closed form where prior and posterior have one, else Monte Carlo.
    #[default]
    ClosedForm,
    /// log q(theta) - log p(theta) at each draw, also where a closed form exists: equation 2 of
    /// Blundell et al. (2015). Of posteriors other than the mean field, and of estimators that do
    /// not draw theta itself, log q is its mean, the exact entropy.
    MonteCarlo,
}

/// Where the noise of a site comes from.
pub(super) enum Source<'p> {
    /// A generator, which makes the same numbers as often as it is asked.
    Drawn(Noise),
    /// The caller.
    Given(&'p Given),
}

/// The context of one forward pass: tape, noise, and the ledger of KL terms.
///
/// ```
/// use elbo::{Tape, bayes::{Ledger, Noise, Pass}};
/// let tape: Tape = Tape::new();
/// let ledger = Ledger::default();
/// let pass = Pass::new(&tape, &ledger, Noise::new(7)).draws(2);
/// let mean = pass.over_draws(|pass| pass.at("h1").normal("weight", [3].into()).sum());
/// assert_eq!(pass.kl().item(), 0.0); // nothing Bayesian was drawn
/// # let _ = mean;
/// ```
pub struct Pass<'p, 't, S> {
    tape: &'t Tape<S>,
    ledger: &'p Ledger<'t, S>,
    noise: Noise,
    given: Option<&'p Given>,
    draw: u64,
    draws: u64,
    first_row: u64,
    kl_estimate: KlEstimate,
    /// What is wanted of the KL.
    kl_wanted: Wanted,
    label: Label,
}

impl<S> Clone for Pass<'_, '_, S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for Pass<'_, '_, S> {}

impl<'p, 't, S: Scalar> Pass<'p, 't, S> {
    /// A pass of one draw from the posterior.
    pub fn new(tape: &'t Tape<S>, ledger: &'p Ledger<'t, S>, noise: Noise) -> Self {
        Pass {
            tape,
            ledger,
            noise,
            given: None,
            draw: 0,
            draws: 1,
            first_row: 0,
            kl_estimate: KlEstimate::default(),
            kl_wanted: Wanted::Value,
            label: Label::ROOT,
        }
    }
    /// The number of draws that [`over_draws`](Pass::over_draws) takes the mean of.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn draws(self, draws: u64) -> Self {
        assert!(draws > 0, "draws: an expectation needs at least one draw");
        Pass { draws, ..self }
    }
    /// Takes the noise from `given` instead of drawing it.
    pub fn given(self, given: &'p Given) -> Self {
        Pass {
            given: Some(given),
            ..self
        }
    }
    /// Which estimate of the KL to take.
    pub fn kl_estimate(self, kl_estimate: KlEstimate) -> Self {
        Pass {
            kl_estimate,
            ..self
        }
    }
    /// Whether the value of the KL is computed, which only a report reads: without it
    /// [`kl`](Pass::kl) is 0 with the same gradient.
    pub fn kl_value(self, wanted: bool) -> Self {
        let kl_wanted = if wanted {
            Wanted::Value
        } else {
            Wanted::Gradient
        };
        Pass { kl_wanted, ..self }
    }
    /// Says that the batch's first row is row `first_row` of what the step goes over, so that
    /// noise per row does not depend on how the rows are cut.
    pub fn first_row(self, first_row: u64) -> Self {
        Pass { first_row, ..self }
    }
    /// The tape.
    pub fn tape(&self) -> &'t Tape<S> {
        self.tape
    }
    /// The pass inside the part `name`, such as a layer: its noise and its name on the tape.
    #[track_caller]
    pub fn at(&self, name: &str) -> Self {
        Pass {
            noise: self.noise.at(name),
            label: self.tape.label(self.label, name),
            ..*self
        }
    }
    /// `E_q[f]` by the mean of f over the draws, each with noise of its own. The ledger is emptied
    /// first, so that [`kl`](Pass::kl) speaks of this expectation.
    pub fn over_draws(&self, f: impl Fn(&Self) -> Var<'t, S>) -> Var<'t, S> {
        // A new expectation: what an earlier one wrote down does not count again.
        self.ledger.closed.set(None);
        self.ledger.sampled.set(None);
        let at = |draw| {
            let noise = self.noise.draw(draw);
            let value = f(&Pass {
                noise,
                draw,
                ..*self
            });
            // What follows belongs to no layer.
            self.tape.enter(self.label);
            value
        };
        let total = (1..self.draws).fold(at(0), |total, draw| total + at(draw));
        if self.draws == 1 {
            total
        } else {
            total * (1.0 / self.draws as f64)
        }
    }
    /// The value of a line of a net. Everything else that `line` records is ended (see
    /// [`Var::end`]): what holds between lines are their values.
    ///
    /// The value is the line's own, to be ended when it was read for the last time: where `line`
    /// returns a value of an earlier one, it is a copy.
    pub fn line(&self, line: impl FnOnce() -> Var<'t, S>) -> Var<'t, S> {
        let start = self.tape.len();
        let value = line();
        let value = if value.index() >= start {
            value
        } else {
            value.reshape(value.shape())
        };
        self.tape.end_from(start, value);
        value
    }
    /// KL(q || p) of all weights drawn so far, summed over every scalar of every weight, as the
    /// mean over the draws where it is sampled.
    pub fn kl(&self) -> Var<'t, S> {
        let sampled = self
            .ledger
            .sampled
            .get()
            .map(|kl| kl * (1.0 / self.draws as f64));
        match (self.ledger.closed.get(), sampled) {
            (Some(closed), Some(sampled)) => closed + sampled,
            (Some(kl), None) | (None, Some(kl)) => kl,
            (None, None) => self.tape.scalar(0.0),
        }
    }
    /// Standard normal noise of the site `name`, the same for every row of the batch.
    ///
    /// # Panics
    /// If the noise is given and there is none of this shape at the site.
    #[track_caller]
    pub fn normal(&self, name: &str, shape: Shape) -> Var<'t, S> {
        self.generate(name, shape, Noise::fill_normal)
    }
    /// Standard normal noise of the site `name` for each row of `shape`, keyed by the row's place
    /// in what the step goes over.
    ///
    /// # Panics
    /// If the noise is given and there is none of this shape at the site.
    #[track_caller]
    pub fn row_normal(&self, name: &str, shape: Shape) -> Var<'t, S> {
        let first = self.first_of(shape);
        self.generate(name, shape, |noise, eps| noise.fill_normal_from(first, eps))
    }
    /// Random signs, +1 or -1, of the site `name` for each row of `shape`, keyed as those of
    /// [`row_normal`](Pass::row_normal).
    ///
    /// # Panics
    /// If the noise is given and there is none of this shape at the site.
    #[track_caller]
    pub fn row_signs(&self, name: &str, shape: Shape) -> Var<'t, S> {
        let first = self.first_of(shape);
        self.generate(name, shape, |noise, signs| {
            noise.fill_normal_from(first, signs);
            for sign in signs {
                *sign = S::of(if *sign < S::ZERO { -1.0 } else { 1.0 });
            }
        })
    }
    /// The number of the first element of noise for each row of `shape`.
    fn first_of(&self, shape: Shape) -> u64 {
        let width = shape.size() / shape.dim(0).max(1);
        self.first_row * width as u64
    }
    #[track_caller]
    fn generate(&self, name: &str, shape: Shape, fill: impl FnOnce(Noise, &mut [S])) -> Var<'t, S> {
        let given = match self.source(name) {
            Source::Given(given) => given,
            Source::Drawn(noise) => return self.tape.generate(shape, |out| fill(noise, out)),
        };
        let site = format!("{}.{name}", self.tape.label_path(self.label));
        let draw = self.draw;
        match given.get(draw, &site) {
            Some(eps) if eps.shape() == shape => self.tape.constant(&eps.cast()),
            Some(eps) => panic!(
                "given noise: {site} of draw {draw} is {}, not {shape}",
                eps.shape()
            ),
            None => panic!("given noise: nothing is written for {site} of draw {draw}"),
        }
    }
    /// Where the noise of the site `name` comes from.
    pub(super) fn source(&self, name: &str) -> Source<'p> {
        match self.given {
            Some(given) => Source::Given(given),
            None => Source::Drawn(self.noise.at(name)),
        }
    }
    /// What is wanted of the KL.
    pub(super) fn kl_wanted(&self) -> Wanted {
        self.kl_wanted
    }
    /// Whether a closed form of the KL is wanted where there is one.
    pub(super) fn wants_closed_form(&self) -> bool {
        self.kl_estimate == KlEstimate::ClosedForm
    }
    /// Whether this is the draw at which a KL in closed form, the same for all, is written down.
    pub(super) fn is_first_draw(&self) -> bool {
        self.draw == 0
    }
    /// Writes down a KL in closed form.
    pub(super) fn write_closed(&self, term: Var<'t, S>) {
        add(&self.ledger.closed, term);
    }
    /// Writes down log q(theta) - log p(theta) at this draw.
    pub(super) fn write_sampled(&self, term: Var<'t, S>) {
        add(&self.ledger.sampled, term);
    }
}

fn add<'t, S: Scalar>(sum: &Cell<Option<Var<'t, S>>>, term: Var<'t, S>) {
    sum.set(Some(sum.get().map_or(term, |sum| sum + term)));
}
