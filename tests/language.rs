//! Every word of the language, under the strictest lints; and what a net means,
//! computed by hand from its parameters.
#![deny(warnings, missing_docs, unsafe_code)]

/// Constants of the user's.
pub mod constants {
    /// A width.
    pub const WIDTH: usize = 8;
    /// A factor.
    pub const FACTOR: f64 = 0.5;

    /// A prior.
    #[derive(Debug)]
    pub struct Bell(pub f64, pub f64);
    impl elbo::bayes::LogDensity for Bell {
        fn log_prob<S: elbo::Scalar>(&self, w: S) -> S {
            -w * w * S::of(self.0 / self.1)
        }
    }

    /// A prior that says nothing.
    pub const fn flat() -> Bell {
        Bell(0.0, 1.0)
    }
}
use constants::{FACTOR, WIDTH};
use elbo::bayes::Noise;
use elbo::dist::Support;
use elbo::net::{BayesNet, Net};
use elbo::{Shape, Tape, Tensor};

elbo::bayes_net! {
    /// The words, each once.
    pub net Words(x: [3], z: [WIDTH / 2, ]) -> (y, count, class, label) {
        weights ~ Normal(0, 0.5);
        biases ~ Laplace(location: 0, scale: 1);
        posterior = MeanField(init_std: 0.02);
        estimator = LocalReparam;
        h1 = relu(linear(x, WIDTH));
        posterior = MeanField;
        h2 = gelu(linear(
            concat(h1, x, z),
            2 * WIDTH - 8,
            weights ~ ScaleMixture(0.5, 1.0, { 1.0 / 400.0 }),
            posterior = Point,
        ));
        skip = -(h1 + h2) * 2 - h1 / 3.5 + FACTOR * (h1 - (h2 - h1)) * constants::FACTOR;
        h3 = tanh(sigmoid(softplus(skip))) + exp(log(square(sqrt(square(h1)) + 1)));
        std = learned(0.1);
        mean = linear(h3, 2, estimator = WeightReparam);
        scale = softplus(linear(h3, 2)) + std;
        rate = linear(h3, units: 1, posterior = Radial, estimator = Flipout);
        estimator = Auto;
        biases ~ Cauchy(location: 0, scale: 1);
        logits = linear(
            h3,
            3,
            weights ~ StudentT(df: 3, location: 0, scale: 1),
            biases ~ Normal(mean: -1, std: learned(1)),
            posterior = LowRank(rank: WIDTH / 4),
        );
        h4 = relu(linear(h3, 2, weights ~ Horseshoe(0.1), posterior = FullCovariance));
        binary = linear(
            h4,
            1,
            weights ~ constants::Bell(FACTOR, 1.0),
            biases ~ self::constants::flat(),
            posterior = MatrixNormal(0.1),
        );
        y ~ Normal(mean, std: scale);
        count ~ Poisson(rate);
        class ~ Categorical(log_softmax(logits));
        label ~ Bernoulli(binary);
    }
}

