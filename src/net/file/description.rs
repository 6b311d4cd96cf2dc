//! What a model file says in words: the net as it was declared, and what the model knows of its
//! data. Format 1.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::checksum::{self, Checksum};
use super::header::{AGAIN, Header, refused};
use crate::dist::Support;
use crate::error::Result;
use crate::net::{BayesNet, Model, NetInfo, Schema, TrainingRecord};

/// The format that this version writes. It reads all from 1 to this one.
const FORMAT: u32 = 1;
/// At most this many differences are told.
const TOLD: usize = 100;

/// The words of a model file.
#[derive(Serialize, Deserialize)]
pub(super) struct Description {
    /// The format's version.
    format: u32,
    /// The version of the crate that wrote the file.
    elbo: String,
    net: String,
    inputs: Vec<Input>,
    targets: Vec<Target>,
    nodes: Vec<Node>,
    layers: Vec<Layer>,
    pub(super) standardize: bool,
    pub(super) schema: Option<Schema>,
    pub(super) record: Option<TrainingRecord>,
}

/// What every format says, whatever else it does.
#[derive(Deserialize)]
struct Version {
    format: u32,
    elbo: String,
}

#[derive(Serialize, Deserialize)]
struct Input {
    name: String,
    shape: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
struct Target {
    name: String,
    likelihood: String,
    distribution: String,
    shape: Vec<usize>,
    support: Support,
}

#[derive(Serialize, Deserialize)]
struct Node {
    name: String,
    expression: String,
}

/// What a layer adds to its node.
#[derive(Serialize, Deserialize)]
struct Layer {
    name: String,
    kind: String,
    output: Vec<usize>,
    parameters: usize,
    weights: usize,
    prior: String,
    posterior: String,
    estimator: String,
}

impl Description {
    /// The words for `model`.
    pub(super) fn of<N: BayesNet>(model: &Model<N>) -> Self {
        Description {
            standardize: model.standardize,
            schema: model.schema.clone(),
            record: model.record.clone(),
            ..Description::of_net(&model.net.describe())
        }
    }

    /// The words for a net without data.
    fn of_net(info: &NetInfo) -> Self {
        let inputs = info.inputs.iter().map(|input| Input {
            name: input.name.to_owned(),
            shape: input.shape.dims().to_vec(),
        });
        let targets = info.targets.iter().map(|target| Target {
            name: target.name.to_owned(),
            likelihood: target.likelihood.to_owned(),
            distribution: target.distribution.to_owned(),
            shape: target.shape.dims().to_vec(),
            support: target.support,
        });
        let nodes = info.nodes.iter().map(|node| Node {
            name: node.name.to_owned(),
            expression: node.expression.to_owned(),
        });
        let layers = info.layers.iter().map(|layer| Layer {
            name: layer.name.clone(),
            kind: layer.kind.to_owned(),
            output: layer.output.dims().to_vec(),
            parameters: layer.parameters,
            weights: layer.weights,
            prior: layer.prior.clone(),
            posterior: layer.posterior.clone(),
            estimator: layer.estimator.clone(),
        });
        Description {
            format: FORMAT,
            elbo: env!("CARGO_PKG_VERSION").to_owned(),
            net: info.name.to_owned(),
            inputs: inputs.collect(),
            targets: targets.collect(),
            nodes: nodes.collect(),
            layers: layers.collect(),
            standardize: false,
            schema: None,
            record: None,
        }
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers are JSON")
    }

    /// Reads the words of the file at `path`.
    pub(super) fn parse(path: &Path, header: &Header) -> Result<Self> {
        let json = header.description.as_str();
        let damaged = |error: serde_json::Error| {
            let reason = format!(
                "the description of the model is damaged: {}",
                shown(&error.to_string())
            );
            refused(path, reason, AGAIN)
        };
        let version: Version = serde_json::from_str(json).map_err(damaged)?;
        if version.format != FORMAT {
            return Err(refused(
                path,
                format!(
                    "has format {}, written by elbo {}; this is elbo {}, which reads format {FORMAT}",
                    version.format,
                    shown(&version.elbo),
                    env!("CARGO_PKG_VERSION"),
                ),
                "update elbo, or save the model with this version",
            ));
        }
        let [noted, _] = &header.sums;
        checksum::verify(path, "words", &Checksum::of(json.as_bytes()), noted)?;
        serde_json::from_str(json).map_err(damaged)
    }

