//! The gradient of the whole loss of a net, at frozen noise, is that of its forward mode and of
//! central differences: for nets declared by `bayes_net!`, and for random nets put together at
//! run time from the same layers.

mod common;

use common::runtime_net::{Activation, Observation, RuntimeNet};
use elbo::bayes::{Elbo, Estimator, KlEstimate, Ledger, LogDensity, Noise, Pass, Posterior, Prior};
use elbo::dist::{Density, Support};
use elbo::layers::{Gain, LayerOptions, Linear};
use elbo::net::{BayesNet, Net};
use elbo::tape::{Module, Parameters, Path};
use elbo::{Dual, Scalar, Shape, Tape, Tensor, Var, bayes_net};
use proptest::prelude::*;

/// The share of the KL: any number but 0 and 1 will do.
const SHARE: f64 = 0.37;

/// Half the distance of a central difference, for nets whose third derivatives are moderate: a
/// mixture prior with sigma2 = 0.0025 bends too sharply for it. Its truncation error is h² f'''/6 and its rounding
/// error ε f/h; both are near 1e-10 f here.
const STEP: f64 = 1e-5;

/// The loss and, along `direction`, its derivative by three routes: reverse mode, forward mode,
/// central difference.
struct Routes {
    loss: f64,
    reverse: f64,
    forward: f64,
    difference: f64,
}

impl Routes {
    fn agree(&self, what: &str) {
        let Routes {
            loss,
            reverse,
            forward,
            difference,
        } = *self;
        let scale = reverse.abs().max(1.0);
        assert!(
            loss.is_finite() && reverse != 0.0,
            "{what}: loss {loss}, derivative {reverse}"
        );
        // The same rules in another order: rounding only, of sums of some thousand terms.
        assert!(
            (reverse - forward).abs() <= 1e-10 * scale,
            "{what}: {reverse} and {forward}"
        );
        let bound = 1e-6 * scale + 1e-9 * loss.abs();
        assert!(
            (reverse - difference).abs() <= bound,
            "{what}: {reverse} and {difference}"
        );
    }
}

/// A direction in the space of parameters: the same for every kind of number.
fn direction(i: usize) -> f64 {
    ((i as f64) * 1.618 + 0.3).sin()
}

/// The leaf moved by `h` along the direction, whose first number is number `*at` of all.
fn moved(leaf: &Tensor, at: &mut usize, h: f64) -> Tensor<f64> {
    let start = *at;
    *at += leaf.len();
    Tensor::from_fn(leaf.shape(), |j| {
        f64::from(leaf.as_slice()[j]) + h * direction(start + j)
    })
}

/// All routes, for a loss that is written over every kind of number.
fn routes(
    parameters: &[Tensor],
    loss: impl Fn(&Tape<f64>, &mut dyn FnMut(&Tensor) -> Tensor<f64>) -> (f64, f64),
    forward: f64,
) -> Routes {
    let at = |h: f64| {
        let mut seen = 0;
        loss(&Tape::new(), &mut |leaf| moved(leaf, &mut seen, h))
    };
    let (value, reverse) = at(0.0);
    assert!(!parameters.is_empty());
    // Richardson's step takes the error in h² away, which narrow mixtures make large.
    let central = |h: f64| (at(h).0 - at(-h).0) / (2.0 * h);
    Routes {
        loss: value,
        reverse,
        forward,
        difference: (4.0 * central(STEP / 2.0) - central(STEP)) / 3.0,
    }
}

/// Gradient times direction of all parameters on the tape.
fn along<S: Scalar>(tape: &Tape<S>) -> f64 {
    let (mut sum, mut at) = (0.0, 0);
    for k in 0..tape.parameters() {
        tape.with_parameter_gradient(k, |gradient| {
            let gradient = gradient.expect("a gradient reaches every parameter");
            for (j, g) in gradient.iter().enumerate() {
                sum += g.value() * direction(at + j);
            }
            at += gradient.len();
        });
    }
    sum
}

fn numbers<S: Scalar>(shape: Shape, salt: usize) -> Tensor<S> {
    Tensor::from_fn(shape, |i| S::of(((i * 7 + salt * 13) as f64 * 0.61).sin()))
}

