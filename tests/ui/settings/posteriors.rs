use elbo::bayes_net;

const NONE: usize = 0;

bayes_net! {
    net Unfit(x: [3]) -> y {
        posterior = LowRank(rank: 2);
        estimator = Flipout;
        h1 = relu(linear(x, 4));
        h2 = relu(linear(h1, 4));
        h3 = relu(linear(h2, 4, estimator = LocalReparam));
        h4 = relu(linear(h3, 4, posterior = Radial, estimator = LocalReparam));
        fits = relu(linear(h4, 4, posterior = Radial));
        points = linear(fits, 1, posterior = Point);
        y ~ Normal(points, 0.1);
    }
}

bayes_net! {
    net Numbers(x: [3]) -> y {
        posterior = LowRank(rank: 0);
        h1 = relu(linear(x, 4));
        h2 = relu(linear(h1, 4, posterior = LowRank(2.5, 0.1)));
        h3 = relu(linear(h2, 4, posterior = Radial(0.1, 0.2)));
        h4 = relu(linear(h3, 4, posterior = FullCovarience));
        h5 = relu(linear(h4, 4, posterior = crate::Mine));
        h6 = linear(h5, 1, posterior = MatrixNormal(init: 0.1));
        y ~ Normal(h6, 0.1);
    }
}

bayes_net! {
    net Named(x: [3]) -> y {
        posterior = LowRank(rank: NONE);
        h1 = linear(x, 1);
        y ~ Normal(h1, 0.1);
    }
}

fn main() {}