    /// What these words and the net of the program disagree about, and the names of the layers
    /// that only one of the two has.
    pub(super) fn differences(&self, info: &NetInfo) -> (Vec<String>, Vec<String>) {
        let net = Description::of_net(info);
        let mut found = Differences::default();
        found.compare("the net", "name", &self.net, &net.net);

        found.pair("input", &self.inputs, &net.inputs, &[]);
        for (ours, theirs) in both(&self.inputs, &net.inputs) {
            let what = format!("input `{}`", ours.name);
            found.compare(&what, "shape", &theirs.shape, &ours.shape);
        }
        found.pair("target", &self.targets, &net.targets, &[]);
        for (ours, theirs) in both(&self.targets, &net.targets) {
            let what = format!("target `{}`", ours.name);
            found.compare(&what, "shape", &theirs.shape, &ours.shape);
            let (file, net) = (&theirs.distribution, &ours.distribution);
            let same = found.text(&what, "distribution", file, net);
            if same {
                found.compare(&what, "likelihood", &theirs.likelihood, &ours.likelihood);
            }
            if theirs.likelihood == ours.likelihood {
                let [file, net] = [theirs.support, ours.support].map(|all| all.to_string());
                found.compare(&what, "support", &file, &net);
            }
        }
        found.order("input", &self.inputs, &net.inputs);
        found.order("target", &self.targets, &net.targets);
        // A schema can only fit inputs and targets that fit themselves.
        if let (Some(schema), true) = (&self.schema, found.list.is_empty()) {
            found.compare("the schema", "net", &schema.net, &net.net);
            found.list.extend(schema.differences(info));
        }

        // Nodes with another text: what their layers are follows from it.
        let mut told = found.pair("node", &self.nodes, &net.nodes, &[]);
        for (ours, theirs) in both(&self.nodes, &net.nodes) {
            let what = format!("node `{}`", ours.name);
            if !found.text(&what, "declaration", &theirs.expression, &ours.expression) {
                told.push(ours.name.clone());
            }
        }
        // Sums over the layers, such as the KL, round by their order.
        found.order("node", &self.nodes, &net.nodes);

        let only = found.pair("layer", &self.layers, &net.layers, &told);
        for (ours, theirs) in both(&self.layers, &net.layers) {
            let what = format!("layer `{}`", ours.name);
            // The numbers of weights and parameters are those of the tensors, which are checked.
            if !told.contains(&ours.name) {
                found.compare(&what, "kind", &theirs.kind, &ours.kind);
                found.compare(&what, "output", &theirs.output, &ours.output);
            }
            found.compare(&what, "prior", &theirs.prior, &ours.prior);
            found.compare(&what, "posterior", &theirs.posterior, &ours.posterior);
            found.compare(&what, "estimator", &theirs.estimator, &ours.estimator);
        }
        (found.list, only)
    }
}

/// A part of a net that has a name.
trait Named {
    fn name(&self) -> &str;
}
impl Named for Input {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for Target {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for Node {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for Layer {
    fn name(&self) -> &str {
        &self.name
    }
}

/// The parts of the net that the file has too: `(net, file)`.
fn both<'a, P: Named>(file: &'a [P], net: &'a [P]) -> impl Iterator<Item = (&'a P, &'a P)> {
    net.iter().filter_map(|ours| {
        let theirs = file.iter().find(|theirs| theirs.name() == ours.name())?;
        Some((ours, theirs))
    })
}

fn has<P: Named>(parts: &[P], name: &str) -> bool {
    parts.iter().any(|part| part.name() == name)
}

/// What differs, one sentence each.
#[derive(Default)]
struct Differences {
    list: Vec<String>,
}

impl Differences {
    /// `layer `h1`: the prior is `..` in the file, `..` in the net`, if it is another one.
    fn compare<T: PartialEq + Text + ?Sized>(&mut self, what: &str, part: &str, file: &T, net: &T) {
        if file != net {
            let (file, net) = (file.text(), net.text());
            self.list.push(format!(
                "{what}: the {part} is {} in the file, {} in the net",
                shown(&file),
                shown(&net)
            ));
        }
    }

    /// The user's own text, but for what a formatter may change; whether it is the same.
    fn text(&mut self, what: &str, part: &str, file: &str, net: &str) -> bool {
        let same = plain(file) == plain(net);
        if !same {
            self.compare(what, part, &file.to_owned(), &net.to_owned());
        }
        same
    }