// ---- nets declared by the macro ----

/// A target that fits the support of each of the net's targets.
fn targets<N: BayesNet, S: Scalar>(net: &N, rows: usize) -> Vec<Tensor<S>> {
    let of = |target: &elbo::net::TargetInfo| {
        let mut dims = vec![rows];
        dims.extend(target.shape.dims());
        let shape = Shape::new(&dims);
        let modulo = |n: usize| Tensor::from_fn(shape, |i| S::of(((i * 5 + 2) % n) as f64));
        match target.support {
            Support::Binary => modulo(2),
            Support::Class { classes } => modulo(classes),
            Support::Count => modulo(6),
            Support::Positive => numbers(shape, 3).map(S::exp),
            Support::Unit => numbers(shape, 3).map(S::sigmoid),
            _ => numbers(shape, 3),
        }
    };
    net.describe().targets.iter().map(of).collect()
}

fn loss_of<'t, N: BayesNet, S: Scalar>(
    net: &N,
    tape: &'t Tape<S>,
    estimate: KlEstimate,
    leaf: &mut dyn FnMut(&Tensor) -> Tensor<S>,
) -> Var<'t, S> {
    let rows = 4;
    let of = |input: &elbo::net::InputInfo| {
        let mut dims = vec![rows];
        dims.extend(input.shape.dims());
        tape.constant(&numbers(Shape::new(&dims), input.name.len()))
    };
    let inputs: Vec<_> = net.describe().inputs.iter().map(of).collect();
    let targets: Vec<_> = targets(net, rows)
        .iter()
        .map(|y| tape.constant(y))
        .collect();
    let on = net.map_on(&mut |_, value| tape.parameter(&leaf(value)));
    let ledger = Ledger::default();
    let pass = Pass::new(tape, &ledger, Noise::new(11))
        .draws(2)
        .kl_estimate(estimate);
    on.elbo(&inputs, &targets, &pass).loss(SHARE)
}

fn check<N: BayesNet>() {
    let net = N::fresh(3);
    let mut parameters = vec![];
    net.visit(Path::ROOT, &mut |_, leaf| parameters.push(leaf.clone()));
    for estimate in [KlEstimate::ClosedForm, KlEstimate::MonteCarlo] {
        let tape = Tape::<Dual<f64>>::new();
        let mut at = 0;
        let dual = loss_of(&net, &tape, estimate, &mut |leaf| {
            let start = at;
            at += leaf.len();
            Tensor::from_fn(leaf.shape(), |j| Dual {
                v: f64::from(leaf.as_slice()[j]),
                d: direction(start + j),
            })
        });
        let forward = dual.item().d;
        let loss = |tape: &Tape<f64>, leaf: &mut dyn FnMut(&Tensor) -> Tensor<f64>| {
            let loss = loss_of(&net, tape, estimate, leaf);
            loss.backward();
            (loss.item(), along(tape))
        };
        routes(&parameters, loss, forward).agree(&format!("{} {estimate:?}", N::NAME));
    }
}

/// A function of the user's own.
fn swish<'t, S: Scalar>(x: Var<'t, S>) -> Var<'t, S> {
    x * x.sigmoid()
}

