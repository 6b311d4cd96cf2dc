//! The expansion as text: which lines it has, and which it must not have.

use proc_macro2::TokenStream;

use crate::bayes_net;

/// The pretty-printed expansion of `net`.
fn expanded(net: &str) -> String {
    let tokens: TokenStream = format!("[::elbo] {net}")
        .parse()
        .expect("the tests' nets are tokens");
    let file = syn::parse2(bayes_net(tokens)).expect("the expansion is Rust");
    prettyplease::unparse(&file)
}

const DIAGNOSIS: &str = "
    /// Malignant or benign, from 30 measurements of cell nuclei.
    pub net Diagnosis(x: [30]) -> y {
        weights ~ ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.0025);
        h1    = relu(linear(x, 64));
        h2    = relu(linear(h1, 64));
        logit = linear(h1 + h2, 1);
        y ~ Bernoulli(logit);
    }";
#[test]
fn show() {
    println!("{}", expanded(DIAGNOSIS));
}
