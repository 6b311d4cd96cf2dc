//! The regression curve of Blundell et al. (2015), section 5.2: a net that is sure where there is
//! data, and less and less so away from it.
//!
//! ```text
//! cargo run --release --example regression [FOLDER]
//! ```
//!
//! Writes `regression.svg` into the folder `target/regression` unless another one is named.

use std::f64::consts::PI;
use std::path::PathBuf;

use elbo::bayes::Noise;
use elbo::predict::plot;
use elbo::prelude::*;
use rand::RngExt;
use rand_distr::Distribution;

bayes_net! {
    /// A curve through points, with noise of a scale that is learned.
    pub net Curve(x: [1]) -> y {
        weights ~ Normal(0.0, 0.5);
        estimator = LocalReparam;

        h1   = relu(linear(x, 32));
        h2   = relu(linear(h1, 32));
        mean = linear(h2, 1);
        std  = learned(0.1);

        y ~ Normal(mean, std);
    }
}

/// y = x + 0.3 sin(2π(x + e)) + 0.3 sin(4π(x + e)) + e
fn curve(x: f64, e: f64) -> f64 {
    x + 0.3 * (2.0 * PI * (x + e)).sin() + 0.3 * (4.0 * PI * (x + e)).sin() + e
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or("target/regression".to_owned());
    let folder = PathBuf::from(folder);

    // Points between 0 and 0.5, as in the paper; e ~ N(0, 0.02), a standard deviation.
    let mut rng = Noise::new(1).rng();
    let noise = rand_distr::Normal::new(0.0, 0.02)?;
    let points: Vec<(f64, f64)> = (0..1000)
        .map(|_| {
            let x = 0.5 * rng.random::<f64>();
            (x, curve(x, noise.sample(&mut rng)))
        })
        .collect();
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let data = Dataset::builder().column("x", x).target("y", y).build()?;

    let mut model = Model::new(Curve::new(1)).standardize();
    let trainer = Trainer::new(Adam::new(3e-3)).epochs(1000).batch_size(100);
    let history = trainer.fit(&mut model, &data)?;
    println!("trained on {} points, {history}", data.rows());

    let x: Vec<f64> = (0..=280).map(|i| -0.6 + 0.0065 * f64::from(i)).collect();
    let rows: Vec<[f64; 1]> = x.iter().map(|&x| [x]).collect();
    let prediction = model.predict(&rows[..]).draws(200).run()?;
    let (mean, std) = (prediction.mean(), prediction.std());
    println!("\n    x   truth    mean     std");
    for i in (0..x.len()).step_by(28) {
        println!(
            "{:5.2} {:7.3} {:7.3} {:7.3}",
            x[i],
            curve(x[i], 0.0),
            mean[i],
            std[i]
        );
    }

    std::fs::create_dir_all(&folder)?;
    let path = folder.join("regression.svg");
    let band = plot::Band {
        x: &x,
        mean: &mean,
        half: &prediction.interval(0.5),
        most: &prediction.interval(0.9),
        data: &points,
        title: "A curve learned between 0 and 0.5",
        x_name: "x",
        y_name: "y",
    };
    plot::regression_band(&band, &path)?;
    println!("\nplot: {}", path.display());
    Ok(())
}