bayes_net! { net Plain(x: [3]) -> y { mean = linear(x, 2); y ~ Normal(mean, 0.3); } }
bayes_net! { net Mixture(x: [4]) -> y {
    weights ~ ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.1);
    h1 = tanh(linear(x, 5)); h2 = softplus(linear(h1, 5)); logit = linear(h1 + h2, 1);
    y ~ Bernoulli(logit);
} }
bayes_net! { net Heavy(x: [3]) -> y {
    weights ~ Laplace(0.0, 0.7); biases ~ Laplace(0.1, 0.5);
    h = sigmoid(linear(x, 4)); logits = linear(h, 3);
    y ~ Categorical(logits);
} }
bayes_net! { net Counts(x: [2]) -> y {
    h = gelu(linear(x, 6)); rate = linear(h, 2);
    y ~ Poisson(rate);
} }
bayes_net! { net Scales(x: [3]) -> y {
    h = tanh(linear(x, 4)); mean = linear(h, 1); raw = linear(h, 1);
    y ~ Normal(mean, softplus(raw));
} }
bayes_net! { net LearnedScale(x: [3]) -> y {
    h = tanh(linear(x, 4)); mean = linear(h, 2); std = learned(0.5);
    y ~ Normal(mean, std);
} }
bayes_net! { net Local(x: [3]) -> y {
    estimator = LocalReparam;
    h = softplus(linear(x, 4)); logits = linear(h, 3);
    y ~ Categorical(logits);
} }
bayes_net! { net TwoHeads(x: [3], z: [2]) -> (y, c) {
    h = tanh(linear(concat(x, z), 5));
    mean = linear(h, 1, weights ~ Normal(0.2, 0.5)); logits = linear(h - 2.0 * square(h), 3, posterior = Point);
    y ~ Normal(mean, 0.4); c ~ Categorical(logits);
} }
bayes_net! { net Points(x: [3]) -> y {
    posterior = Point;
    h = tanh(linear(x, 4)); mean = linear(h, 1);
    y ~ Normal(mean, 1.0);
} }
bayes_net! { net Functions(x: [3]) -> y {
    posterior = MeanField(init_std: 0.2);
    h1 = sqrt(exp(tanh(linear(x, 4)))); h2 = log(1.0 + exp(-h1)) / h1;
    h3 = log_softmax(linear(h1 * h2, 4, biases ~ Laplace(0.0, 1.0))); mean = linear(h3, 1);
    y ~ Normal(mean, 0.5);
} }
bayes_net! { net Heavier(x: [3]) -> y {
    weights ~ StudentT(df: 3, location: 0, scale: 0.5); biases ~ Cauchy(0, 1);
    h = tanh(linear(x, 4, posterior = FullCovariance));
    mean = linear(h, 1, posterior = LowRank(rank: 2));
    y ~ Normal(mean, 0.5);
} }
bayes_net! { net Sparse(x: [3]) -> y {
    weights ~ Horseshoe(0.1); estimator = Auto; posterior = Radial(init_std: 0.3);
    h = tanh(linear(x, 4, weights ~ self::Bell));
    mean = linear(h, 1, posterior = MatrixNormal);
    y ~ Normal(mean, 0.5);
} }
bayes_net! { net Empirical(x: [3]) -> y {
    weights ~ Normal(0, learned(0.3)); biases ~ Normal(0, learned(1)); posterior = MatrixNormal(0.1);
    h = tanh(linear(x, 4, estimator = WeightReparam));
    mean = linear(h, 1, posterior = MeanField, estimator = LocalReparam);
    y ~ Normal(mean, 0.5);
} }
bayes_net! { net Own(x: [3]) -> y {
    h = self::swish(linear(x, 4)); mean = linear(h, 1, estimator = LocalReparam);
    y ~ Normal(mean, 0.5);
} }
bayes_net! { net MixtureLocal(x: [3]) -> y {
    weights ~ ScaleMixture(pi: 0.25, sigma1: 0.7, sigma2: 0.1); estimator = LocalReparam;
    h = relu(linear(x, 4)); rate = linear(h, 1);
    y ~ Poisson(rate);
} }
bayes_net! { net Images(x: [2, 5, 4]) -> y {
    weights ~ ScaleMixture(pi: 0.25, sigma1: 0.7, sigma2: 0.1);
    c1 = tanh(conv2d(x, 4, kernel: [3, 2], padding: 1, groups: 2));
    c2 = max_pool2d(conv2d(c1, 3, kernel: 2, stride: 2, estimator = LocalReparam), 2, stride: 1);
    logits = linear(flatten(c2), 3, estimator = Auto);
    y ~ Categorical(logits);
} }
bayes_net! { net Turned(x: [2, 5, 4]) -> y {
    estimator = Flipout; weights ~ ScaleMixture(pi: 0.25, sigma1: 0.7, sigma2: 0.1);
    c1 = tanh(conv2d(x, 4, kernel: [3, 2], groups: 2));
    logits = linear(flatten(c1), 3);
    y ~ Categorical(logits);
} }
bayes_net! { net Kernels(x: [2, 5, 4]) -> y {
    posterior = MatrixNormal(0.2); weights ~ Laplace(0.0, 0.7);
    c1 = tanh(conv2d(x, 3, kernel: [3, 2]));
    c2 = tanh(conv2d(c1, 2, kernel: 2, posterior = FullCovariance(0.2)));
    c3 = tanh(conv2d(c2, 2, kernel: 1, posterior = LowRank(2, 0.2)));
    c4 = conv2d(c3, 1, kernel: 1, posterior = Radial(0.2), estimator = Flipout);
    mean = flatten(c4);
    y ~ Normal(mean, 0.5);
} }
bayes_net! { net Sounds(x: [2, 9]) -> y {
    estimator = LocalReparam; weights ~ Laplace(0.0, 0.7);
    c1 = softplus(conv1d(x, 4, kernel: 3, dilation: 2, padding: [[4, 0]]));
    c2 = conv1d(avg_pool1d(c1, 3, padding: 1), 2, kernel: 2, posterior = Point);
    mean = flatten(c2);
    y ~ Normal(mean, 0.5);
} }

