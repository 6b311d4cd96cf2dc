//! Training depends on data, settings and seed alone; what goes wrong is told, and nothing that
//! was learned is lost.

use std::ops::ControlFlow;

use elbo::bayes::{Ledger, MinibatchWeighting, Noise, Pass};
use elbo::data::Dataset;
use elbo::dist::Normal;
use elbo::layers::Learned;
use elbo::net::{BayesNet, Model, Net, TrainingRecord};
use elbo::optim::{Adam, Optimizer, Sgd};
use elbo::predict::Predictive;
use elbo::tape::{Parameters, Path};
use elbo::train::{Epoch, History, Trainer};
use elbo::{Error, Scalar, Tape, Tensor, Var, bayes_net};

bayes_net! {
    /// A line with noise of a learned scale.
    net Line(x: [2]) -> y {
        h = tanh(linear(x, 8));
        mean = linear(h, 1);
        std = learned(0.5);
        y ~ Normal(mean, std);
    }
}

bayes_net! {
    /// Noise for every row, and a prior without a closed form.
    net Noisy(x: [2]) -> y {
        weights ~ ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.1);
        estimator = LocalReparam;
        h = relu(linear(x, 8));
        mean = linear(h, 1);
        y ~ Normal(mean, 0.3);
    }
}

bayes_net! {
    /// Wide, for few rows.
    net Wide(x: [1]) -> y {
        h1 = relu(linear(x, 512));
        h2 = relu(linear(h1, 512));
        f = linear(h2, 1);
        y ~ Normal(f, 0.1);
    }
}

bayes_net! {
    /// The same for few rows, as the advice has it.
    net Narrow(x: [1]) -> y {
        h1 = tanh(linear(x, 16));
        f = linear(h1, 1);
        y ~ Normal(f, 0.1);
    }
}

bayes_net! {
    /// The line with point weights, which have no spread of their own.
    net PointLine(x: [2]) -> y {
        posterior = Point;
        h = tanh(linear(x, 8));
        mean = linear(h, 1);
        std = learned(0.5);
        y ~ Normal(mean, std);
    }
}

bayes_net! {
    /// Large enough for products that are cut for several threads.
    net Image(x: [784]) -> y {
        h = relu(linear(x, 400));
        mean = linear(h, 1);
        y ~ Normal(mean, 0.5);
    }
}

fn line(rows: usize) -> Dataset {
    let number = |i: usize, salt: f64| (i as f64 * salt).sin();
    let x: Vec<f64> = (0..rows).map(|i| number(i, 1.3)).collect();
    let z: Vec<f64> = (0..rows).map(|i| number(i, 0.7)).collect();
    let y: Vec<f64> = x.iter().zip(&z).map(|(x, z)| x - 0.5 * z).collect();
    Dataset::builder()
        .column("x", x)
        .column("z", z)
        .target("y", y)
        .build()
        .unwrap()
}

fn parameters<N: BayesNet>(model: &Model<N>) -> Vec<(String, Tensor)> {
    let mut all = vec![];
    model.net().visit(Path::ROOT, &mut |path, leaf| {
        all.push((path.to_string(), leaf.clone()));
    });
    all
}

fn fit<N: BayesNet>(trainer: &Trainer<impl Optimizer>, rows: usize) -> (Model<N>, History) {
    let mut model = Model::new(N::fresh(3)).standardize();
    let history = trainer.fit(&mut model, &line(rows)).unwrap();
    (model, history)
}

fn short() -> Trainer<Adam> {
    Trainer::new(Adam::new(1e-2))
        .epochs(3)
        .batch_size(16)
        .draws(2)
        .seed(5)
        .quiet()
}

/// What `f` gives on a pool of so many threads.
fn on_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(f)
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let run = |threads: usize| {
        on_threads(threads, || {
            (fit::<Line>(&short(), 65), fit::<Noisy>(&short(), 65))
        })
    };
    let ((line, line_history), (noisy, noisy_history)) = run(1);
    for threads in [2, 7] {
        let ((other_line, a), (other_noisy, b)) = run(threads);
        assert_eq!(parameters(&line), parameters(&other_line));
        assert_eq!(parameters(&noisy), parameters(&other_noisy));
        assert_eq!((&line_history, &noisy_history), (&a, &b));
    }
}

