//! A summary says what a model is, in lines that fit a terminal.

use elbo::bayes_net;
use elbo::data::{Dataset, Target};
use elbo::net::Model;
use elbo::optim::Adam;
use elbo::train::Trainer;

bayes_net! {
    net Wine(x: [3]) -> (price, colour) {
        biases ~ Laplace(0, 1);
        h = relu(linear(x, 16));
        mean = linear(h, 1, estimator = LocalReparam);
        std = learned(0.5);
        wide = std * (1 + square(softplus(mean)));
        logit = linear(h, 1, posterior = Point);
        price ~ Normal(mean, wide);
        colour ~ Bernoulli(logit);
    }
}

fn data() -> Dataset {
    let column = |factor: f64| {
        (0..20)
            .map(|row| f64::from(row) * factor)
            .collect::<Vec<_>>()
    };
    let colour = (0..20).map(|row| if row % 3 == 0 { "red" } else { "white" });
    Dataset::builder()
        .column("acid", column(0.1))
        .column("sugar", column(2.0))
        .column("alcohol", column(0.5))
        .target("price", column(1.5))
        .labels(Target::column("colour").positive("red"), colour)
        .build()
        .unwrap()
}

#[test]
fn a_new_model_shows_its_declaration_and_the_defaults() {
    let model = Model::new(Wine::new(1)).standardize();
    assert_eq!(
        model.summary().to_string(),
        "\
net Wine: 99 weights and biases, 180 parameters to train

node   declaration                             output  weights  parameters
--------------------------------------------------------------------------
h      relu(linear(x, 16))                     [16]         64         128
mean   linear(h, 1, estimator = LocalReparam)  [1]          17          34
std    learned(0.5)                            []            1           1
wide   std * (1 + square(softplus(mean)))
logit  linear(h, 1, posterior = Point)         [1]          17          17
--------------------------------------------------------------------------
total                                                       99         180

inputs      x: [3], to be standardized by the first training
targets     price ~ Normal(mean, wide), [1]: a real number, to be standardized by the first
            training
            colour ~ Bernoulli(logit), [1]: 0 or 1

prior       h: weights ~ Normal(0, 0.5774), biases ~ Laplace(0, 1)
            mean: weights ~ Normal(0, 0.25), biases ~ Laplace(0, 1)
            std, logit: none
posterior   h, mean: MeanField
            std, logit: Point
estimator   h, logit: WeightReparam
            mean: LocalReparam

training    none yet
defaults    weights ~ Normal(0, 1/sqrt(fan_in)), biases ~ Normal(0, 1), KL weight 1
            posterior MeanField(init_std: 0.05), estimator WeightReparam
            means start by He before relu, by Glorot elsewhere; predict: 100 draws, seed 0
"
    );
}

#[test]
fn a_trained_model_shows_its_data_and_its_training() {
    let mut model = Model::new(Wine::new(1)).standardize();
    let trainer = Trainer::new(Adam::new(0.01)).epochs(300).batch_size(5);
    trainer
        .draws(2)
        .seed(9)
        .quiet()
        .fit(&mut model, &data())
        .unwrap();
    let page = model.summary().to_string();
    let record = model.record().unwrap();
    let (log_likelihood, kl) = (record.log_likelihood, record.kl);
    let elbo = log_likelihood - kl;
    for part in [
        "\
inputs      x: [3], standardized; from `acid`, `sugar`, `alcohol`
targets     price ~ Normal(mean, wide), [1]: a real number, standardized; from `price`
            colour ~ Bernoulli(logit), [1]: 0 or 1; from `colour`; classes \"white\", \"red\"
",
        &format!(
            "
training    300 epochs, 1,200 steps of 5 rows, 20 in all; 2 draws a step, seed 9, KL weight 1
            last epoch: ELBO {elbo:+.4} = log-likelihood {log_likelihood:+.4} - KL {kl:.4} nats per row
"
        ),
    ] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    assert!(page.lines().all(|line| line.len() < 100), "{page}");
}

bayes_net! {
    net Picked(x: [1, 4]) -> y {
        estimator = Auto;
        c = conv1d(x, 2, kernel: 2);
        mean = linear(flatten(c), 1);
        extra = linear(flatten(c), 1, estimator = Flipout);
        y ~ Normal(mean + extra, 0.1);
    }
}

#[test]
fn a_summary_says_which_estimator_auto_picked() {
    let page = Model::new(Picked::new(1)).summary().to_string();
    let told = "\
estimator   c: Flipout, picked by Auto
            mean: LocalReparam, picked by Auto
            extra: Flipout
";
    assert!(page.contains(told), "{page}");
}