bayes_net! { net Robust(x: [3]) -> (y, z) {
    h = tanh(linear(x, 4)); loc = linear(h, 2); df = softplus(linear(h, 2)); spread = learned(0.5);
    h0 = linear(h, 2);
    y ~ StudentT(3, loc, spread); z ~ StudentT(df, loc: loc - h0, scale: exp(h0));
} }
bayes_net! { net Amounts(x: [3]) -> (a, b, c) {
    h = tanh(linear(x, 4)); mu = linear(h, 2); raw = softplus(linear(h, 2)); shape = learned(1.5);
    a ~ LogNormal(mu, 0.5); b ~ Gamma(shape, shape * exp(-mu)); c ~ Beta(raw, exp(mu));
} }
bayes_net! { net Mixed(x: [3]) -> (a, b, c) {
    h = softplus(linear(x, 4)); location = linear(h, 2); r = learned(2.0); log_mean = linear(h, 1);
    a ~ Laplace(location, 0.7); b ~ NegativeBinomial(r, log_mean - log(r)); c ~ Bernoulli(log_mean);
} }

bayes_net! { net Ranks(x: [3]) -> (y, z) {
    h = tanh(linear(x, 4)); eta = linear(h, 1); cuts = cutpoints(3);
    logits = linear(h, 3); means = linear(h, 3); stds = softplus(linear(h, 3));
    y ~ Ordinal(eta, cuts); z ~ MixtureOfNormals(logits, means, stds);
} }
bayes_net! { net Modes(x: [3]) -> y {
    logits = linear(x, 2); means = linear(x, 2); std = learned(0.5);
    y ~ MixtureOfNormals(logits, means, std);
} }

/// A likelihood of the user's own.
enum Logistic {}
impl Density<2> for Logistic {
    const NAME: &'static str = "Logistic";
    const SUPPORT: Support = Support::Real;
    fn log_prob<S: Scalar>(y: S, [location, scale]: [S; 2]) -> S {
        let z = (y - location) / scale;
        -z.softplus() - (-z).softplus() - scale.ln()
    }
    fn mean([location, _]: [f64; 2]) -> f64 {
        location
    }
    fn variance([_, scale]: [f64; 2]) -> f64 {
        (std::f64::consts::PI * scale).powi(2) / 3.0
    }
    fn cdf(y: f64, [location, scale]: [f64; 2]) -> f64 {
        ((y - location) / scale).sigmoid()
    }
}
bayes_net! { net Yours(x: [3], days: [1], sigma: [2]) -> (y, z, n, m) {
    h = tanh(linear(x, 4)); location = linear(h, 2); scale = learned(0.5); raw = linear(h, 2);
    log_rate = linear(h, 1);
    y ~ self::Logistic(location, scale); z ~ self::Logistic(0.5, softplus(raw));
    n ~ Poisson(log_rate + log(square(days))); m ~ Normal(location, exp(sigma));
} }

