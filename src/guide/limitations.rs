//! What the crate, and the method that it implements, do not do well.
//!
//! Read this before you rely on an uncertainty. Each limit comes with a computation where one
//! fits on half a page, so that you can change its numbers and look.
//!
//! # A mean field is too sure of itself
//!
//! The posterior of a net, unless it says otherwise, is a *mean field*: every weight has a Gaussian
//! of its own, independent of all others. The true posterior of two weights that can stand in for each other
//! is a narrow ridge. An axis-parallel Gaussian that is fitted by KL(q ‖ p), as the ELBO does,
//! must stay inside of the ridge, and so it becomes short.
//!
//! For a Gaussian posterior N(m, Λ⁻¹) with precision Λ the optimum is known: the means are right,
//! and the variance of weight i is 1/Λᵢᵢ, where the true one is (Λ⁻¹)ᵢᵢ, which is never smaller.
//! A linear regression with two inputs that measure nearly the same thing shows what that does:
//!
//! ```
//! // y = w₁ x₁ + w₂ x₂ + noise, with x₂ close to x₁; w ~ N(0, 1), noise ~ N(0, 0.5²).
//! let rows: Vec<[f64; 2]> = (0..20)
//!     .map(|i| f64::from(i) / 9.5 - 1.0)
//!     .map(|x| [x, x + 0.1 * (20.0 * x).sin()])
//!     .collect();
//!
//! // Λ = 1 + X'X / 0.5², and its inverse.
//! let sum = |j: usize, k: usize| rows.iter().map(|x| x[j] * x[k]).sum::<f64>() / 0.25;
//! let (a, b, c) = (1.0 + sum(0, 0), sum(0, 1), 1.0 + sum(1, 1));
//! let det = a * c - b * b;
//! let covariance = [[c / det, -b / det], [-b / det, a / det]];
//! let mean_field = [[1.0 / a, 0.0], [0.0, 1.0 / c]];
//!
//! // It is the optimum: KL(q ‖ p) = (Λ₁₁ s₁² + Λ₂₂ s₂²) / 2 - ln s₁ - ln s₂ + constant, at the
//! // right means, grows from there in each direction.
//! let kl = |s: [f64; 2]| (a * s[0] * s[0] + c * s[1] * s[1]) / 2.0 - s[0].ln() - s[1].ln();
//! let best = [a.recip().sqrt(), c.recip().sqrt()];
//! for factor in [[0.9, 1.0], [1.1, 1.0], [1.0, 0.9], [1.0, 1.1]] {
//!     assert!(kl([best[0] * factor[0], best[1] * factor[1]]) > kl(best));
//! }
//!
//! /// Standard deviation of w₁ x₁ + w₂ x₂.
//! fn std(s: [[f64; 2]; 2], x: [f64; 2]) -> f64 {
//!     (x[0] * x[0] * s[0][0] + 2.0 * x[0] * x[1] * s[0][1] + x[1] * x[1] * s[1][1]).sqrt()
//! }
//! let close = |found: f64, expected: f64| assert!((found - expected).abs() < 5e-4, "{found}");
//!
//! // One weight by itself: 0.655 in truth, 0.181 by mean field.
//! close(std(covariance, [1.0, 0.0]), 0.655);
//! close(std(mean_field, [1.0, 0.0]), 0.181);
//! // A row like the data, x₁ = x₂: too wide.
//! close(std(covariance, [1.0, 1.0]), 0.182);
//! close(std(mean_field, [1.0, 1.0]), 0.254);
//! // A row unlike any seen, x₁ = -x₂: far too narrow.
//! close(std(covariance, [1.0, -1.0]), 1.287);
//! close(std(mean_field, [1.0, -1.0]), 0.254);
//! ```
//!
//! The last line is the one to remember. A mean field knows what the data say about the
//! directions that they cover. Away from the data, where you would most like to be warned, its
//! band is too narrow, here five times. This is the optimum; no amount of training helps. That
//! training does find it, and not something else, is held by `tests/exact.rs`.
//!
//! What to do: where the layer is small, give it `posterior = FullCovariance`, which is exact here
//! (`tests/posteriors.rs` holds it to the evidence of such regressions), or a `LowRank` or
//! `MatrixNormal` one, which know the largest correlations. And whatever the posterior: standardize, drop or join inputs that repeat each other, compare with an ensemble
//! of nets from several seeds, and judge the uncertainty by held-out data from where you will use
//! the net, not by its own word. Source: Turner and Sahani (2011), *Two problems with variational
//! expectation maximisation for time-series models*; Foong et al. (2020), *On the expressiveness
//! of approximate inference in Bayesian neural networks*.
//!
//! # Wide nets on few rows learn nothing
//!
//! The loss weighs the KL of *all* weights against the log-likelihood of the rows. A weight has to
//! pay for being other than its prior, whether it is of use or not. With many more weights than
//! rows the cheapest net is the prior itself, which predicts the same for every row. The prices at
//! the start, of one layer between 400 and 400 units, with the default prior:
//!
//! ```
//! use elbo::bayes::Noise;
//! use elbo::layers::{LayerOptions, Linear};
//! use elbo::tape::Parameters;
//! use elbo::{Shape, Tape};
//!
//! let layer = Linear::new(Shape::new(&[400]), 400, LayerOptions::DEFAULT, Noise::new(0));
//! let tape = Tape::new();
//! let weight = layer.on(&tape).weight;
//! let kl = weight.prior.kl(weight.mu, *weight.rho().unwrap()).item();
//!
//! let rows = 455.0;
//! let a_coin = std::f32::consts::LN_2; // what guessing a yes or no costs, nats per row
//! assert!(kl / rows > 100.0 * a_coin);
//! ```
//!
//! No gain in likelihood can ever pay this, and training throws the weights away. When a run ends
//! with outputs that hardly differ between the rows, [`History::advice`](crate::train::History::advice)
//! says so, with the KL and the log-likelihood per row: try a narrower net, a prior that narrows
//! with the fan-in, more rows, or a KL weight below 1. The last one,
//! [`Trainer::kl_weight`](crate::train::Trainer::kl_weight), is no longer Bayes' rule; the crate
//! never does it unasked, and the file of the model records it.
//!
//! # There are several optima, and the seed chooses
//!
//! The hidden units of a net can be exchanged without changing what it computes, so the posterior
//! has at least as many modes as there are orders of the units. A mean field has one mode. Which
//! of them it settles in, depends on where it starts. The smallest net with this trouble has two
//! weights, y = w₁ w₂, and one row, y = 1:
//!
//! ```
//! use elbo::bayes::{Ledger, Noise, Pass, Posterior, Prior, Weight};
//! use elbo::optim::{Adam, Optimizer};
//! use elbo::tape::Parameters;
//! use elbo::{Tape, Tensor, dist::Normal};
//!
//! /// Both means after training from `start`.
//! fn train(start: f32) -> Vec<f32> {
//!     let start = Tensor::new([2], vec![start, start]);
//!     let mut w = Weight::new(start, Posterior::DEFAULT, Prior::normal(0.0, 1.0));
//!     let (mut tape, mut adam) = (Tape::new(), Adam::new(0.02));
//!     for step in 0..300 {
//!         let ledger = Ledger::default();
//!         let pass = Pass::new(&tape, &ledger, Noise::new(0).step(step));
//!         let theta = w.on(&tape).draw("w", &pass);
//!         let mean = theta.rows(&[0]) * theta.rows(&[1]);
//!         let y = Normal { mean, std: tape.scalar(0.1) };
//!         let log_likelihood = y.log_prob(tape.constant(&Tensor::full([1], 1.0))).sum();
//!         (pass.kl() - log_likelihood).backward();
//!         adam.step(&mut w, &mut tape);
//!     }
//!     w.mu.as_slice().to_vec()
//! }
//!
//! let (up, down) = (train(0.5), train(-0.5));
//! assert!(up.iter().all(|&w| w > 0.8));
//! assert!(down.iter().all(|&w| w < -0.8));
//! ```
//!
//! Both are equally good, and neither knows of the other: the spread that a prediction reports is
//! that of one mode. Report results over several seeds, as the spread between them is part of the
//! uncertainty. The same seed gives the same bits, which makes a result repeatable, not certain.
//!
//! # Draws cost
//!
//! A prediction with S draws computes S forward passes, each with weights of its own, and
//! training with S draws costs S steps. The error of the mean falls only with the root of S: 100
//! draws leave a tenth of the standard deviation of one draw, and one more digit costs a hundred
//! times the work.
//!
//! ```
//! use elbo::bayes::Noise;
//!
//! // How far the mean of 100 draws is from 0, over 400 repetitions, as a root mean square.
//! let squares: f64 = (0..400)
//!     .map(|repetition| {
//!         let mut draws = [0.0f64; 100];
//!         Noise::new(0).draw(repetition).fill_normal(&mut draws);
//!         (draws.iter().sum::<f64>() / 100.0).powi(2)
//!     })
//!     .sum();
//! let error = (squares / 400.0).sqrt();
//! // 0.1, up to four standard errors of a root of 400 squares: 0.1 / √800 each.
//! assert!((error - 0.1).abs() < 0.0142);
//! ```
//!
//! The extreme quantiles of a prediction are worse: of 100 draws, five lie below the 5% quantile.
//! One draw a step is usually enough to *train*; the noise of the gradient is smaller with
//! [`Estimator::Auto`](crate::bayes::Estimator::Auto).
//!
//! # Not every prior has a KL in closed form
//!
//! For Normal, Laplace and horseshoe priors the KL of a Gaussian posterior is exact. For
//! [`ScaleMixture`](crate::dist::ScaleMixture), the prior of the paper, for Student's t, Cauchy and
//! priors of your own it is estimated by `log q(theta) - log p(theta)` at the draws: unbiased, but
//! the loss is noisier, single terms can be negative, and every weight costs two log densities a
//! step.
//!
//! ```
//! use elbo::bayes::Prior;
//! assert!(Prior::normal(0.0, 1.0).has_closed_form());
//! assert!(Prior::laplace(0.0, 1.0).has_closed_form());
//! assert!(Prior::horseshoe(0.1).has_closed_form());
//! assert!(!Prior::scale_mixture(0.5, 1.0, 0.0025).has_closed_form());
//! assert!(!Prior::student_t(3.0, 0.0, 1.0).has_closed_form());
//! ```
//!
//! # Constants in a net are in scaled units
//!
//! [`Model::standardize`](crate::net::Model::standardize) scales inputs and real targets to mean 0
//! and standard deviation 1 by the training data, and predictions come back in your units. A
//! number that you write into the *net* is not scaled: with `y ~ Normal(mean, 0.1)` on prices with
//! a standard deviation of 50 000, the 0.1 means 5 000. The same holds for priors, and for
//! `learned(0.1)`, whose least value is 0.001 in the units of the net:
//!
//! ```
//! assert_eq!(elbo::layers::Learned::FLOOR, 0.001);
//! ```
//!
//! Counts and classes are never scaled.
//!
//! # Training is in f32
//!
//! A net at rest holds f32, and the [`Trainer`](crate::train::Trainer) computes in f32. That is
//! enough for gradients that are noisy anyway. It is not enough for data with large offsets, such
//! as times in seconds since 1970, unless they are standardized; a
//! [`Dataset`](crate::data::Dataset) holds f64 until then.
//!
//! ```
//! assert_eq!(1_700_000_001.0f64 as f32, 1_700_000_000.0f64 as f32); // the second is lost
//! ```
//!
//! The engine itself is generic: `net.cast::<f64>()` puts the same net on a tape of f64, which is
//! how its gradients are tested.
//!
//! # It runs on the processor
//!
//! There is no GPU. Products go through the crate matrixmultiply; nets of a few million weights
//! train in reasonable time, larger ones want another tool. Results are the same bits for any
//! number of threads of one build on one machine; another instruction set may differ in the last
//! place.
//!
//! # What is not there
//!
//! - **Layers**: [`linear`](crate::layers::Linear), [`conv1d`](crate::layers::Conv1d),
//!   [`conv2d`](crate::layers::Conv2d) and what you write yourself. No transposed convolution,
//!   recurrence, attention, embedding, normalisation, dropout.
//! - **Nets**: inputs are arrays of numbers. No latent variables, that is no `~` on a name that
//!   is no target.
//! - **Posteriors**: no correlations between the layers of a net, no flows, no Laplace
//!   approximation, no sampler.
//! - **Estimators**: local reparameterization is for a mean field alone.
//! - **Priors**: independent for every weight, but for a scale that is learned.
//! - **Optimizers**: Adam and SGD at a fixed learning rate. No schedules; early stopping is a few
//!   lines of yours, in [`Trainer::fit_with`](crate::train::Trainer::fit_with).
//! - **Data**: everything in memory. No missing values and no columns of categories as inputs.
//! - **Checkpoints**: a model can be saved, a training run in progress cannot.