/// Products of this size are cut into blocks for the pool.
#[test]
fn the_bits_of_large_products_do_not_depend_on_the_number_of_threads() {
    let columns: Vec<Vec<f64>> = (0..784)
        .map(|c| (0..256).map(|r| f64::from(c * 31 + r * 7).sin()).collect())
        .collect();
    let y: Vec<f64> = columns[3].iter().map(|x| x * 2.0).collect();
    let mut builder = Dataset::builder();
    for (c, column) in columns.into_iter().enumerate() {
        builder = builder.column(format!("x{c}"), column);
    }
    let data = builder.target("y", y).build().unwrap();
    let trainer = Trainer::new(Adam::new(1e-3))
        .epochs(1)
        .batch_size(128)
        .quiet();
    let run = |threads: usize| {
        on_threads(threads, || {
            let mut model = Model::new(Image::new(3));
            let history = trainer.fit(&mut model, &data).unwrap();
            assert_eq!(model.record().unwrap().steps, 2);
            (parameters(&model), history)
        })
    };
    let one = run(1);
    for threads in [2, 7] {
        assert!(one == run(threads), "{threads} threads train otherwise");
    }
}

/// A B and, on the way back, products of their transposes: m k n is far above the 2^21
/// multiplications from which a product is cut.
#[test]
fn the_bits_of_a_product_do_not_depend_on_the_number_of_threads() {
    fn product<S: Scalar>([m, k, n]: [usize; 3]) -> [Tensor<S>; 3] {
        let numbers = |rows: usize, columns: usize, salt: f64| {
            Tensor::from_fn([rows, columns], |i| S::of((i as f64 * 0.37 + salt).sin()))
        };
        let tape = Tape::new();
        let a = tape.parameter(&numbers(m, k, 0.1));
        let b = tape.parameter(&numbers(k, n, 0.2));
        let y = a.matmul(b).retain();
        (y * y).sum().backward();
        [y.value(), a.grad(), b.grad()]
    }
    for sizes in [[128, 784, 400], [400, 257, 131], [1031, 64, 65]] {
        let run = |threads| on_threads(threads, || (product::<f32>(sizes), product::<f64>(sizes)));
        let one = run(1);
        for threads in [2, 7] {
            assert!(one == run(threads), "{sizes:?}: {threads} threads");
        }
    }
}

#[test]
fn a_seed_fixes_the_run_and_another_changes_it() {
    let (model, history) = fit::<Line>(&short(), 50);
    let (again, same) = fit::<Line>(&short(), 50);
    assert_eq!((parameters(&model), &history), (parameters(&again), &same));
    let (other, _) = fit::<Line>(&short().seed(6), 50);
    assert_ne!(parameters(&model), parameters(&other));
}

#[test]
fn the_last_batch_may_have_any_size() {
    for (rows, size) in [(65, 64), (65, 1), (64, 64), (7, 3), (1, 1)] {
        for weighting in [MinibatchWeighting::Uniform, MinibatchWeighting::Blundell] {
            let trainer = short().batch_size(size).minibatch_weighting(weighting);
            let (model, history) = fit::<Line>(&trainer, rows);
            assert_eq!(history.epochs().len(), 3);
            assert!(history.last().unwrap().elbo().is_finite());
            let record = model.record().unwrap();
            assert_eq!(record.steps as usize, 3 * rows.div_ceil(size));
        }
    }
    // Nobody named a batch size: all rows are one batch if there are few.
    let trainer = Trainer::new(Sgd::new(1e-2).momentum(0.9)).epochs(2).quiet();
    let (model, _) = fit::<Line>(&trainer, 5);
    assert_eq!(model.record().unwrap().batch_size, 5);
}

