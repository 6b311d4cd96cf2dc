//! The checked-in expansion of the main example compiles, and is the same net
//! as the one that the macro writes: the same parameters from a seed, the same
//! loss from given noise.

use elbo::bayes::Noise;
use elbo::net::{BayesNet, Net};
use elbo::tape::Path;
use elbo::{Tape, Tensor};

/// The file.
#[path = "expansion/diagnosis.rs"]
pub mod checked_in;

/// The same declaration, expanded by the compiler.
pub mod by_macro {
    elbo::bayes_net! {
        /// Malignant or benign, from 30 measurements of cell nuclei.
        pub net Diagnosis(x: [30]) -> y {
            weights ~ ScaleMixture(pi: 0.25, sigma1: 1.0, sigma2: 0.2);
            h1    = relu(linear(x, 16));
            h2    = relu(linear(h1, 16));
            logit = linear(h1 + h2, 1);
            y ~ Bernoulli(logit);
        }
    }
}

/// Every parameter with its path.
fn parameters<N: BayesNet>(net: &N) -> Vec<(String, Tensor)> {
    let mut parameters = Vec::new();
    net.visit(Path::ROOT, &mut |path, leaf| {
        parameters.push((path.to_string(), leaf.clone()));
    });
    parameters
}

/// The loss of three rows at one draw.
fn loss<N: BayesNet>(net: &N) -> f32 {
    let tape: Tape = Tape::new();
    let x = tape.constant(&Tensor::from_fn([3, 30], |i| (i as f32 * 0.7).sin()));
    let y = tape.constant(&Tensor::new([3, 1], vec![1.0, 0.0, 1.0]));
    let on_tape = net.map_on(&mut |_, leaf| tape.parameter(leaf));
    on_tape.loss([x], [y], Noise::new(7), 0.5).item()
}

#[test]
fn both_nets_have_the_same_parameters_and_loss() {
    let (hand, written) = (checked_in::Diagnosis::new(42), by_macro::Diagnosis::new(42));
    let (a, b) = (parameters(&hand), parameters(&written));
    assert_eq!(a.len(), 12);
    for ((path, value), (other_path, other)) in a.iter().zip(&b) {
        assert_eq!((path, value.as_slice()), (other_path, other.as_slice()));
    }
    assert!(loss(&hand).is_finite());
    assert_eq!(loss(&hand), loss(&written));
    assert_eq!(
        format!("{:?}", hand.describe()),
        format!("{:?}", written.describe())
    );
}
