//! A wrong net beside right code that uses it: one error.
use elbo::bayes_net;
use elbo::net::BayesNet;
use elbo::tape::Path;

bayes_net! {
    /// The mistake is in the first line.
    pub net Diagnosis(x: [30]) -> (y, size) {
        h1    = relu(liner(x, 64));
        h2    = relu(linear(h1, 64));
        logit = linear(h1 + h2, 1);
        y ~ Bernoulli(logit);
        size ~ Normal(logit, 0.1);
    }
}

// A right net in the same file has no error.
bayes_net! {
    net Right(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

fn parameters<N: BayesNet>(net: &N) -> usize {
    let mut count = 0;
    net.visit(Path::ROOT, &mut |_, leaf| count += leaf.len());
    count
}

fn predictions(p: &DiagnosisPrediction, output: &DiagnosisOutput) {
    let _ = (&p.y, &p.size, &output.y.logits, &output.size.mean);
}

fn main() {
    let net = Diagnosis::new(42);
    let _ = (&net.h1.weight.mu, &net.h2, net.logit.bias.mu.len());
    println!("{} {}", parameters(&net), Right::fresh(1).describe().name);
    let _: fn(&DiagnosisPrediction, &DiagnosisOutput) = predictions;
}
