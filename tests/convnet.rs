//! Nets of convolutions: what the compiler says of shapes is what the operations find, the layer
//! keeps the laws of a layer, and such a net learns, predicts and comes back from its file.
#![deny(warnings, missing_docs, unsafe_code)]

use std::panic;

use elbo::bayes::{Estimator, Ledger, Noise, Pass, Posterior, Prior, Weight};
use elbo::layers::{Conv1d, Conv2d, Forward, Gain, Layer, LayerOptions};
use elbo::net::Net;
use elbo::ops::{Conv, Divisor, Pool};
use elbo::prelude::*;
use elbo::tape::Parameters;
use elbo::{Shape, Tape, Tensor};
use proptest::prelude::*;

/// Constants of the user's.
pub mod constants {
    /// A width.
    pub const CHANNELS: usize = 4;
    /// The extents of a kernel.
    pub const KERNEL: usize = 3;
}
use constants::{CHANNELS, KERNEL};

bayes_net! {
    /// A digit in an image of 28 by 28: LeNet-5 as it is taught today.
    pub net LeNet(x: [1, 28, 28]) -> y {
        c1 = max_pool2d(relu(conv2d(x, 6, kernel: 5)), 2);
        c2 = max_pool2d(relu(conv2d(c1, 16, kernel: 5)), 2);
        h1 = relu(linear(flatten(c2), 120));
        h2 = relu(linear(h1, 84));
        digit = linear(h2, 10);
        y ~ Categorical(digit);
    }
}

bayes_net! {
    /// Every option, in every form that it has.
    pub net Options(image: [4, 9, 7], sound: [2, 12]) -> (y, z) {
        weights ~ Laplace(0, 1);
        a = tanh(conv2d(image, CHANNELS, KERNEL, padding: 1, groups: 2, weights ~ Normal(0, 0.5)));
        b = conv2d(a + image, channels: 3, kernel: [KERNEL, 2], stride: [2, { 1 }],
            padding: [2, 0], dilation: [1, 2], posterior = Point);
        c = avg_pool2d(b, size: [2, 3], stride: 1, padding: [[1, 1], [0, 2]]);
        d = gelu(conv1d(sound, 6, 3, padding: [[4, 0]], dilation: 2, groups: 2));
        e = avg_pool1d(max_pool1d(d, 3, stride: 2, padding: 1), 2);
        f = linear(concat(flatten(c), flatten(e)), 2, estimator = LocalReparam);
        y ~ Normal(f, 0.5);
        z ~ Normal(flatten(max_pool2d(image, [9, 7])), 1);
    }
}

fn outputs<N: BayesNet>(net: &N) -> Vec<(String, Shape, usize)> {
    let layers = net.describe().layers.into_iter();
    layers
        .map(|layer| (layer.name, layer.output, layer.weights))
        .collect()
}

#[test]
fn lenet_has_the_shapes_and_weights_that_are_taught() {
    let net = LeNet::new(1);
    let expected: [(&str, &[usize], usize); 5] = [
        ("c1", &[6, 24, 24], 156),
        ("c2", &[16, 8, 8], 2416),
        ("h1", &[120], 30840),
        ("h2", &[84], 10164),
        ("digit", &[10], 850),
    ];
    let expected =
        expected.map(|(name, output, weights)| (name.to_owned(), output.into(), weights));
    assert_eq!(outputs(&net), expected);
    assert_eq!(net.describe().parameters(), 2 * 44426);
    let kinds: Vec<_> = net
        .describe()
        .layers
        .iter()
        .map(|layer| layer.kind)
        .collect();
    assert_eq!(kinds, ["conv2d", "conv2d", "linear", "linear", "linear"]);
}