/// What a step showed.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    place: (u64, usize, usize, usize),
    log_likelihood: f64,
    gradient_norm: f64,
    ended: Option<Epoch>,
    record: Option<TrainingRecord>,
    parameters: Vec<(String, Tensor)>,
}

/// Trains on 50 rows in batches of 16, 16, 16 and 2, up to step `last`.
fn watched<N: BayesNet>(last: u64) -> (Model<N>, History, Vec<Shown>) {
    let mut model = Model::new(N::fresh(3)).standardize();
    let mut shown = vec![];
    let history = short().fit_with(&mut model, &line(50), |step| {
        shown.push(Shown {
            place: (step.step, step.epoch, step.batch, step.batches),
            log_likelihood: step.log_likelihood,
            gradient_norm: step.gradient_norm,
            ended: step.ended,
            record: step.model.record().cloned(),
            parameters: parameters(step.model),
        });
        if step.step < last {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    (model, history.unwrap(), shown)
}

#[test]
fn who_watches_the_steps_changes_no_bit() {
    let (model, history) = fit::<Line>(&short(), 50);
    let (watched_model, watched_history, shown) = watched::<Line>(u64::MAX);
    assert_eq!(parameters(&model), parameters(&watched_model));
    assert_eq!(history, watched_history);
    assert_eq!(model.record(), watched_model.record());

    let places: Vec<_> = shown.iter().map(|step| step.place).collect();
    let expected = (0..12).map(|i| (i as u64 + 1, i / 4 + 1, i % 4 + 1, 4));
    assert_eq!(places, expected.collect::<Vec<_>>());
    let ended: Vec<_> = shown.iter().filter_map(|step| step.ended).collect();
    assert_eq!(ended, history.epochs());
    assert!(shown.iter().all(|s| s.ended.is_some() == (s.place.2 == 4)));
}

#[test]
fn a_run_that_is_stopped_tells_of_what_ran() {
    let (_, whole_history, whole) = watched::<Noisy>(u64::MAX);
    for last in [1, 2, 4, 7, 8, 12] {
        let (model, history, shown) = watched::<Noisy>(last);
        assert_eq!(shown, whole[..last as usize], "the same up to step {last}");
        assert_eq!(parameters(&model), shown.last().unwrap().parameters);

        let epochs = (last as usize).div_ceil(4);
        let (ended, end) = history.epochs().split_at(epochs - 1);
        assert_eq!(ended, &whole_history.epochs()[..epochs - 1]);
        let record = model.record().unwrap();
        assert_eq!((record.epochs, record.steps), (epochs, last));
        if last % 4 == 0 {
            assert_eq!(shown.last().unwrap().record.as_ref(), Some(record));
        }

        // The last epoch is the mean over the rows, or the batches, that it went over.
        let steps = &shown[4 * (epochs - 1)..];
        let rows = |step: &Shown| if step.place.2 == 4 { 2.0 } else { 16.0 };
        let all_rows: f64 = steps.iter().map(rows).sum();
        let of_rows = |step| rows(step) * step.log_likelihood;
        let log_likelihood = steps.iter().map(of_rows).sum::<f64>() / all_rows;
        let norms: f64 = steps.iter().map(|step| step.gradient_norm).sum();
        let [end] = end else { panic!("{end:?}") };
        // f64 sums of at most four numbers
        let near = |a: f64, b: f64| (a - b).abs() <= 8.0 * f64::EPSILON * b.abs();
        assert!(near(end.log_likelihood, log_likelihood), "{end:?}");
        assert!(
            near(end.gradient_norm, norms / steps.len() as f64),
            "{end:?}"
        );
        assert_eq!(
            (end.log_likelihood, end.kl),
            (record.log_likelihood, record.kl)
        );
    }
}

/// In closed form, as it is for `Line`, the KL is a function of the parameters alone.
#[test]
fn a_run_that_is_stopped_amid_an_epoch_tells_the_kl_of_its_last_parameters() {
    for last in [1, 3, 6] {
        let (model, history, _) = watched::<Line>(last);
        let tape = Tape::new();
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, Noise::new(9));
        let net = model.net().on(&tape);
        net.forward(&[tape.constant(&Tensor::zeros([1, 2]))], &pass);
        let kl = f64::from(pass.kl().item()) / 50.0;
        // The same f32 sums, which may be added up in another order.
        let told = history.last().unwrap().kl;
        assert!(
            (told - kl).abs() <= 1e-6 * kl,
            "{told} after step {last}, not {kl}"
        );
    }
}

#[test]
fn training_raises_the_elbo() {
    let trainer = short().epochs(150);
    let (_, history) = fit::<Line>(&trainer, 200);
    let (first, last) = (history.epochs()[0], history.last().unwrap());
    assert!(last.elbo() > first.elbo() + 1.0, "{first} to {last}");
    assert!((last.elbo() - (last.log_likelihood - last.kl)).abs() < 1e-15);
    assert_eq!(history.advice(), [""; 0]);
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let data = line(20);
    let refused = |trainer: Trainer<Adam>, wanted: &str| {
        let mut model = Model::new(Line::new(1));
        let before = parameters(&model);
        let error = trainer.quiet().fit(&mut model, &data).unwrap_err();
        assert!(matches!(error, Error::Setting { .. }), "{error}");
        assert_eq!(error.to_string(), wanted);
        assert_eq!(parameters(&model), before);
    };
    let adam = || Trainer::new(Adam::new(1e-3));
    let positive = "needed a number above 0";
    refused(adam().epochs(0), &format!("epochs = 0: {positive}"));
    refused(adam().draws(0), &format!("draws = 0: {positive}"));
    refused(adam().batch_size(0), &format!("batch_size = 0: {positive}"));
    refused(
        adam().batch_size(21),
        "batch_size = 21: needed at most 20, the rows of the data; leave it out for a fitting default",
    );
    refused(
        adam().kl_weight(-0.5),
        "kl_weight = -0.5: needed a number from 0 on that is finite in f32, in which training runs",
    );
    for rate in [0.0, -1e-3, f64::NAN, f64::INFINITY] {
        let wanted = format!("learning_rate = {rate}: needed a finite number above 0");
        refused(Trainer::new(Adam::new(rate)), &wanted);
    }
    for rate in [1e-50, 1e39] {
        let wanted = format!(
            "learning_rate = {rate}: needed a number that is finite and above 0 in f32, in which \
             training runs"
        );
        refused(Trainer::new(Adam::new(rate)), &wanted);
    }
    refused(
        Trainer::new(Adam::new(1e-3).betas([0.9, 1.0])),
        "beta2 = 1: needed a number in [0, 1)",
    );
}

#[test]
fn a_run_that_diverges_stops_with_the_place_and_keeps_finite_parameters() {
    for rate in [1e6, 1e20, 1e38] {
        let mut model = Model::new(Line::new(1)).standardize();
        let trainer = Trainer::new(Sgd::new(rate)).epochs(50).quiet();
        let error = trainer.fit(&mut model, &line(40)).unwrap_err();
        let Error::Diverged {
            epoch, batch, step, ..
        } = &error
        else {
            panic!("{error}")
        };
        assert!(*epoch >= 1 && *batch >= 1 && *step >= 1);
        for (path, leaf) in parameters(&model) {
            assert!(
                leaf.as_slice().iter().all(|v| v.is_finite()),
                "{path} after {error}"
            );
        }
    }
}

/// 0, with an infinite slope.
fn cusp<'t, S: Scalar>(x: Var<'t, S>) -> Var<'t, S> {
    (x - x.detach()).sqrt()
}

