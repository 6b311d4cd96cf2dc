//! A layer of the user's own, by three kinds of path, is a layer like ours: a
//! field of the net, with settings, parameters and a place in the summary.
#![deny(warnings, missing_docs, unsafe_code)]

#[path = "ui/gated.rs"]
pub mod layers;
use layers::Gated;

elbo::bayes_net! {
    /// Gated, and gated again.
    pub net Gates(x: [4]) -> y {
        weights ~ Normal(0, 1);
        a = relu(crate::layers::Gated(x, 8));
        b = self::layers::Gated(a, 2, posterior = Point) + 1;
        c = Gated(b, 1);
        y ~ Normal(c, 0.1);
    }
}

#[test]
fn it_has_settings_parameters_and_a_row_in_the_summary() {
    use elbo::net::BayesNet;

    let net = Gates::new(3);
    assert!(net.a.value.weight.rho().is_some());
    assert_eq!(net.b.gate.weight.posterior_name(), "Point");
    let info = net.describe();
    let rows: Vec<_> = info
        .layers
        .iter()
        .map(|row| (row.name.as_str(), row.expression))
        .collect();
    assert_eq!(
        rows,
        [
            ("a", "relu(crate::layers::Gated(x, 8))"),
            ("b", "self::layers::Gated(a, 2, posterior = Point) + 1"),
            ("c", "Gated(b, 1)"),
        ]
    );
    // Two linear layers of 4 x 8 weights and 8 biases, each a mean and a rho.
    assert_eq!(info.layers[0].parameters, 2 * (4 * 8 + 8) * 2);
    assert_eq!(info.layers[1].output, elbo::Shape::new(&[2]));
}
