//! Whatever is deleted from or put into a net, the macro answers with code.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

use super::{DIAGNOSIS, tokens};
use crate::bayes_net;

const RICH: &str = "
    pub(crate) net Rich(x: [3], z: [W, 2]) -> (y, t) {
        weights ~ Normal(0, -1.5); posterior = Point;
        h = relu(linear(concat(x, -x * 2), { W }, weights ~ Laplace(location: 0, scale: 1)));
        g = crate::layers::Gated(h, 4) - crate::mix(h, z) -> [4];
        s = learned(0.1);
        c = max_pool2d(conv2d(x, 4, kernel: [3, W], padding: 1), 2, stride: [1, 2]) / 2;
        y ~ Normal(g + flatten(c), std: s); t ~ Categorical(log_softmax(g));
    }";

const SETTINGS: &str = "
    net Settings(x: [3]) -> y {
        weights ~ crate::Mine(0.3, W); biases ~ Normal(0, learned(0.1));
        posterior = LowRank(rank: { W }); estimator = Auto;
        h = relu(linear(x, 4, posterior = Radial, estimator = Flipout));
        mean = linear(h, 1, weights ~ self::flat(), biases ~ StudentT(3, 0, scale: 1));
        y ~ Normal(mean, 0.1);
    }";

/// What may turn up in the wrong place.
const STRAY: &[&str] = &[
    "~", "=", ";", ",", "->", "()", "[]", "{}", "linear", "weights", "for", "self", "x", "0",
    "1e3", "-", ":", "::", "\"text\"", "(x, 3)",
];

/// splitmix64 (Steele, Lea, Flood 2014): the test needs variety, not quality.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }
}

/// The tokens with one deleted, doubled, replaced or put in, at any depth.
fn mutated(tokens: TokenStream, dice: &mut Dice) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    let at = dice.below(trees.len() + 1);
    if let Some(TokenTree::Group(group)) = trees.get(at)
        && dice.below(8) > 0
    {
        let inner = mutated(group.stream(), dice);
        trees[at] = TokenTree::Group(Group::new(group.delimiter(), inner));
        return trees.into_iter().collect();
    }
    let stray: TokenStream = STRAY[dice.below(STRAY.len())]
        .parse()
        .expect("the strays are tokens");
    match dice.below(4) {
        0 if at < trees.len() => drop(trees.remove(at)),
        1 if at < trees.len() => trees.insert(at, trees[at].clone()),
        2 if at < trees.len() => drop(trees.splice(at..=at, stray)),
        _ => drop(trees.splice(at..at, stray)),
    }
    trees.into_iter().collect()
}

#[test]
fn no_mutation_of_a_net_makes_the_macro_panic() {
    let mut dice = Dice(1);
    for net in [DIAGNOSIS, RICH, SETTINGS] {
        for case in 0..1500 {
            // The path in front is ours and never mutated.
            let mut net: TokenStream = net.parse().expect("the nets are tokens");
            for _ in 0..=dice.below(3) {
                net = mutated(net, &mut dice);
            }
            let expanded = bayes_net(quote!([::elbo] #net));
            assert!(
                syn::parse2::<syn::File>(expanded).is_ok(),
                "case {case}: no Rust for {net}"
            );
        }
    }
}

#[test]
fn the_nets_themselves_are_right() {
    for net in [DIAGNOSIS, SETTINGS] {
        let expanded = bayes_net(tokens(net)).to_string();
        assert!(!expanded.contains("compile_error"), "{expanded}");
    }
    let with_mistake = bayes_net(tokens(RICH)).to_string();
    assert!(
        with_mistake.contains("must be finite and above 0"),
        "the -1.5 of `Normal` is refused"
    );
}