bayes_net! {
    net Cusp(x: [2]) -> y {
        h = linear(x, 1);
        r = crate::cusp(h);
        mean = linear(r, 1);
        y ~ Normal(mean, 0.1);
    }
}

#[test]
fn a_gradient_that_is_not_finite_is_traced_to_its_operation() {
    let mut model = Model::new(Cusp::new(1));
    let error = short().fit(&mut model, &line(20)).unwrap_err();
    let text = error.to_string();
    let wanted = "epoch 1, batch 1 (step 1): the gradient of `h.weight.mu` is not finite, first \
                  in `sqrt`, in or after layer `h` (tests/train.rs:";
    assert!(text.starts_with(wanted), "{text}");
    assert!(
        parameters(&model)
            .iter()
            .all(|(_, leaf)| leaf.as_slice().iter().all(|v| v.is_finite()))
    );
}

#[test]
fn data_that_does_not_fit_the_net_is_refused() {
    let mut model = Model::new(Narrow::new(1));
    let error = short().fit(&mut model, &line(20)).unwrap_err();
    assert!(matches!(error, Error::Mismatch { .. }), "{error}");
    let empty = line(20).select(&[]);
    let error = short()
        .fit(&mut Model::new(Line::new(1)), &empty)
        .unwrap_err();
    assert!(matches!(error, Error::Empty { .. }), "{error}");
}