/// The declaration, written by hand with the operations.
#[test]
fn options_mean_what_the_operations_mean() {
    let net = Options::new(3).sample(Noise::new(5));
    let tape: Tape = Tape::new();
    let number = |i: usize| (i as f32 * 0.37).sin();
    let image = tape.constant(&Tensor::from_fn([2, 4, 9, 7], number));
    let sound = tape.constant(&Tensor::from_fn([2, 2, 12], number));
    let on = net.map_on(&mut |_, leaf| tape.parameter(leaf));
    let ledger = Ledger::default();
    let output = on.forward(&[image, sound], &Pass::new(&tape, &ledger, Noise::new(0)));

    let grouped = Conv {
        padding: [[1, 1], [1, 1]],
        groups: 2,
        ..Conv::default()
    };
    let a = image
        .conv2d(on.a.weight.mu, Some(on.a.bias.mu), grouped)
        .tanh();
    let stretched = Conv {
        stride: [2, 1],
        padding: [[2, 2], [0, 0]],
        dilation: [1, 2],
        groups: 1,
    };
    let b = (a + image).conv2d(on.b.weight.mu, Some(on.b.bias.mu), stretched);
    let pool = Pool {
        stride: [1, 1],
        padding: [[1, 1], [0, 2]],
        ..Pool::of([2, 3])
    };
    let c = b.avg_pool2d(pool, Divisor::Window);
    let causal = Conv {
        padding: [[4, 0]],
        dilation: [2],
        groups: 2,
        ..Conv::default()
    };
    let d = sound
        .conv1d(on.d.weight.mu, Some(on.d.bias.mu), causal)
        .gelu();
    let pool = Pool {
        stride: [2],
        padding: [[1, 1]],
        ..Pool::of([3])
    };
    let e = d
        .max_pool1d(pool)
        .avg_pool1d(Pool::of([2]), Divisor::Window);
    let flat = |x: elbo::Var<'_, f32>| x.value().reshape([2, x.shape().size() / 2]);
    let joined: Vec<f32> = (0..2)
        .flat_map(|row| {
            let row = |x: Tensor| {
                let width = x.shape().dim(1);
                x.as_slice()[row * width..][..width].to_vec()
            };
            [row(flat(c)), row(flat(e))].concat()
        })
        .collect();
    let joined = tape.constant(&Tensor::new([2, joined.len() / 2], joined));
    let f = joined.affine(on.f.weight.mu, on.f.bias.mu);
    assert_eq!(output.y.mean.value(), f.value());
    let largest = image.max_pool2d(Pool::of([9, 7]));
    assert_eq!(output.z.mean.value(), flat(largest));
    // ...and the compiler knew the shapes of all of them.
    let shapes: Vec<_> = outputs(&net)
        .into_iter()
        .map(|(_, shape, _)| shape)
        .collect();
    let row = |x: elbo::Var<'_, f32>| x.shape().without(0);
    assert_eq!(shapes, [row(a), row(b), row(d), row(f)]);
}

#[test]
fn priors_and_means_follow_the_fan_of_the_convolution() {
    let options = LayerOptions {
        gain: Gain::Relu,
        ..LayerOptions::DEFAULT
    };
    let conv = Conv {
        groups: 2,
        ..Conv::DEFAULT
    };
    let layer = Conv2d::new([64, 9, 9].into(), 32, [3, 5], conv, options, Noise::new(1));
    assert_eq!(layer.weight.mu.shape(), [32, 32, 3, 5].into());
    let fan_in = 32.0 * 15.0_f64;
    assert_eq!(layer.weight.prior, Prior::normal(0.0, 1.0 / fan_in.sqrt()));
    let means = layer.weight.mu.as_slice();
    let n = means.len() as f64;
    let variance = means.iter().map(|&m| f64::from(m).powi(2)).sum::<f64>() / n;
    // Five standard errors of a variance.
    let wanted = 2.0 / fan_in;
    assert!((variance - wanted).abs() < 5.0 * (2.0 / n).sqrt() * wanted);
    let glorot = Conv2d::new(
        [64, 9, 9].into(),
        32,
        [3, 5],
        conv,
        LayerOptions::DEFAULT,
        Noise::new(1),
    );
    let ratio = f64::from(means[7] / glorot.weight.mu.as_slice()[7]);
    // fan_out is 16 * 15.
    assert!((ratio.powi(2) - (480.0 + 240.0) / 480.0).abs() < 1e-5);
}

#[test]
fn a_sample_of_a_layer_is_what_a_pass_with_the_same_noise_draws() {
    let layer = Conv1d::new(
        [2, 9].into(),
        3,
        [4],
        Conv::DEFAULT,
        LayerOptions::DEFAULT,
        Noise::new(4),
    );
    let noise = Noise::new(9).draw(2);
    let sampled = layer.sample(noise.at("h"));
    assert_eq!(sampled.weight.posterior_name(), "Point");

    let tape = Tape::new();
    let on = layer.on(&tape);
    let ledger = Ledger::default();
    let pass = Pass::new(&tape, &ledger, noise).at("h");
    assert_eq!(on.weight.draw("weight", &pass).value(), sampled.weight.mu);
    assert_eq!(on.bias.draw("bias", &pass).value(), sampled.bias.mu);
}

