//! The same small net, declared in ways that differ in one thing each, and in all.

pub(crate) use base::Wine;

macro_rules! declared {
    ($($module:ident { $($net:tt)* })*) => {$(
        pub(crate) mod $module {
            elbo::bayes_net! { $($net)* }
        }
    )*};
}

declared! {
    base {
        pub net Wine(x: [3]) -> y {
            h = relu(linear(x, 4));
            mean = linear(h, 1);
            std = learned(0.5);
            y ~ Normal(mean, std);
        }
    }
    prior {
        pub net Wine(x: [3]) -> y {
            h = relu(linear(x, 4, weights ~ Normal(0, 0.25)));
            mean = linear(h, 1);
            std = learned(0.5);
            y ~ Normal(mean, std);
        }
    }
    prior_from_settings {
        pub net Wine(x: [3]) -> y {
            weights ~ Normal(0, 0.25);
            h = relu(linear(x, 4));
            mean = linear(h, 1, weights ~ Normal(0, 0.5));
            std = learned(0.5);
            y ~ Normal(mean, std);
        }
    }
    posterior {
        pub net Wine(x: [3]) -> y {
            posterior = Point;
            h = relu(linear(x, 4));
            posterior = MeanField;
            mean = linear(h, 1);
            std = learned(0.5);
            y ~ Normal(mean, std);
        }
    }
    families {
        pub net Wine(x: [3]) -> y {
            weights ~ Normal(0, learned(0.3));
            biases ~ Horseshoe(0.5);
            h = relu(linear(x, 4, posterior = MatrixNormal));
            mean = linear(h, 1, posterior = FullCovariance);
            rest = linear(h, 1, posterior = LowRank(rank: 2));
            more = linear(h, 1, posterior = Radial);
            std = learned(0.5);
            y ~ Normal(mean + rest + more, std);
        }
    }
    estimator {
        pub net Wine(x: [3]) -> y {
            h = relu(linear(x, 4));
            estimator = LocalReparam;
            mean = linear(h, 1);
            std = learned(0.5);
            y ~ Normal(mean, std);
        }
    }
    activation {
        pub net Wine(x: [3]) -> y {
            h = tanh(linear(x, 4));
            mean = linear(h, 1);
            std = learned(0.5);
            y ~ Normal(mean, std);
        }
    }
    likelihood {
        pub net Wine(x: [3]) -> y {
            h = relu(linear(x, 4));
            mean = linear(h, 1);
            std = learned(0.5);
            y ~ Poisson(mean * std);
        }
    }
    width {
        pub net Wine(x: [3]) -> y {
            h = relu(linear(x, 6));
            mean = linear(h, 1);
            std = learned(0.5);
            y ~ Normal(mean, std);
        }
    }
    deeper {
        pub net Wine(x: [3]) -> y {
            h = relu(linear(x, 4));
            h2 = tanh(linear(h, 4));
            mean = linear(h2, 1);
            std = learned(0.5);
            y ~ Normal(mean, std);
        }
    }
    name {
        pub net Cellar(x: [3]) -> y {
            h = relu(linear(x, 4));
            mean = linear(h, 1);
            std = learned(0.5);
            y ~ Normal(mean, std);
        }
    }
    transformed {
        pub net Wine(x: [3]) -> y {
            h = relu(linear(x, 4));
            squashed = tanh(h);
            mean = linear(squashed, 1);
            std = learned(0.5);
            y ~ Normal(mean, std);
        }
    }
    transformed_otherwise {
        pub net Wine(x: [3]) -> y {
            h = relu(linear(x, 4));
            squashed = sigmoid(h);
            mean = linear(squashed, 1);
            std = learned(0.5);
            y ~ Normal(mean, std);
        }
    }
    observed {
        pub net Wine(x: [3]) -> y {
            h = relu(linear(x, 4));
            mean = linear(h, 1);
            std = learned(0.5);
            y ~ Normal(mean, std * 2);
        }
    }
    order {
        pub net Wine(x: [3]) -> y {
            std = learned(0.5);
            h = relu(linear(x, 4));
            mean = linear(h, 1);
            y ~ Normal(mean, std);
        }
    }
    everything {
        pub net Cellar(x: [5]) -> z {
            posterior = Point;
            weights ~ Normal(0, 0.25);
            h = tanh(linear(x, 6));
            posterior = MeanField;
            h2 = tanh(linear(h, 6));
            mean = linear(h2, 3, estimator = LocalReparam);
            z ~ Categorical(mean);
        }
    }
}