/// The likelihood of a constant target has no maximum: it grows as the scale falls. Point weights
/// follow it down to the floor, and not below; a mean field stops where the spread of its own
/// weights is as large as the scale.
#[test]
fn a_constant_target_sends_the_scale_to_its_floor_and_no_further() {
    fn scale<N: BayesNet<Prediction = Predictive<Normal>>>(
        epochs: usize,
        learned: impl Fn(&N) -> &Learned,
    ) -> f64 {
        let x: Vec<f64> = (0..32).map(|i| f64::from(i) / 16.0 - 1.0).collect();
        let data = Dataset::builder()
            .column("x", x.clone())
            .column("z", x)
            .target("y", vec![4.0; 32])
            .build()
            .unwrap();
        let mut model = Model::new(N::fresh(1)).standardize();
        let trainer = Trainer::new(Adam::new(1e-2)).epochs(epochs).quiet();
        let history = trainer.fit(&mut model, &data).unwrap();
        for epoch in history.epochs() {
            assert!(
                epoch.elbo().is_finite() && epoch.gradient_norm.is_finite(),
                "{epoch}"
            );
        }
        let prediction = model.predict(&data).draws(20).run().unwrap();
        for (mean, std) in prediction.mean().iter().zip(prediction.std()) {
            assert!((mean - 4.0).abs() < 0.1, "{mean}");
            // f32 rounds the floor.
            assert!(std >= Learned::FLOOR * (1.0 - 1e-6), "{std}");
        }
        let raw = f64::from(learned(model.net()).raw.item());
        Learned::FLOOR + raw.exp().ln_1p()
    }
    let point = scale::<PointLine>(5000, |net| &net.std);
    assert!(point < 1.1 * Learned::FLOOR, "{point}");
    let mean_field = scale::<Line>(2000, |net| &net.std);
    assert!(
        mean_field > 2.0 * Learned::FLOOR && mean_field < 0.1,
        "{mean_field}"
    );
}

fn sine() -> Dataset {
    let x: Vec<f64> = (0..40).map(|i| -3.0 + 6.0 * f64::from(i) / 39.0).collect();
    let y: Vec<f64> = x.iter().map(|x| x.sin()).collect();
    Dataset::builder()
        .column("x", x)
        .target("y", y)
        .build()
        .unwrap()
}

/// Root mean square of the residuals of the predicted mean over the standard deviation of the
/// target. The mean over 100 draws differs from that of the mean net by what the net is not sure
/// of; the bounds below leave room for it.
fn residual<N: BayesNet<Prediction = Predictive<Normal>>>(model: &Model<N>, data: &Dataset) -> f64 {
    let y = data.column("y").unwrap();
    let mean = model.predict(data).draws(100).seed(1).run().unwrap().mean();
    let n = y.len() as f64;
    let average = y.iter().sum::<f64>() / n;
    let squares = |f: &dyn Fn(usize) -> f64| (0..y.len()).map(|i| f(i).powi(2)).sum::<f64>();
    (squares(&|i| y[i] - mean[i]) / squares(&|i| y[i] - average)).sqrt()
}