#[test]
fn loss_of_declared_nets_has_the_gradient_of_forward_mode_and_differences() {
    check::<Plain>();
    check::<Mixture>();
    check::<Heavy>();
    check::<Counts>();
    check::<Scales>();
    check::<LearnedScale>();
    check::<Local>();
    check::<TwoHeads>();
    check::<Points>();
    check::<Functions>();
    check::<Own>();
    check::<Heavier>();
    check::<Sparse>();
    check::<Empirical>();
    check::<MixtureLocal>();
    check::<Images>();
    check::<Turned>();
    check::<Kernels>();
    check::<Sounds>();
    check::<Robust>();
    check::<Amounts>();
    check::<Mixed>();
    check::<Ranks>();
    check::<Modes>();
    check::<Yours>();
}

// ---- random nets ----

fn prior() -> impl Strategy<Value = Option<Prior>> {
    prop_oneof![
        Just(None),
        (-0.5..0.5, 0.2..2.0).prop_map(|(m, s)| Some(Prior::normal(m, s))),
        (-0.5..0.5, 0.2..2.0).prop_map(|(m, s)| Some(Prior::laplace(m, s))),
        (0.1..0.9, 0.5..1.5, 0.01..0.3).prop_map(|(pi, a, b)| Some(Prior::scale_mixture(pi, a, b))),
        (-0.5..0.5, 0.2..2.0).prop_map(|(m, s)| Some(Prior::learned_normal(m, s))),
        (0.5..9.0, -0.5..0.5, 0.2..2.0).prop_map(|(df, m, s)| Some(Prior::student_t(df, m, s))),
        (-0.5..0.5, 0.2..2.0).prop_map(|(m, s)| Some(Prior::cauchy(m, s))),
        (0.05..2.0).prop_map(|s| Some(Prior::horseshoe(s))),
        Just(Some(Prior::own(&Bell))),
    ]
}

/// ln p(w) = -ln cosh w.
#[derive(Debug)]
struct Bell;
impl LogDensity for Bell {
    fn log_prob<S: Scalar>(&self, w: S) -> S {
        -w.cosh().ln()
    }
}

fn posterior() -> impl Strategy<Value = Posterior> {
    let std = 0.01..0.5;
    prop_oneof![
        1 => Just(Posterior::Point),
        4 => std.clone().prop_map(|init_std| Posterior::MeanField { init_std }),
        1 => (1usize..3, std.clone())
            .prop_map(|(rank, init_std)| Posterior::LowRank { rank, init_std }),
        1 => std.clone().prop_map(|init_std| Posterior::FullCovariance { init_std }),
        1 => std.clone().prop_map(|init_std| Posterior::MatrixNormal { init_std }),
        1 => std.prop_map(|init_std| Posterior::Radial { init_std }),
    ]
}

fn options() -> impl Strategy<Value = LayerOptions> {
    let estimator = prop_oneof![
        Just(Estimator::WeightReparam),
        Just(Estimator::LocalReparam),
        Just(Estimator::Flipout),
        Just(Estimator::Auto),
    ];
    let all = (prior(), prior(), posterior(), estimator);
    all.prop_map(|(weights, biases, posterior, estimator)| LayerOptions {
        weights,
        biases,
        posterior,
        estimator: match (posterior, estimator) {
            // Those that can sample the posterior.
            (Posterior::Point | Posterior::MeanField { .. }, any)
            | (Posterior::Radial { .. }, any @ Estimator::Flipout) => any,
            _ => Estimator::Auto,
        },
        gain: Gain::Linear,
    })
}