/// Two images, [1, 2, 3] and [1, 1, 1], under a kernel of two: the places of the first are
/// 1 w0 + 2 w1 + b and 2 w0 + 3 w1 + b, that of the second that is looked at w0 + w1 + b. With
/// standard deviations 0.1, 0.2, 0.3 the variances are 0.01 + 0.16 + 0.09, 0.04 + 0.36 + 0.09 and
/// 0.01 + 0.04 + 0.09. Of a shared draw, the covariance of the places is 0.02 + 0.24 + 0.09, and
/// that of the images 0.01 + 0.08 + 0.09.
#[test]
fn estimators_agree_in_mean_and_marginal_variance_and_differ_between_places() {
    let rho = |sigma: f64| sigma.exp_m1().ln();
    let weight = |mu: &[f64], sigma: &[f64], shape: &[usize]| {
        let rho = Tensor::new(shape, sigma.iter().map(|&s| rho(s)).collect());
        Weight::mean_field(
            Tensor::new(shape, mu.to_vec()),
            rho,
            Prior::normal(0.0, 1.0),
        )
    };
    let draws = 20_000_u32;
    let n = f64::from(draws);
    let expected = [
        (0.7 - 0.8 + 0.3, 0.26),
        (1.4 - 1.2 + 0.3, 0.49_f64),
        (0.7 - 0.4 + 0.3, 0.14),
    ];
    for (estimator, between_places, between_rows) in [
        (Estimator::WeightReparam, 0.35, 0.18),
        (Estimator::LocalReparam, 0.0, 0.0),
        (Estimator::Flipout, 0.35, 0.09),
        (Estimator::Auto, 0.35, 0.09), // which is Flipout here
    ] {
        let layer = Conv1d {
            weight: weight(&[0.7, -0.4], &[0.1, 0.2], &[1, 1, 2]),
            bias: weight(&[0.3], &[0.3], &[1]),
            estimator,
            conv: Conv::DEFAULT,
        };
        let mut tape = Tape::new();
        let y: Vec<Vec<f64>> = (0..draws)
            .map(|draw| {
                tape.clear();
                let on = layer.on(&tape);
                let ledger = Ledger::default();
                let pass = Pass::new(&tape, &ledger, Noise::new(8).draw(draw.into()));
                let x = tape.constant(&Tensor::new([2, 1, 3], vec![1.0, 2.0, 3.0, 1.0, 1.0, 1.0]));
                on.forward(x, &pass.at("h")).value().as_slice().to_vec()
            })
            .collect();
        let means = [0, 1, 2].map(|j| y.iter().map(|y| y[j]).sum::<f64>() / n);
        let moment = |i: usize, j: usize| {
            let terms = y.iter().map(|y| (y[i] - means[i]) * (y[j] - means[j]));
            terms.sum::<f64>() / n
        };
        // Five standard errors: √(v/n) of a mean, √(2/n) v of a variance.
        let error = 5.0 / n.sqrt();
        for (j, (m, v)) in expected.into_iter().enumerate() {
            assert!((means[j] - m).abs() < error * v.sqrt(), "{estimator:?}");
            let variance = moment(j, j);
            let bound = error * 2f64.sqrt() * v;
            assert!((variance - v).abs() < bound, "{estimator:?}: {variance}");
        }
        for (other, covariance) in [(1, between_places), (2, between_rows)] {
            let found = moment(0, other);
            let bound = error * 2f64.sqrt() * 0.49;
            assert!((found - covariance).abs() < bound, "{estimator:?}: {found}");
        }
    }
}

/// One axis: kernel or window, stride, padding in front and behind, dilation.
type Along = (usize, usize, [usize; 2], usize);

fn along() -> impl Strategy<Value = Along> {
    (0usize..5, 0usize..4, [0usize..3, 0usize..3], 0usize..3)
}