elbo::bayes_net! {
    net Undocumented(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

elbo::bayes_net! {
    net Learned(x: [3]) -> y {
        h = linear(x, 1);
        std = learned(0.1);
        y ~ Normal(h, std);
    }
}

elbo::bayes_net! {
    /// A net of points, which plain loops can follow.
    pub net Loops(x: [2], z: [3]) -> y {
        posterior = Point;
        h = relu(linear(x, 3));
        std = learned(0.4);
        mean = -(h - z) * 2 / 4 + h * z - (1 - FACTOR * h);
        y ~ Normal(mean, std);
    }
}

/// The loss of each net on rows of ones, at one draw.
fn loss<N: BayesNet>(net: &N, targets: &[f32]) -> f64 {
    let tape: Tape = Tape::new();
    let info = net.describe();
    let rows = |shape: Shape, value: f32| {
        let dims: Vec<usize> = [2].iter().chain(shape.dims()).copied().collect();
        tape.constant(&Tensor::full(Shape::new(&dims), value))
    };
    let inputs: Vec<_> = info
        .inputs
        .iter()
        .map(|input| rows(input.shape, 0.5))
        .collect();
    let targets: Vec<_> = info
        .targets
        .iter()
        .zip(targets)
        .map(|(target, &y)| rows(target.shape, y))
        .collect();
    let on_tape = net.map_on(&mut |_, leaf| tape.parameter(leaf));
    f64::from(on_tape.loss(inputs, targets, Noise::new(1), 0.5).item())
}

#[test]
fn every_word_runs() {
    assert!(loss(&Words::new(1), &[0.5, 2.0, 1.0, 0.0]).is_finite());
    assert!(loss(&Undocumented::new(1), &[0.5]).is_finite());
    assert!(loss(&Learned::new(1), &[0.5]).is_finite());
}

#[test]
fn a_net_tells_its_inputs_targets_and_layers() {
    let info = Words::new(1).describe();
    let inputs: Vec<_> = info
        .inputs
        .iter()
        .map(|input| (input.name, input.shape))
        .collect();
    assert_eq!(inputs, [("x", Shape::new(&[3])), ("z", Shape::new(&[4]))]);
    let targets: Vec<_> = info
        .targets
        .iter()
        .map(|target| (target.name, target.likelihood, target.shape))
        .collect();
    let (pair, one) = (Shape::new(&[2]), Shape::new(&[1]));
    assert_eq!(
        targets,
        [
            ("y", "Normal", pair),
            ("count", "Poisson", one),
            ("class", "Categorical", Shape::SCALAR),
            ("label", "Bernoulli", one),
        ]
    );
    assert_eq!(info.targets[2].support, Support::Class { classes: 3 });
    assert_eq!(info.targets[0].distribution, "Normal(mean, std: scale)");
    assert_eq!(
        info.targets[2].distribution,
        "Categorical(log_softmax(logits))"
    );
    let nodes: Vec<_> = info.nodes.iter().map(|node| node.name).collect();
    assert_eq!(
        nodes,
        [
            "h1", "h2", "skip", "h3", "std", "mean", "scale", "rate", "logits", "h4", "binary"
        ]
    );
    assert_eq!(
        info.nodes[2].expression,
        "-(h1 + h2) * 2 - h1 / 3.5 + FACTOR * (h1 - (h2 - h1)) * constants::FACTOR"
    );
    assert_eq!(info.nodes[4].expression, "learned(0.1)");
    assert_eq!(info.layers.len(), 9);
    assert_eq!(info.layers[6].estimator, "WeightReparam, picked by Auto");
    assert_eq!(
        info.layers[6].prior,
        "weights ~ StudentT(3, 0, 1), biases ~ Normal(-1, learned(1))"
    );
    assert_eq!(
        info.layers[8].prior,
        "weights ~ Bell(0.5, 1.0), biases ~ Bell(0.0, 1.0)"
    );
    assert_eq!(
        info.layers[8].posterior,
        "weights MatrixNormal, biases MeanField"
    );
    assert_eq!(info.layers[4].expression, "softplus(linear(h3, 2)) + std");
    assert_eq!(info.layers[4].output, pair);
}

/// The generated forward pass and loss against loops over the same numbers.
#[test]
fn the_generated_loss_is_what_the_declaration_says() {
    let net = Loops::new(5);
    let x = [[0.3, -1.2], [2.0, 0.7]];
    let z = [[1.0, 0.5, -0.5], [0.2, -2.0, 0.1]];
    let y = [[0.1, 0.2, 0.3], [-1.0, 0.0, 1.0]];

    let tape: Tape<f64> = Tape::new();
    let on_tape = net.map_on(&mut |_, leaf| tape.parameter(&leaf.cast()));
    let constant = |width: usize, data: Vec<f64>| tape.constant(&Tensor::new([2, width], data));
    let inputs = [constant(2, x.concat()), constant(3, z.concat())];
    let generated = on_tape
        .loss(inputs, [constant(3, y.concat())], Noise::new(1), 0.5)
        .item();

    let (weight, bias) = (net.h.weight.mu.as_slice(), net.h.bias.mu.as_slice());
    let raw = f64::from(net.std.raw.item());
    let std = elbo::layers::Learned::FLOOR + raw.exp().ln_1p();
    let mut by_hand = 0.0;
    for row in 0..2 {
        for unit in 0..3 {
            let sum: f64 = (0..2)
                .map(|i| x[row][i] * f64::from(weight[i * 3 + unit]))
                .sum();
            let h = (sum + f64::from(bias[unit])).max(0.0);
            let mean = -(h - z[row][unit]) * 2.0 / 4.0 + h * z[row][unit] - (1.0 - FACTOR * h);
            let score = (y[row][unit] - mean) / std;
            by_hand += 0.5 * score * score + std.ln() + 0.5 * (2.0 * std::f64::consts::PI).ln();
        }
    }
    // Some thirty operations, each right to half a unit in the last place.
    assert!(
        (generated - by_hand).abs() < 1e-13 * by_hand.abs(),
        "{generated} {by_hand}"
    );
}

#[test]
#[should_panic(expected = "Loops: `z` is [2, 2], but each row must be [3]")]
fn a_wrong_width_is_told_with_the_inputs_name() {
    let tape: Tape = Tape::new();
    let x = tape.constant(&Tensor::zeros([2, 2]));
    let on_tape = Loops::new(1).map_on(&mut |_, leaf| tape.parameter(leaf));
    let _ = on_tape.loss([x, x], [x], Noise::new(1), 1.0);
}

/// The mean over the rows, where one over the columns was meant.
fn centred<'t, S: elbo::Scalar>(x: elbo::Var<'t, S>) -> elbo::Var<'t, S> {
    x.sum_axes(&[0])
}

/// Half of it, whether or not it has rows.
fn half<'t, S: elbo::Scalar>(x: elbo::Var<'t, S>) -> elbo::Var<'t, S> {
    x * 0.5
}

elbo::bayes_net! {
    net Across(x: [3]) -> y {
        h = linear(x, 3);
        c = crate::centred(h);
        y ~ Normal(h - c, 0.1);
    }
}

elbo::bayes_net! {
    net Halves(x: [3]) -> y {
        h = crate::half(linear(x, 1));
        std = crate::half(learned(0.5));
        y ~ Normal(h, std);
    }
}

#[test]
#[should_panic(expected = "c: `crate::centred` returned [3], which has not the rows")]
fn a_function_across_rows_is_refused() {
    loss(&Across::new(1), &[0.5]);
}

#[test]
fn a_function_of_a_learned_number_has_no_rows() {
    assert!(loss(&Halves::new(1), &[0.5]).is_finite());
}

/// A layer as wide as MNIST's stands neither on the stack nor in a const.
#[test]
fn wide_layers_fit_a_small_stack() {
    elbo::bayes_net! {
        net Wide(x: [784]) -> y {
            h = relu(linear(x, 1200));
            class = linear(h, 10);
            y ~ Categorical(class);
        }
    }
    let thread = std::thread::Builder::new().stack_size(128 * 1024);
    let built = thread
        .spawn(|| Wide::new(1).describe().parameters())
        .expect("a thread starts");
    assert_eq!(
        built.join().expect("no overflow"),
        2 * (784 * 1200 + 1200 + 1200 * 10 + 10)
    );
}
