//! The gradient of the whole loss that `bayes_net!` writes, KL and likelihood, in every direction
//! u of the parameters at frozen noise:
//!
//! ```text
//! <grad L, u> = d/dt L(phi + t u) at t = 0
//! ```
//!
//! The right side by two routes that share no rule with backward mode: exactly, with the loss
//! over dual numbers, and by central differences. Twelve declarations, among them every layer,
//! prior, posterior, estimator, function and likelihood of the language.

use elbo::bayes::{Ledger, Noise, Pass};
use elbo::net::{BayesNet, Net};
use elbo::tape::Path;
use elbo::{Dual, Scalar, Shape, Tape, Tensor, Var, bayes_net};

/// A layer of a user's own.
#[path = "ui/gated.rs"]
pub mod layers;

bayes_net! { net Regression(x: [3]) -> y { h = tanh(linear(x, 4)); m = linear(h, 1); y ~ Normal(m, 0.3); } }
bayes_net! {
    net Mixture(x: [3]) -> y {
        weights ~ ScaleMixture(pi: 0.25, sigma1: 1.0, sigma2: 0.1);
        biases ~ Laplace(0, 0.5);
        h1 = relu(linear(x, 5));
        h2 = gelu(linear(h1, 5));
        logit = linear(h1 + h2, 1);
        y ~ Bernoulli(logit);
    }
}
bayes_net! {
    net Local(x: [4]) -> y {
        estimator = LocalReparam;
        h = softplus(linear(x, 6));
        logits = linear(h, 3);
        y ~ Categorical(logits);
    }
}
bayes_net! { net Counts(x: [2]) -> y { h = sigmoid(linear(x, 4)); rate = linear(h, 2) / 3; y ~ Poisson(rate); } }
bayes_net! {
    net Scale(x: [2]) -> y {
        h = tanh(linear(x, 4));
        mean = linear(h, 2);
        raw = linear(h, 2);
        y ~ Normal(mean, softplus(raw) + 0.1);
    }
}
bayes_net! {
    net LearnedScale(x: [2]) -> y {
        weights ~ Laplace(location: 0.1, scale: 0.7);
        h = linear(x, 3);
        std = learned(0.5);
        y ~ Normal(mean: h * std, std: std);
    }
}
bayes_net! {
    net Points(x: [3]) -> y {
        posterior = Point;
        h = tanh(linear(x, 4));
        m = linear(h, 1, posterior = MeanField(init_std: 0.2), weights ~ Normal(0.5, 2));
        y ~ Normal(m, 1);
    }
}
bayes_net! {
    net Heads(x: [3], z: [2]) -> (count, amount, class) {
        trunk = tanh(linear(concat(x, z, x * 2), 5));
        rate = linear(trunk, 1);
        mean = linear(concat(trunk, z), 2);
        spread = learned(0.5);
        logits = log_softmax(linear(trunk, 3));
        count ~ Poisson(rate);
        amount ~ Normal(mean, spread);
        class ~ Categorical(logits);
    }
}
bayes_net! {
    net Functions(x: [3]) -> y {
        a = linear(x, 3);
        b = exp(-square(a)) - log(square(a) + 1) / 2;
        c = sqrt(square(b) + 0.1) * (a - b) / (2 + square(x));
        d = linear(c - 1.5, 1);
        y ~ Normal(d, 0.7);
    }
}
bayes_net! {
    net Residual(x: [4]) -> y {
        a = x + tanh(linear(x, 4));
        b = a + tanh(linear(a, 4, estimator = LocalReparam));
        c = b - a * tanh(linear(b, 4, weights ~ ScaleMixture(0.5, 1, 0.05)));
        m = linear(c, 1);
        y ~ Bernoulli(m);
    }
}
bayes_net! {
    net Own(x: [4]) -> y {
        a = crate::layers::Gated(x, 4);
        b = crate::layers::Gated(a, 1, estimator = LocalReparam);
        y ~ Normal(crate::shifted(b, a) -> [1], 0.5);
    }
}
bayes_net! {
    net Shared(x: [2]) -> (y, z) {
        h = gelu(linear(x, 6));
        m = linear(h, 2);
        y ~ Bernoulli(m);
        z ~ Normal(m * m, 0.4);
    }
}

/// The first plus the mean of each row of the second.
fn shifted<'t, S: Scalar>(x: Var<'t, S>, by: Var<'t, S>) -> Var<'t, S> {
    let rows = by.shape().dim(0);
    x + by.mean_axes(&[1]).reshape(Shape::new(&[rows, 1]))
}

const ROWS: usize = 5;