proptest! {
    /// What the compiler would say of a row is what the operation does with a batch of such rows.
    #[test]
    fn shapes_of_rows_are_those_of_the_operations(
        row in prop::collection::vec(1usize..7, 1..5),
        outputs in 0usize..5,
        groups in 0usize..4,
        rows in along(),
        columns in along(),
    ) {
        let row = Shape::from(&row[..]);
        let x = Tensor::<f32>::zeros(row.with_rows(2));
        let conv = Conv {
            stride: [rows.1, columns.1],
            padding: [rows.2, columns.2],
            dilation: [rows.3, columns.3],
            groups,
        };
        let kernel = [rows.0, columns.0];
        let pool = Pool { size: kernel, stride: conv.stride, padding: conv.padding };
        let channels = if row.rank() > 0 { row.dim(0).checked_div(groups).unwrap_or(0) } else { 0 };
        // A layer has at least one output, which the operation does not ask for.
        if outputs > 0 {
            let w = Tensor::zeros([outputs, channels, kernel[0], kernel[1]]);
            let wanted = shape_of(|tape| {
                tape.constant(&x).conv2d(tape.constant(&w), None, conv).shape()
            });
            prop_assert_eq!(conv.shape(row, "x", outputs, kernel).ok(), wanted);
        }
        let wanted = shape_of(|tape| tape.constant(&x).max_pool2d(pool).shape());
        prop_assert_eq!(pool.shape("max_pool2d", row, "x").ok(), wanted);
    }
}

/// The shape of one row of a result, unless the operation panics.
fn shape_of(f: impl Fn(&Tape<f32>) -> Shape) -> Option<Shape> {
    let result = panic::catch_unwind(panic::AssertUnwindSafe(|| f(&Tape::new())));
    result.ok().map(|shape| shape.without(0))
}

bayes_net! {
    /// Whether stripes lie or stand.
    pub net Stripes(image: [1, 8, 8]) -> lying {
        edges = max_pool2d(relu(conv2d(image, 4, kernel: 3)), 2);
        logit = linear(flatten(edges), 1);
        lying ~ Bernoulli(logit);
    }
}

/// Stripes of a random phase, two pixels wide, under noise; those with even numbers lie.
fn stripes(rows: usize, salt: u64) -> (Vec<f32>, Vec<f32>) {
    let mut noise = vec![0.0; rows * 64];
    Noise::new(salt).fill_normal(&mut noise);
    let images = noise.iter().enumerate().map(|(i, noise)| {
        let (image, row, column) = (i / 64, i / 8 % 8, i % 8);
        let along = if image % 2 == 0 { row } else { column };
        let phase = image / 2 % 4;
        f32::from((along + phase) % 4 < 2) + 0.5 * noise
    });
    let lying = (0..rows).map(|image| f32::from(image % 2 == 0));
    (images.collect(), lying.collect())
}

#[test]
fn a_net_learns_to_tell_lying_from_standing_stripes() {
    let data = |rows, salt| {
        let (images, lying) = stripes(rows, salt);
        let builder = Dataset::builder().input("image", 64, images);
        builder
            .target("lying", lying)
            .build()
            .expect("the data are sound")
    };
    let mut model = Model::new(Stripes::new(1));
    let trainer = Trainer::new(Adam::new(0.02))
        .epochs(20)
        .batch_size(16)
        .quiet();
    trainer
        .fit(&mut model, &data(160, 2))
        .expect("the data fit");
    let test = data(100, 3);
    let probability = model
        .predict(&test)
        .draws(20)
        .run()
        .expect("the data fit")
        .probability();
    let right = (0..100)
        .filter(|&row| (probability[row] > 0.5) == (row % 2 == 0))
        .count();
    assert!(right >= 95, "{right} of 100");

    // A tensor of images is as good as the columns.
    let (images, _) = stripes(100, 3);
    let images = Tensor::new([100, 1, 8, 8], images);
    let again = model
        .predict(&images)
        .draws(20)
        .run()
        .expect("the images fit")
        .probability();
    assert_eq!(probability, again);

    let path =
        std::env::temp_dir().join(format!("elbo-stripes-{}.safetensors", std::process::id()));
    model.save(&path).expect("the folder can be written");
    let loaded = Model::<Stripes>::load(&path);
    std::fs::remove_file(&path).expect("the file is there");
    let loaded = loaded.expect("the file is whole");
    let again = loaded
        .predict(&images)
        .draws(20)
        .run()
        .expect("the images fit")
        .probability();
    assert_eq!(probability, again);
}

#[test]
#[should_panic = "conv2d: a kernel of 4 does not fit the 3 rows of `input`, which is [1, 3, 9], with padding 0; at most 3 would"]
fn a_layer_put_together_by_hand_refuses_a_kernel_that_fits_nowhere() {
    let options = LayerOptions {
        posterior: Posterior::Point,
        ..LayerOptions::DEFAULT
    };
    let _ = Conv2d::new(
        [1, 3, 9].into(),
        2,
        [4, 4],
        Conv::DEFAULT,
        options,
        Noise::new(1),
    );
}