fn net() -> impl Strategy<Value = RuntimeNet> {
    let activation = prop_oneof![
        Just(Activation::Tanh),
        Just(Activation::Softplus),
        Just(Activation::Gelu),
        Just(Activation::Sigmoid),
    ];
    let observation = prop_oneof![
        (0.2..1.5).prop_map(Observation::Normal),
        Just(Observation::Heteroscedastic),
        Just(Observation::Bernoulli),
        Just(Observation::Categorical),
        Just(Observation::Poisson),
        (1.0..40.0).prop_map(Observation::StudentT),
        Just(Observation::Laplace),
        Just(Observation::LogNormal),
        Just(Observation::Gamma),
        Just(Observation::Beta),
        Just(Observation::NegativeBinomial),
        Just(Observation::Ordinal),
        Just(Observation::MixtureOfNormals),
    ];
    let sizes = prop::collection::vec((1usize..6, options()), 0..4);
    (
        1usize..5,
        sizes,
        options(),
        1usize..3,
        activation,
        observation,
        any::<u64>(),
    )
        .prop_map(
            |(inputs, hidden, last, outputs, activation, observation, seed)| {
                let outputs = match observation {
                    Observation::Categorical => outputs + 1,
                    Observation::Ordinal => outputs + 2,
                    observation => observation.outputs() * outputs,
                };
                let mut width = inputs;
                let mut layers = vec![];
                for (i, (units, options)) in hidden.into_iter().chain([(outputs, last)]).enumerate()
                {
                    let noise = Noise::new(seed).step(i as u64);
                    let layer = Linear::new([width].into(), units, options, noise);
                    layers.push((format!("h{i}"), layer));
                    width = units;
                }
                RuntimeNet {
                    layers,
                    activation,
                    residual: false,
                    observation,
                }
            },
        )
}

fn runtime_elbo<'t, S: Scalar>(
    net: &RuntimeNet,
    on: &RuntimeNet<Var<'t, S>>,
    tape: &'t Tape<S>,
    seed: u64,
) -> Elbo<'t, S> {
    let rows = 3;
    let inputs = net.layers[0].1.weight.mu.shape().dim(0);
    let outputs = net.layers.last().unwrap().1.bias.mu.len();
    let x = tape.constant(&numbers([rows, inputs].into(), 1));
    let whole = |shape: Shape, n: usize| Tensor::from_fn(shape, |i| S::of((i * 5 % n) as f64));
    let shape = Shape::new(&[rows, outputs / net.observation.outputs()]);
    let y = match net.observation {
        Observation::Normal(_)
        | Observation::Heteroscedastic
        | Observation::StudentT(_)
        | Observation::Laplace => numbers(shape, 2),
        Observation::LogNormal | Observation::Gamma => numbers(shape, 2).map(S::exp),
        Observation::Beta => numbers(shape, 2).map(S::sigmoid),
        Observation::Bernoulli => whole(shape, 2),
        Observation::Categorical | Observation::Ordinal => whole([rows].into(), outputs),
        Observation::MixtureOfNormals => numbers([rows, 1].into(), 2),
        Observation::Poisson | Observation::NegativeBinomial => whole(shape, 5),
    };
    let ledger = Ledger::default();
    let pass = Pass::new(tape, &ledger, Noise::new(seed)).draws(2);
    on.elbo(x, tape.constant(&y), &pass)
}

proptest! {
    #[test]
    fn loss_of_random_nets_has_the_gradient_of_forward_mode_and_differences(
        net in net(),
        seed: u64,
    ) {
        let mut parameters = vec![];
        net.visit(Path::ROOT, &mut |_, leaf| parameters.push(leaf.clone()));
        let tape = Tape::<Dual<f64>>::new();
        let mut at = 0;
        let dual = net.map(Path::ROOT, &mut |_, leaf: &Tensor| {
            let start = at;
            at += leaf.len();
            Tensor::from_fn(leaf.shape(), |j| Dual {
                v: f64::from(leaf.as_slice()[j]),
                d: direction(start + j),
            })
        });
        let on = dual.on(&tape);
        let forward = runtime_elbo(&net, &on, &tape, seed).loss(SHARE).item().d;
        let loss = |tape: &Tape<f64>, leaf: &mut dyn FnMut(&Tensor) -> Tensor<f64>| {
            let on = net.map(Path::ROOT, &mut |_, value: &Tensor| tape.parameter(&leaf(value)));
            let loss = runtime_elbo(&net, &on, tape, seed).loss(SHARE);
            loss.backward();
            (loss.item(), along(tape))
        };
        routes(&parameters, loss, forward).agree(&format!("{net:?}"));
    }
}
