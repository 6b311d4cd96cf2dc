use elbo::bayes_net;

// Of the one wrong line it follows that others lead nowhere: nothing is said
// of those.
bayes_net! {
    net NoInput(x: [3]) -> y {
        h = linear();
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net NoNode(x: [3]) -> y {
        h = relu();
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net NoPart(x: [3]) -> y {
        h = concat();
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Capital(x: [3]) -> y {
        h = linear(X, 8);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Constant(x: [3]) -> y {
        h = 3;
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Itself(x: [3]) -> y {
        h = relu(linear(h, 8));
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Macro(x: [3]) -> y {
        h = linear(vec![1], 8);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Bare(x: [3]) -> y {
        h = crate::mine::Scaled();
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net NoMean(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Normal();
    }
}

bayes_net! {
    net NoList(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Normal;
    }
}

bayes_net! {
    net NoLogits(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Bernoulli(0.5);
    }
}

bayes_net! {
    net Typing(x: [3]) -> y {
        h = linear(x, 1);
        y ~
    }
}

fn main() {}