#[test]
fn a_net_too_wide_for_its_rows_fits_or_says_why_it_did_not() {
    let data = sine();
    let mut wide = Model::new(Wide::new(1)).standardize();
    let trainer = Trainer::new(Adam::new(3e-3)).epochs(60).quiet();
    let history = trainer.fit(&mut wide, &data).unwrap();
    let residual_wide = residual(&wide, &data);
    match history.advice().first() {
        None => assert!(residual_wide < 0.3, "no advice, and yet {residual_wide}"),
        Some(advice) => {
            let last = history.last().unwrap();
            for figure in [last.kl, last.log_likelihood] {
                assert!(advice.contains(&format!("{figure:.3}")), "{advice}");
            }
        }
    }
    // As advised.
    let mut narrow = Model::new(Narrow::new(1)).standardize();
    let trainer = Trainer::new(Adam::new(1e-2)).epochs(1500).quiet();
    trainer.fit(&mut narrow, &data).unwrap();
    let residual = residual(&narrow, &data);
    assert!(residual < 0.3, "{residual}");
}

bayes_net! {
    /// A target of two axes, by a function of the user's own.
    net Square(x: [2]) -> y {
        h = linear(x, 4);
        mean = self::square(h) -> [2, 2];
        y ~ Normal(mean, 0.5);
    }
}

fn square<'t, S: elbo::Scalar>(x: elbo::Var<'t, S>) -> elbo::Var<'t, S> {
    let rows = x.shape().dim(0);
    x.reshape([rows, 2, 2])
}

#[test]
fn a_target_has_the_shape_that_the_net_declares() {
    use elbo::data::Target;
    let file = "a,b,p,q,r,s\n0.1,0.3,1,2,3,4\n0.2,0.1,2,3,4,5\n0.3,0.2,4,3,2,1\n";
    let targets = Target::columns(["p", "q", "r", "s"]).named("y");
    let data = Dataset::from_csv_reader(file.as_bytes(), "square.csv", targets).unwrap();
    let mut model = Model::new(Square::new(1)).standardize();
    let trainer = Trainer::new(Adam::new(1e-2)).epochs(2).quiet();
    assert!(
        trainer
            .fit(&mut model, &data)
            .unwrap()
            .last()
            .unwrap()
            .elbo()
            .is_finite()
    );
}

bayes_net! {
    /// The exponential of a number of some hundreds is infinite in f32.
    net Explodes(x: [2]) -> y {
        h = linear(x, 4, posterior = Point);
        mean = linear(exp(1e4 * h), 1, posterior = Point);
        y ~ Normal(mean, 0.5);
    }
}

#[test]
fn a_loss_that_is_not_finite_is_told_with_the_operation_and_the_layer() {
    let mut model = Model::new(Explodes::new(1)).standardize();
    let error = short().fit(&mut model, &line(20)).unwrap_err();
    let wanted = "epoch 1, batch 1 (step 1): the loss is not finite, \
                  first in `exp`, in or after layer `h` (tests/train.rs:";
    assert!(error.to_string().starts_with(wanted), "{error}");
}

/// A function that forgets the way back.
fn severed<S: Scalar>(x: Var<'_, S>) -> Var<'_, S> {
    x.detach()
}

bayes_net! {
    /// Noise of a scale that cannot be learned.
    net Severed(x: [2]) -> y {
        mean = linear(x, 1);
        std = learned(0.5);
        spread = crate::severed(std);
        y ~ Normal(mean, spread);
    }
}

#[test]
fn a_parameter_that_no_gradient_reaches_is_told_by_name() {
    let mut model = Model::new(Severed::new(1)).standardize();
    let history = short().fit(&mut model, &line(20)).unwrap();
    let wanted = "no gradient reached std.raw: the loss does not depend on them, or a function of \
                  your own does not pass gradients on";
    assert!(
        history.advice().iter().any(|advice| advice == wanted),
        "{:?}",
        history.advice()
    );
}
