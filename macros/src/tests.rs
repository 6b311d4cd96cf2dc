//! The expansion as text: which lines it has, and which it must not have.

mod expansion;
mod mutations;

use proc_macro2::TokenStream;
use quote::quote;

use crate::bayes_net;

/// The main example of the crate.
const DIAGNOSIS: &str = "
    /// Malignant or benign, from 30 measurements of cell nuclei.
    pub net Diagnosis(x: [30]) -> y {
        weights ~ ScaleMixture(pi: 0.25, sigma1: 1.0, sigma2: 0.2);
        h1    = relu(linear(x, 16));
        h2    = relu(linear(h1, 16));
        logit = linear(h1 + h2, 1);
        y ~ Bernoulli(logit);
    }";

/// The tokens that the compiler would give us for `net`.
fn tokens(net: &str) -> TokenStream {
    let net: TokenStream = net.parse().expect("the tests' nets are tokens");
    quote!([::elbo] #net)
}

/// The pretty-printed expansion of `net`.
fn expanded(net: &str) -> String {
    let file = syn::parse2(bayes_net(tokens(net))).expect("the expansion is Rust");
    prettyplease::unparse(&file)
}

/// The expansion of a net with this body.
fn body(statements: &str) -> String {
    expanded(&format!("net N(x: [3], z: [3]) -> y {{ {statements} }}"))
}

/// The code without spaces and last commas: a test does not depend on where
/// the printer breaks lines.
fn squeezed(code: &str) -> String {
    let code: String = code.split_whitespace().collect();
    [")", "]", "}"].iter().fold(code, |code, close| {
        code.replace(&format!(",{close}"), close)
    })
}

/// The messages of a wrong net.
fn mistakes(net: &str) -> Vec<String> {
    let file: syn::File = syn::parse2(bayes_net(tokens(net))).expect("the expansion is Rust");
    let messages = file.items.iter().filter_map(|item| match item {
        syn::Item::Macro(item) if item.mac.path.segments.last()?.ident == "compile_error" => Some(
            item.mac
                .parse_body::<syn::LitStr>()
                .expect("a message")
                .value(),
        ),
        _ => None,
    });
    messages.collect()
}

#[track_caller]
fn assert_has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(
            squeezed(text).contains(&squeezed(line)),
            "missing: {line}\nin: {text}"
        );
    }
}

#[test]
fn a_rectifier_directly_around_a_layer_sets_its_gain() {
    let text = body(
        "a = gelu(linear(x, 3)); b = relu(a + linear(z, 3)); c = tanh(linear(b, 3)); \
         d = linear(relu(c), 1); y ~ Normal(d, 1);",
    );
    assert_eq!(text.matches("Gain::Relu").count(), 1);
    assert_has(
        &text,
        &[
            "let b = __elbo::layers::Linear::new( __check::shape(&SHAPE_OF_Z), 3, options, noise.at(\"b\"));",
        ],
    );
}

#[test]
fn settings_hold_from_there_on_and_overrides_for_one_layer() {
    let text = body(
        "a = linear(x + z, 3); weights ~ Normal(0, 2); biases ~ Laplace(0, 1); \
         b = linear(a, 3, posterior = Point); \
         estimator = LocalReparam; posterior = MeanField(init_std: 0.1); c = linear(b, 1); y ~ Normal(c, 1);",
    );
    assert_has(
        &text,
        &[
            "let options = __elbo::layers::LayerOptions::DEFAULT; let a =",
            "weights: ::core::option::Option::Some(__elbo::bayes::Prior::normal(0.0, 2.0)), \
             biases: ::core::option::Option::Some(__elbo::bayes::Prior::laplace(0.0, 1.0)), \
             ..options }; let b =",
            "posterior: __elbo::bayes::Posterior::Point, ..options }, noise.at(\"b\")",
            "estimator: __elbo::bayes::Estimator::LocalReparam, \
             posterior: __elbo::bayes::Posterior::MeanField { init_std: 0.1, }, ..options }; let c =",
        ],
    );
}

#[test]
fn operators_keep_the_tree_that_was_written() {
    let text = body(
        "a = x - (z - x) - z; b = x / (z * x) * 2; c = -(a + b) * (a - 1); d = relu(a + b) + relu(-a); \
         e = linear(concat(c, d, x + z), 3); y ~ Normal(e, 0.5 + 1 / 2.0);",
    );
    assert_has(
        &text,
        &[
            "let a = pass.line(|| x - (z - x) - z);",
            "let b = pass.line(|| x / (z * x) * 2.0);",
            "let c = pass.line(|| -(a + b) * (a - 1.0));",
            "let d = pass.line(|| (a + b).relu() + (-a).relu()); a.end(); b.end();",
            "__elbo::ops::concat(&[c, d, x + z], 1)",
            "const GIVEN_STD_OF_Y: f64 = 0.5 + 1.0 / 2.0;",
            "std: pass.tape().scalar(GIVEN_STD_OF_Y)",
        ],
    );
}

