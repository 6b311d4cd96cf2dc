// What `bayes_net!` writes for this net; `macros/src/tests/expansion.rs` keeps it current.
//    /// Malignant or benign, from 30 measurements of cell nuclei.
//    pub net Diagnosis(x: [30]) -> y {
//        weights ~ ScaleMixture(pi: 0.25, sigma1: 1.0, sigma2: 0.2);
//        h1    = relu(linear(x, 16));
//        h2    = relu(linear(h1, 16));
//        logit = linear(h1 + h2, 1);
//        y ~ Bernoulli(logit);
//    }

/// Malignant or benign, from 30 measurements of cell nuclei.
#[derive(Clone, Debug)]
pub struct Diagnosis<T = ::elbo::Tensor> {
    /// `h1 = relu(linear(x, 16))`
    pub h1: ::elbo::layers::Linear<T>,
    /// `h2 = relu(linear(h1, 16))`
    pub h2: ::elbo::layers::Linear<T>,
    /// `logit = linear(h1 + h2, 1)`
    pub logit: ::elbo::layers::Linear<T>,
}

const _: () = {
    use ::elbo as __elbo;
    use ::elbo::tensor::check as __check;

    impl Diagnosis {
        /// A new net: its means are drawn from `seed`, its priors and
        /// posteriors are as declared.
        #[must_use]
        pub fn new(seed: u64) -> Self {
            let noise = __elbo::bayes::Noise::new(seed);
            let options = __elbo::layers::LayerOptions {
                weights: ::core::option::Option::Some(__elbo::bayes::Prior::scale_mixture(
                    0.25, 1.0, 0.2,
                )),
                ..__elbo::layers::LayerOptions::DEFAULT
            };
            let h1 = __elbo::layers::Linear::new(
                __check::shape(&SHAPE_OF_X),
                16,
                __elbo::layers::LayerOptions {
                    gain: __elbo::layers::Gain::Relu,
                    ..options
                },
                noise.at("h1"),
            );
            let h2 = __elbo::layers::Linear::new(
                __check::shape(&SHAPE_OF_H1),
                16,
                __elbo::layers::LayerOptions {
                    gain: __elbo::layers::Gain::Relu,
                    ..options
                },
                noise.at("h2"),
            );
            let logit = __elbo::layers::Linear::new(
                __check::shape(&SHAPE_IN_LOGIT_1),
                1,
                options,
                noise.at("logit"),
            );
            Diagnosis { h1, h2, logit }
        }
    }

    impl<T> __elbo::tape::Module<T> for Diagnosis<T> {
        type Of<U> = Diagnosis<U>;
        fn map<U>(
            &self,
            path: __elbo::tape::Path<'_>,
            f: &mut dyn ::core::ops::FnMut(__elbo::tape::Path<'_>, &T) -> U,
        ) -> Diagnosis<U> {
            Diagnosis {
                h1: __elbo::tape::Module::map(&self.h1, path.at("h1"), f),
                h2: __elbo::tape::Module::map(&self.h2, path.at("h2"), f),
                logit: __elbo::tape::Module::map(&self.logit, path.at("logit"), f),
            }
        }

        fn visit(
            &self,
            path: __elbo::tape::Path<'_>,
            f: &mut dyn ::core::ops::FnMut(__elbo::tape::Path<'_>, &T),
        ) {
            __elbo::tape::Module::visit(&self.h1, path.at("h1"), f);
            __elbo::tape::Module::visit(&self.h2, path.at("h2"), f);
            __elbo::tape::Module::visit(&self.logit, path.at("logit"), f);
        }

        fn visit_mut(
            &mut self,
            path: __elbo::tape::Path<'_>,
            f: &mut dyn ::core::ops::FnMut(__elbo::tape::Path<'_>, &mut T),
        ) {
            __elbo::tape::Module::visit_mut(&mut self.h1, path.at("h1"), f);
            __elbo::tape::Module::visit_mut(&mut self.h2, path.at("h2"), f);
            __elbo::tape::Module::visit_mut(&mut self.logit, path.at("logit"), f);
        }
    }

    impl<'t, S: __elbo::Scalar> __elbo::net::Net<'t, S> for Diagnosis<__elbo::Var<'t, S>> {
        type Output = __elbo::dist::Bernoulli<__elbo::Var<'t, S>>;
        /// The reparameterized forward pass, line by line as declared.
        fn forward(
            &self,
            inputs: &[__elbo::Var<'t, S>],
            pass: &__elbo::bayes::Pass<'_, 't, S>,
        ) -> Self::Output {
            let [x] = __elbo::net::split("Diagnosis", "inputs", ["x"], inputs);
            __elbo::net::check_rows("Diagnosis", "x", x, __check::shape(&SHAPE_OF_X));
            let h1 =
                pass.line(|| __elbo::layers::Forward::forward(&self.h1, x, &pass.at("h1")).relu());
            let h2 =
                pass.line(|| __elbo::layers::Forward::forward(&self.h2, h1, &pass.at("h2")).relu());
            let logit = pass
                .line(|| __elbo::layers::Forward::forward(&self.logit, h1 + h2, &pass.at("logit")));
            h1.end();
            h2.end();
            __elbo::dist::Bernoulli { logits: logit }
        }

        /// log p(y | x, theta), summed over the rows of the batch.
        fn log_likelihood(
            output: &Self::Output,
            targets: &[__elbo::Var<'t, S>],
        ) -> __elbo::Var<'t, S> {
            let [y] = __elbo::net::targets("Diagnosis", ["y"], targets);
            __elbo::net::check_rows("Diagnosis", "y", y.values, __check::shape(&SHAPE_OF_Y));
            y.sum(output.log_prob(y.values))
        }

        /// ELBO = E_q[log p(D | theta)] - KL(q || p), the expectation over
        /// the draws of `pass`.
        fn elbo(
            &self,
            inputs: &[__elbo::Var<'t, S>],
            targets: &[__elbo::Var<'t, S>],
            pass: &__elbo::bayes::Pass<'_, 't, S>,
        ) -> __elbo::bayes::Elbo<'t, S> {
            let log_likelihood = pass.over_draws(|pass| {
                Self::log_likelihood(&__elbo::net::Net::forward(self, inputs, pass), targets)
            });
            __elbo::bayes::Elbo {
                log_likelihood,
                kl: pass.kl(),
            }
        }
    }

    impl __elbo::net::BayesNet for Diagnosis {
        type On<'t, S: __elbo::Scalar> = Diagnosis<__elbo::Var<'t, S>>;
        type Output<T> = __elbo::dist::Bernoulli<T>;
        type Prediction = __elbo::predict::Predictive<__elbo::dist::Bernoulli>;
        const NAME: &'static str = "Diagnosis";
        fn fresh(seed: u64) -> Self {
            Diagnosis::new(seed)
        }

        fn map_on<'t, S: __elbo::Scalar>(
            &self,
            leaf: &mut dyn ::core::ops::FnMut(
                __elbo::tape::Path<'_>,
                &__elbo::Tensor,
            ) -> __elbo::Var<'t, S>,
        ) -> Self::On<'t, S> {
            __elbo::tape::Module::map(self, __elbo::tape::Path::ROOT, leaf)
        }

        fn output_values(
            output: &Self::Output<__elbo::Var<'_, f32>>,
        ) -> Self::Output<__elbo::Tensor> {
            __elbo::tape::Module::map(output, __elbo::tape::Path::ROOT, &mut |_, leaf| {
                leaf.value()
            })
        }

        /// One draw of every weight: a net of point weights.
        fn sample(&self, noise: __elbo::bayes::Noise) -> Self {
            Diagnosis {
                h1: __elbo::layers::Layer::sample(&self.h1, noise.at("h1")),
                h2: __elbo::layers::Layer::sample(&self.h2, noise.at("h2")),
                logit: __elbo::layers::Layer::sample(&self.logit, noise.at("logit")),
            }
        }

        /// What the net says of itself: inputs, targets, nodes and layers in order.
        fn describe(&self) -> __elbo::net::NetInfo {
            __elbo::net::NetInfo {
                name: "Diagnosis",
                inputs: ::core::convert::From::from([__elbo::net::InputInfo {
                    name: "x",
                    shape: __check::shape(&SHAPE_OF_X),
                    role: __elbo::net::InputRole::Feature,
                }]),
                targets: ::core::convert::From::from([__elbo::net::TargetInfo {
                    name: "y",
                    likelihood: <__elbo::dist::Bernoulli as __elbo::dist::Likelihood>::NAME,
                    distribution: "Bernoulli(logit)",
                    shape: __check::shape(&SHAPE_OF_Y),
                    support: <__elbo::dist::Bernoulli as __elbo::dist::Likelihood>::support(&[
                        __check::shape(&SHAPE_OF_LOGIT),
                    ]),
                }]),
                nodes: ::core::convert::From::from([
                    __elbo::net::NodeInfo {
                        name: "h1",
                        expression: "relu(linear(x, 16))",
                    },
                    __elbo::net::NodeInfo {
                        name: "h2",
                        expression: "relu(linear(h1, 16))",
                    },
                    __elbo::net::NodeInfo {
                        name: "logit",
                        expression: "linear(h1 + h2, 1)",
                    },
                ]),
                layers: ::core::convert::From::from([
                    __elbo::layers::LayerInfo {
                        expression: "relu(linear(x, 16))",
                        output: __check::shape(&SHAPE_OF_H1),
                        ..__elbo::layers::Layer::describe(&self.h1, "h1")
                    },
                    __elbo::layers::LayerInfo {
                        expression: "relu(linear(h1, 16))",
                        output: __check::shape(&SHAPE_OF_H2),
                        ..__elbo::layers::Layer::describe(&self.h2, "h2")
                    },
                    __elbo::layers::LayerInfo {
                        expression: "linear(h1 + h2, 1)",
                        output: __check::shape(&SHAPE_OF_LOGIT),
                        ..__elbo::layers::Layer::describe(&self.logit, "logit")
                    },
                ]),
            }
        }

        fn prediction(
            draws: Self::Output<__elbo::Tensor>,
            targets: ::std::vec::Vec<__elbo::net::TargetSchema>,
        ) -> Self::Prediction {
            let [y] = __elbo::net::one_each(Self::NAME, targets);
            __elbo::predict::Predictive::new(draws, y)
        }
    }

    const SHAPE_OF_X: __check::Checked = __check::declared("x", &[30]);
    const SHAPE_OF_H1: __check::Checked = match SHAPE_OF_X {
        ::core::result::Result::Ok(input) => __elbo::layers::Linear::shape(input, "x", 16),

        ::core::result::Result::Err(_) => __check::SILENT,
    };
    const SHAPE_OF_H2: __check::Checked = match SHAPE_OF_H1 {
        ::core::result::Result::Ok(input) => __elbo::layers::Linear::shape(input, "h1", 16),

        ::core::result::Result::Err(_) => __check::SILENT,
    };
    const SHAPE_IN_LOGIT_1: __check::Checked = match (SHAPE_OF_H1, SHAPE_OF_H2) {
        (::core::result::Result::Ok(first), ::core::result::Result::Ok(second)) => {
            __check::same(first, second, "add", "h1", "h2")
        }

        _ => __check::SILENT,
    };
    const SHAPE_OF_LOGIT: __check::Checked = match SHAPE_IN_LOGIT_1 {
        ::core::result::Result::Ok(input) => __elbo::layers::Linear::shape(input, "h1 + h2", 1),

        ::core::result::Result::Err(_) => __check::SILENT,
    };
    const SHAPE_OF_Y: __check::Checked = match SHAPE_OF_LOGIT {
        ::core::result::Result::Ok(input) => __check::parameters("Bernoulli", &[input], &["logit"]),

        ::core::result::Result::Err(_) => __check::SILENT,
    };
    #[allow(dead_code, non_upper_case_globals)]
    {
        const x: () = __check::report(&SHAPE_OF_X);
        const h1: () = __check::report(&SHAPE_OF_H1);
        const h2: () = __check::report(&SHAPE_OF_H2);
        const logit: () = {
            __check::report(&SHAPE_IN_LOGIT_1);
            __check::report(&SHAPE_OF_LOGIT);
        };
        const y: () = __check::report(&SHAPE_OF_Y);
    }
};
