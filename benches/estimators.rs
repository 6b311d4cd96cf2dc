//! How the variance of the gradient falls with the size of the batch, for each estimator.
//!
//! ```text
//! cargo bench --bench estimators
//! ```
//!
//! The loss is the mean over B rows of the negative log-likelihood. Printed is the variance of its
//! gradient over draws of the noise, the data held fixed, summed over the means and over the rhos
//! of the first layer; then the slope of its logarithm against ln B over the last three sizes: 0 where all rows share a draw
//! and their noise does not average out, -1 where it falls as 1/B (Kingma et al. 2015, section
//! 2.2; Wen et al. 2018, section 3.2). Biases are points, because those of Flipout are shared. The
//! rows of a batch are not alike, hence slopes near these numbers and not at them.
//!
//! Numbers of noise, not of time: they are the same on every machine.

use elbo::bayes::{Estimator, Ledger, Noise, Pass, Weight};
use elbo::dist::Normal;
use elbo::layers::{Conv2d, Forward, LayerOptions, Linear};
use elbo::ops::Conv;
use elbo::tape::Parameters;
use elbo::{Shape, Tape, Tensor, Var};

const BATCHES: [usize; 5] = [1, 4, 16, 64, 256];
const DRAWS: u64 = 400;

const ESTIMATORS: [Estimator; 3] = [
    Estimator::WeightReparam,
    Estimator::LocalReparam,
    Estimator::Flipout,
];

/// A layer, relu, and a linear layer of one output; gradients are of the first.
struct Case {
    name: &'static str,
    row: &'static [usize],
}

enum First {
    Linear(Linear),
    Conv(Conv2d),
}

impl Case {
    /// The first layer, and how many numbers it hands on.
    fn first(&self, options: LayerOptions, noise: Noise) -> (First, usize) {
        let row = Shape::new(self.row);
        if row.rank() == 1 {
            let mut layer = Linear::new(row, 64, options, noise);
            layer.bias = Weight::point(layer.bias.mu, layer.bias.prior);
            return (First::Linear(layer), 64);
        }
        let mut layer = Conv2d::new(row, 8, [3, 3], Conv::DEFAULT, options, noise);
        layer.bias = Weight::point(layer.bias.mu, layer.bias.prior);
        (First::Conv(layer), 8 * (row.dim(1) - 2) * (row.dim(2) - 2))
    }

    /// Variances of the gradients in the means and in the rhos, over all of either.
    fn variances(&self, estimator: Estimator, batch: usize) -> [f64; 2] {
        let options = LayerOptions {
            estimator,
            ..LayerOptions::DEFAULT
        };
        let noise = Noise::new(42);
        let (first, units) = self.first(options, noise.at("h"));
        let mut last = Linear::new([units].into(), 1, options, noise.at("out"));
        last.bias = Weight::point(last.bias.mu, last.bias.prior);
        let mut dims = vec![batch];
        dims.extend(self.row);
        let x = Tensor::from_fn(&dims[..], |i| (i as f32 * 0.618).sin());
        let y = Tensor::from_fn([batch, 1], |i| (i as f32 * 1.3).cos());

        let mut tape: Tape = Tape::new();
        let mut sums = [vec![], vec![]];
        for draw in 0..DRAWS {
            tape.clear();
            let ledger = Ledger::default();
            let pass = Pass::new(&tape, &ledger, Noise::new(7).step(draw));
            let (x, at) = (tape.constant(&x), pass.at("h"));
            let (h, weight): (Var<'_>, Weight<Var<'_>>) = match &first {
                First::Linear(layer) => {
                    let on = layer.on(&tape);
                    (on.forward(x, &at), on.weight)
                }
                First::Conv(layer) => {
                    let on = layer.on(&tape);
                    (on.forward(x, &at).flatten_rows(), on.weight)
                }
            };
            let mean = last.on(&tape).forward(h.relu(), &pass.at("out"));
            let std = tape.scalar(0.5);
            let log_prob = Normal { mean, std }.log_prob(tape.constant(&y));
            (-log_prob.mean()).backward();
            let rho = weight.rho().expect("a mean field");
            for (sums, leaf) in sums.iter_mut().zip([weight.mu, *rho]) {
                let grad = leaf.grad();
                sums.resize(grad.len(), [0.0; 2]);
                for ([sum, squares], &g) in sums.iter_mut().zip(grad.as_slice()) {
                    *sum += f64::from(g);
                    *squares += f64::from(g).powi(2);
                }
            }
        }
        let n = DRAWS as f64;
        sums.map(|sums| {
            let variance = |[sum, squares]: [f64; 2]| (squares - sum * sum / n) / (n - 1.0);
            sums.into_iter().map(variance).sum()
        })
    }
}

/// The slope of ln v against ln B over the last three sizes, by least squares.
fn slope(variances: &[f64]) -> f64 {
    let points: Vec<(f64, f64)> = BATCHES
        .iter()
        .zip(variances)
        .skip(BATCHES.len() - 3)
        .map(|(&b, &v)| ((b as f64).ln(), v.ln()))
        .collect();
    let n = points.len() as f64;
    let [x, y] = [0, 1].map(|k| {
        let sum: f64 = points.iter().map(|p| if k == 0 { p.0 } else { p.1 }).sum();
        sum / n
    });
    let covariance: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    covariance / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
}

fn main() {
    // `cargo test --benches` called.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let cases = [
        Case {
            name: "linear(x, 64), x: [32]",
            row: &[32],
        },
        Case {
            name: "conv2d(x, 8, kernel: 3), x: [1, 8, 8]",
            row: &[1, 8, 8],
        },
    ];
    for case in cases {
        println!("{}: variance of the gradient, {DRAWS} draws", case.name);
        print!("{:14} {:4}", "estimator", "of");
        for batch in BATCHES {
            print!(" {batch:>10}");
        }
        println!(" {:>8}", "slope");
        for estimator in ESTIMATORS {
            let columns = BATCHES.map(|batch| case.variances(estimator, batch));
            for (k, of) in ["mu", "rho"].into_iter().enumerate() {
                let variances = columns.map(|column| column[k]);
                print!("{:14} {of:4}", estimator.name());
                for variance in variances {
                    print!(" {variance:10.3e}");
                }
                println!(" {:8.2}", slope(&variances));
            }
        }
        println!();
    }
}
