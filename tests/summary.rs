//! A summary says what a model is, in lines that fit a terminal.

#[path = "model_file/nets.rs"]
#[allow(dead_code)] // a part of the declarations
mod nets;

use elbo::data::Dataset;
use elbo::net::{BayesNet, Model};
use elbo::optim::Adam;
use elbo::train::Trainer;
use nets::{BASE, Wine};

#[test]
fn show() {
    println!("{}", Model::new(Wine::<BASE>::new(1)).summary());
    let rows: Vec<[f64; 3]> = (0..24)
        .map(|i| [i as f64, (i * i) as f64, 3.0 - i as f64])
        .collect();
    let y: Vec<f64> = rows.iter().map(|row| row[0] / 3.0).collect();
    let data = Dataset::from_rows(&rows, &y).unwrap();
    let mut model = Model::new(Wine::<BASE>::new(1)).standardize();
    Trainer::new(Adam::new(0.01))
        .epochs(400)
        .batch_size(8)
        .quiet()
        .fit(&mut model, &data)
        .unwrap();
    println!("{}", model.summary());
    println!(
        "{}",
        Model::new(Wine::<{ nets::EVERYTHING }>::new(1)).summary()
    );
}