#[test]
fn several_targets_have_a_struct_of_outputs() {
    let text = expanded(
        "pub net Two(x: [3]) -> (y, z) { h = linear(x, 1); y ~ Poisson(h); z ~ Normal(h, 1); }",
    );
    assert_has(
        &text,
        &[
            "pub struct TwoOutput<T = ::elbo::Tensor>",
            "pub z: ::elbo::predict::Predictive<::elbo::dist::Normal>",
            "y.sum((&output.y).log_prob(y.values)) + z.sum((&output.z).log_prob(z.values))",
            "y: __elbo::dist::Poisson { log_rate: h",
        ],
    );
}

#[test]
fn an_expression_of_the_users_is_named_once() {
    let text = body("h = linear(x + z, { WIDTH * 2 }); y ~ Normal(h, 0.1);");
    assert_eq!(
        text.matches("WIDTH * 2").count(),
        4,
        "the const, the field's docs, the node's and the layer's description: {text}"
    );
    assert_has(
        &text,
        &[
            "const UNITS_OF_H: usize = WIDTH * 2;",
            "shape(input, \"x + z\", UNITS_OF_H)",
        ],
    );
}

#[test]
fn options_of_a_call_are_one_constant() {
    let text = body(
        "c = max_pool2d(relu(conv2d(x, 6, kernel: 5, stride: STEP, padding: [1, [0, 2]])), 2); \
         d = max_pool2d(avg_pool2d(c, [3, 2], stride: 1), 2) + z; e = conv1d(d, 2, WIDE); \
         y ~ Normal(flatten(e), 1);",
    );
    assert_has(
        &text,
        &[
            "const CONV_OF_C: __elbo::ops::Conv<2> = __elbo::ops::Conv { \
             stride: [STEP; 2], padding: [[1; 2], [0, 2]], ..__elbo::ops::Conv::DEFAULT };",
            "__elbo::layers::Conv2d::new(__check::shape(&SHAPE_OF_X), 6, [5; 2], CONV_OF_C, \
             __elbo::layers::LayerOptions { gain: __elbo::layers::Gain::Relu, ..options }, noise.at(\"c\"))",
            "const POOL_OF_C: __elbo::ops::Pool<2> = __elbo::ops::Pool::of([2; 2]);",
            "POOL_OF_C.shape(\"max_pool2d\", input, ",
            ".relu().max_pool2d(POOL_OF_C)",
            "const POOL_IN_D_1: __elbo::ops::Pool<2> = __elbo::ops::Pool { \
             stride: [1; 2], ..__elbo::ops::Pool::of([3, 2]) };",
            "c.avg_pool2d(POOL_IN_D_1, __elbo::ops::Divisor::Window).max_pool2d(POOL_IN_D_2) + z",
            "const KERNEL_OF_E: [usize; 1] = [WIDE; 1];",
            "Conv1d::shape(input, \"d\", 2, KERNEL_OF_E, CONV_OF_E)",
            "e.flatten_rows()",
        ],
    );
}

/// No blanket `allow`, nothing unsafe, no type that the user never asked for.
#[test]
fn the_expansion_has_nothing_to_hide() {
    let text = expanded(DIAGNOSIS);
    for word in ["unsafe", "Box<", "__leaf", "unwrap", "compile_error"] {
        assert!(!text.contains(word), "{word} in: {text}");
    }
    assert_eq!(text.matches("allow(").count(), 1);
    assert_eq!(
        text.matches("dyn").count(),
        text.matches("dyn ::core::ops::FnMut").count()
    );
    assert_eq!(text.matches("struct").count(), 1);
}

#[test]
fn every_mistake_is_told_at_once_and_once() {
    let found = mistakes(
        "net N(x: [0]) -> y { weights ~ Norml(0, 1); a = liner(x, 3); b = linear(a 3); c = linear(b, 0) \
         d = linear(missing, 3); y ~ Bernoulli(c, d); }",
    );
    let wanted = [
        "expected `,`",
        "expected `;`",
        "a dimension of `x`",
        "`Norml`",
        "`liner`",
        "`units` of `linear`",
        "`missing`",
        "takes one argument",
    ];
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.contains(wanted), "{wanted} in: {found}");
    }
}

/// What the user's other code names is there, whatever is wrong with the net.
#[test]
fn a_wrong_net_keeps_its_fields_and_impls() {
    let text = expanded(
        "pub net N(x: [3]) -> (y, z) { a = relu(liner(x, 3)); b = linear(a 1); y ~ Bernoulli(b); }",
    );
    assert_has(
        &text,
        &[
            "pub a: ::elbo::layers::Linear<T>",
            "pub b: ::elbo::layers::Linear<T>",
            "pub struct NOutput",
            "impl __elbo::net::BayesNet for N",
        ],
    );
}

#[test]
fn a_panic_becomes_an_error_that_asks_for_a_report() {
    for panics in [|| panic!("at {}", 3), || panic!("at 3")] as [fn() -> TokenStream; 2] {
        let reported = crate::bugs_reported(panics).to_string();
        assert_has(
            &reported,
            &[
                "compile_error",
                "this is a bug in elbo, please report it with the net: at 3",
            ],
        );
    }
}
