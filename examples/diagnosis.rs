//! Malignant or benign: a Bayesian network on the Wisconsin breast cancer data that says how sure
//! it is, and what it gains to refer the least sure tenth of the patients to a person.
//!
//! ```text
//! cargo run --release --example diagnosis [SEED] [--folder FOLDER]
//! ```
//!
//! Writes its plots, as SVG, into the folder `target/diagnosis` unless another one is named.

use std::path::{Path, PathBuf};

use elbo::predict::plot;
use elbo::prelude::*;
use elbo::train::Epoch;

bayes_net! {
    /// Malignant or benign, from 30 measurements of cell nuclei.
    pub net Diagnosis(x: [30]) -> y {
        weights ~ ScaleMixture(pi: 0.25, sigma1: 1.0, sigma2: 0.2);

        h1    = relu(linear(x, 16));
        h2    = relu(linear(h1, 16));
        logit = linear(h1 + h2, 1);

        y ~ Bernoulli(logit);
    }
}

/// The part of the patients that are referred to a person.
const REFERRED: f64 = 0.1;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (seed, folder) = arguments()?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/wdbc.csv");
    let target = Target::column("diagnosis").positive("malignant");
    let data = Dataset::from_csv(&file, target)?;
    let (train, test) = data.split(0.8, seed);

    let mut model = Model::new(Diagnosis::new(seed)).standardize();
    println!("{}", model.summary());
    let trainer = Trainer::new(Adam::new(3e-3))
        .epochs(400)
        .batch_size(64)
        .draws(2)
        .seed(seed);
    let history = trainer.fit(&mut model, &train)?;
    println!("trained on {} patients, {history}\n", train.rows());

    let prediction = model.predict(&test).draws(200).run()?;
    println!("on {} patients that it has not seen:", test.rows());
    println!("{}\n", prediction.evaluate(&test)?);

    println!("the five of whom it is least sure:");
    for patient in prediction.most_uncertain(5) {
        let line = test.place(patient.row).line().unwrap_or(0);
        println!("  line {line} of the file, {patient}");
    }
    println!(
        "  (aleatoric: the measurements do not tell; epistemic: the net has seen too little)\n"
    );

    let curve = prediction.referral_curve(&test)?;
    let referred = (REFERRED * test.rows() as f64).round() as usize;
    println!(
        "referring the least sure 10% ({referred} of {}) to a person: accuracy on the others {:.4} \
         instead of {:.4}\n",
        test.rows(),
        curve[referred].score,
        curve[0].score
    );

    std::fs::create_dir_all(&folder)?;
    let of =
        |value: fn(&Epoch) -> f64| -> Vec<f64> { history.epochs().iter().map(value).collect() };
    plot::reliability_diagram(
        &prediction.reliability(&test)?,
        folder.join("reliability.svg"),
    )?;
    plot::referral_curve(&curve, folder.join("referral.svg"))?;
    plot::elbo_curve(
        &of(|epoch| epoch.epoch as f64),
        &of(Epoch::elbo),
        &of(|epoch| epoch.log_likelihood),
        &of(|epoch| epoch.kl),
        folder.join("elbo.svg"),
    )?;
    model.save(folder.join("diagnosis.safetensors"))?;
    println!("plots and model: {}", folder.display());
    Ok(())
}

/// The seed and the folder for plots.
fn arguments() -> Result<(u64, PathBuf), Box<dyn std::error::Error>> {
    let mut seed = 42;
    let mut folder = PathBuf::from("target/diagnosis");
    let mut rest = std::env::args().skip(1);
    while let Some(argument) = rest.next() {
        if argument == "--folder" {
            folder = rest
                .next()
                .ok_or("--folder wants the name of a folder")?
                .into();
        } else {
            seed = argument
                .parse()
                .map_err(|_| format!("`{argument}` is no seed, a whole number"))?;
        }
    }
    Ok((seed, folder))
}