/// A tensor of ROWS rows: smooth numbers for inputs, small whole ones, which every likelihood
/// accepts, for targets.
fn rows<S: Scalar>(row: Shape, number: impl Fn(usize) -> f64) -> Tensor<S> {
    let dims: Vec<usize> = [ROWS].iter().chain(row.dims()).copied().collect();
    Tensor::from_fn(Shape::new(&dims), |i| S::of(number(i)))
}

/// The loss at the parameters, over two draws of frozen noise; `gradient` sees each leaf's own.
fn loss<N: BayesNet, S: Scalar>(
    net: &N,
    parameters: &[Tensor<S>],
    gradient: &mut dyn FnMut(Tensor<S>),
) -> S {
    let tape: Tape<S> = Tape::new();
    let info = net.describe();
    let inputs: Vec<_> = info
        .inputs
        .iter()
        .map(|input| tape.constant(&rows(input.shape, |i| (i as f64 * 0.9).sin())))
        .collect();
    let targets: Vec<_> = info
        .targets
        .iter()
        .map(|target| tape.constant(&rows(target.shape, |i| (i % 2) as f64)))
        .collect();
    let mut leaves = Vec::new();
    let mut next = parameters.iter();
    let on_tape = net.map_on(&mut |_, _| {
        let leaf = tape.parameter(next.next().expect("one tensor for each leaf"));
        leaves.push(leaf);
        leaf
    });
    let ledger = Ledger::default();
    let pass = Pass::new(&tape, &ledger, Noise::new(7)).draws(2);
    let loss = on_tape.elbo(&inputs, &targets, &pass).loss(0.5);
    loss.backward();
    for leaf in leaves {
        gradient(leaf.grad());
    }
    loss.item()
}

/// The law for one declaration, in three directions.
fn gradient_is_the_slope_in_every_direction<N: BayesNet>() {
    let net = N::fresh(11);
    let mut parameters: Vec<Tensor<f64>> = Vec::new();
    net.visit(Path::ROOT, &mut |_, leaf| parameters.push(leaf.cast()));
    let mut gradient = Vec::new();
    let value = loss(&net, &parameters, &mut |grad| gradient.push(grad));
    assert!(value.is_finite(), "{}: the loss is {value}", N::NAME);

    for direction in 0..3 {
        let mut u = parameters.clone();
        for (k, u) in u.iter_mut().enumerate() {
            Noise::new(3)
                .draw(direction)
                .step(k as u64)
                .fill_normal(u.as_mut_slice());
        }
        let pairs = || {
            gradient
                .iter()
                .zip(&u)
                .flat_map(|(g, u)| g.as_slice().iter().zip(u.as_slice()))
        };
        let backward: f64 = pairs().map(|(g, u)| g * u).sum();
        // What rounding in the terms of the sum can amount to.
        let size: f64 = pairs().map(|(g, u)| (g * u).abs()).sum::<f64>() + value.abs();

        let dual = |(p, u): (&Tensor<f64>, &Tensor<f64>)| {
            Tensor::from_fn(p.shape(), |i| Dual {
                v: p.as_slice()[i],
                d: u.as_slice()[i],
            })
        };
        let duals: Vec<Tensor<Dual<f64>>> = parameters.iter().zip(&u).map(dual).collect();
        let forward = loss(&net, &duals, &mut drop).d;
        assert!(
            (backward - forward).abs() <= 1e-12 * size,
            "{}: {backward} but forward mode {forward}",
            N::NAME
        );

        // The error of a central difference is h^2 in the third derivative and eps / h in rounding.
        let h = 1e-5;
        let at = |t: f64| {
            let moved = parameters.iter().zip(&u);
            let moved: Vec<_> = moved
                .map(|(p, u)| Tensor::from_fn(p.shape(), |i| p.as_slice()[i] + t * u.as_slice()[i]))
                .collect();
            loss(&net, &moved, &mut drop)
        };
        let slope = (at(h) - at(-h)) / (2.0 * h);
        assert!(
            (backward - slope).abs() <= 1e-6 * size,
            "{}: {backward} but the slope is {slope}",
            N::NAME
        );
    }
}

#[test]
fn gradients_of_declared_nets_are_slopes() {
    gradient_is_the_slope_in_every_direction::<Regression>();
    gradient_is_the_slope_in_every_direction::<Mixture>();
    gradient_is_the_slope_in_every_direction::<Local>();
    gradient_is_the_slope_in_every_direction::<Counts>();
    gradient_is_the_slope_in_every_direction::<Scale>();
    gradient_is_the_slope_in_every_direction::<LearnedScale>();
    gradient_is_the_slope_in_every_direction::<Points>();
    gradient_is_the_slope_in_every_direction::<Heads>();
    gradient_is_the_slope_in_every_direction::<Functions>();
    gradient_is_the_slope_in_every_direction::<Residual>();
    gradient_is_the_slope_in_every_direction::<Own>();
    gradient_is_the_slope_in_every_direction::<Shared>();
}