    /// Parts that only one of the two has, unless that is `told`; their names come back.
    fn pair<P: Named>(
        &mut self,
        what: &str,
        file: &[P],
        net: &[P],
        told: &[String],
    ) -> Vec<String> {
        let mut only = Vec::new();
        for (here, there, place) in [(net, file, "net"), (file, net, "file")] {
            for name in here.iter().map(P::name).filter(|name| !has(there, name)) {
                only.push(name.to_owned());
                if !told.iter().any(|told| told == name) {
                    let name = shown(name);
                    self.list
                        .push(format!("{what} `{name}` is in the {place} only"));
                }
            }
        }
        only
    }

    /// The order of the parts that both have.
    fn order<P: Named>(&mut self, what: &str, file: &[P], net: &[P]) {
        let names = |parts: &[P], others: &[P]| {
            let shared = parts.iter().map(P::name).filter(|name| has(others, name));
            shared.collect::<Vec<_>>().join(", ")
        };
        let (file, net) = (names(file, net), names(net, file));
        self.compare(&format!("the {what}s"), "order", &file, &net);
    }
}

/// How a value stands in a message.
trait Text {
    fn text(&self) -> String;
}
impl Text for String {
    fn text(&self) -> String {
        if self.is_empty() {
            "none".to_owned()
        } else {
            format!("`{self}`")
        }
    }
}
impl Text for Vec<usize> {
    fn text(&self) -> String {
        format!("{self:?}")
    }
}
impl Text for usize {
    fn text(&self) -> String {
        self.to_string()
    }
}

/// A declaration without what a formatter may change, blanks and commas at the end, and without
/// settings such as `weights ~ Normal(0, 1)`, which may stand above it as well and are compared
/// as what they come to. Anything else with a sign stays: `{ if WIDE == 1 { 2.0 } else { 3.0 } }`.
fn plain(expression: &str) -> String {
    let mut plain = String::new();
    // Where the argument began that is being read, for each bracket that is open.
    let mut starts = vec![0];
    for c in expression.chars().filter(|c| !c.is_whitespace()) {
        if matches!(c, ',' | ')' | ']' | '}') {
            let start = starts.pop().unwrap_or(0);
            let dropped = plain[start..].is_empty() || is_setting(&plain[start..]);
            if dropped {
                plain.truncate(start);
            }
            if c == ',' {
                plain.extend((!dropped).then_some(c));
                starts.push(plain.len());
                continue;
            }
            if plain.ends_with(',') {
                plain.pop();
            }
        }
        plain.push(c);
        if matches!(c, '(' | '[' | '{') {
            starts.push(plain.len());
        }
    }
    plain
}

/// Whether an argument, without blanks, is a setting of its layer.
fn is_setting(argument: &str) -> bool {
    let settings = ["weights~", "biases~", "posterior=", "estimator="];
    settings.iter().any(|setting| argument.starts_with(setting))
}

/// Text from a file as it may stand in a message: on one line, and not too long.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("..");
    }
    shown
}

/// The first differences, if there are very many.
pub(super) fn cut(mut differences: Vec<String>) -> Vec<String> {
    let more = differences.len().saturating_sub(TOLD);
    if more > 0 {
        differences.truncate(TOLD);
        differences.push(format!("and {more} more"));
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_declaration_computes_is_compared() {
        let wide = "relu(linear(x, 64))";
        for same in [
            "relu(linear(\n    x,\n    64,\n))",
            "relu(linear(x, 64, weights ~ Normal(0, 0.1), posterior = Point))",
            "relu(linear(x, 64, weights ~ ScaleMixture(0.5, 1, { 1.0 / 400.0 }),))",
        ] {
            assert_eq!(plain(same), "relu(linear(x,64))");
        }
        assert_eq!(plain("concat(a, -(b + c), d) * 2"), "concat(a,-(b+c),d)*2");
        assert_eq!(plain(")(,]"), ")(]");
        assert_ne!(plain(wide), plain("tanh(linear(x, 64))"));
        assert_ne!(plain(wide), plain("relu(linear(x, 32))"));
        let branch = |factor| {
            plain(&format!(
                "h * {{ if WIDE == 1 {{ {factor} }} else {{ 1 }} }}"
            ))
        };
        assert_ne!(branch(2), branch(3));
    }

    #[test]
    fn long_and_odd_texts_are_tamed() {
        assert_eq!(shown("a\nb\u{1b}"), "a\u{fffd}b\u{fffd}");
        assert_eq!(shown(&"x".repeat(300)).len(), 202);
        let many = cut(vec![String::new(); TOLD + 3]);
        assert_eq!(many.len(), TOLD + 1);
        assert_eq!(many[TOLD], "and 3 more");
    }
}
