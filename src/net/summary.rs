//! [`Summary`]: a model as a page of text.

use std::fmt::{self, Display};

use super::info::{NetInfo, TargetInfo};
use super::model::{Model, PREDICTION_DRAWS, PREDICTION_SEED, TrainingRecord};
use super::page::{WIDTH, count_of, grouped, section, short, wrap};
use super::schema::{Schema, TargetSchema};
use super::traits::BayesNet;
use crate::bayes::{Estimator, Posterior};
use crate::data::names::{listed, quoted};
use crate::dist::Support;
use crate::layers::LayerInfo;

/// The widest column of names in the table of nodes, and the least for declarations.
const NAMES: usize = 24;
/// Blanks between two columns.
const GAP: usize = 2;

/// What a model is: its nodes, layers and their sizes, priors and posteriors, what it knows of its data,
/// and how it was trained. Made by [`Model::summary`], to be printed.
#[derive(Clone, Debug)]
pub struct Summary {
    info: NetInfo,
    standardize: bool,
    schema: Option<Schema>,
    record: Option<TrainingRecord>,
}

impl<N: BayesNet> Model<N> {
    /// The model as a page of text.
    pub fn summary(&self) -> Summary {
        Summary {
            info: self.net.describe(),
            standardize: self.standardize,
            schema: self.schema.clone(),
            record: self.record.clone(),
        }
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers = &self.info.layers;
        let (weights, parameters) = sizes(layers);
        writeln!(
            f,
            "net {}: {} weights and biases, {} parameters to train\n",
            self.info.name,
            grouped(weights),
            grouped(parameters)
        )?;
        table(f, &self.info)?;
        writeln!(f)?;
        self.inputs(f)?;
        self.targets(f)?;
        writeln!(f)?;
        // A point has no distribution that a prior could hold to.
        shared(f, "prior", layers, |layer| match &*layer.posterior {
            "Point" => "none".to_owned(),
            _ => short(&layer.prior),
        })?;
        shared(f, "posterior", layers, |layer| layer.posterior.clone())?;
        shared(f, "estimator", layers, |layer| layer.estimator.clone())?;
        writeln!(f)?;
        self.training(f)?;
        let mut label = "defaults";
        for text in defaults() {
            section(f, std::mem::take(&mut label), &text)?;
        }
        Ok(())
    }
}

impl Summary {
    /// Each input, its shape, its columns and their scaling.
    fn inputs(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut label = "inputs";
        for input in &self.info.inputs {
            let what = format!("{}: {}", input.name, input.shape);
            let schema = self.schema.as_ref().map(|schema| &schema.inputs);
            let known = schema.and_then(|all| all.iter().find(|known| known.name == input.name));
            let text = match known {
                Some(known) => {
                    let scaled = is_scaled(known.scaling.is_some());
                    format!("{what}, {scaled}; from {}", quoted(&known.columns))
                }
                None => format!("{what}, {}", will_be_scaled(self.standardize)),
            };
            section(f, std::mem::take(&mut label), &text)?;
        }
        Ok(())
    }

    /// Each target, its likelihood, its columns, classes and scaling.
    fn targets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut label = "targets";
        for target in &self.info.targets {
            let what = format!(
                "{} ~ {}, {}: {}",
                target.name,
                distribution(target),
                target.shape,
                target.support
            );
            let schema = self.schema.as_ref().map(|schema| &schema.targets);
            let known = schema.and_then(|all| all.iter().find(|known| known.name == target.name));
            let text = match known {
                Some(known) => what + &known_target(known),
                None if target.support == Support::Real => {
                    format!("{what}, {}", will_be_scaled(self.standardize))
                }
                None => what,
            };
            section(f, std::mem::take(&mut label), &text)?;
        }
        Ok(())
    }

    fn training(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(run) = &self.record else {
            return section(f, "training", "none yet");
        };
        let draws = count_of(run.draws as usize, "draw");
        let text = format!(
            "{}, {} of {}, {} in all; {draws} a step, seed {}, KL weight {}",
            count_of(run.epochs, "epoch"),
            count_of(run.steps as usize, "step"),
            count_of(run.batch_size, "row"),
            grouped(run.rows),
            run.seed,
            run.kl_weight,
        );
        section(f, "training", &text)?;
        let elbo = run.log_likelihood - run.kl;
        let text = format!(
            "last epoch: ELBO {elbo:+.4} = log-likelihood {:+.4} - KL {:.4} nats per row",
            run.log_likelihood, run.kl
        );
        section(f, "", &text)
    }
}

fn will_be_scaled(standardize: bool) -> &'static str {
    if standardize {
        "to be standardized by the first training"
    } else {
        "not scaled"
    }
}

fn is_scaled(scaled: bool) -> &'static str {
    if scaled { "standardized" } else { "not scaled" }
}

/// Scaling, columns and classes of a target, after what it is.
fn known_target(target: &TargetSchema) -> String {
    let scaled =
        target.mean.iter().any(|&mean| mean != 0.0) || target.std.iter().any(|&std| std != 1.0);
    let scaling = match target.support {
        Support::Real => format!(", {}", is_scaled(scaled)),
        _ => String::new(),
    };
    let columns = quoted(&target.columns);
    let classes = match listed(target.classes.iter().map(String::as_str)) {
        none if none.is_empty() => none,
        classes => format!("; classes {classes}"),
    };
    format!("{scaling}; from {columns}{classes}")
}

/// What holds where neither the declaration nor a call says another thing.
fn defaults() -> [String; 3] {
    let posterior = match Posterior::DEFAULT {
        Posterior::MeanField { init_std } => format!("MeanField(init_std: {init_std})"),
        other => other.name().to_owned(),
    };
    let estimator = Estimator::default().name();
    [
        "weights ~ Normal(0, 1/sqrt(fan_in)), biases ~ Normal(0, 1), KL weight 1".to_owned(),
        format!("posterior {posterior}, estimator {estimator}"),
        format!(
            "means start by He before relu, by Glorot elsewhere; \
             predict: {PREDICTION_DRAWS} draws, seed {PREDICTION_SEED}"
        ),
    ]
}

/// The nodes, a row each, and the sums of their sizes.
fn table(f: &mut fmt::Formatter<'_>, info: &NetInfo) -> fmt::Result {
    let layers = &info.layers;
    let (weights, parameters) = sizes(layers);
    let head = ["node", "declaration", "output", "weights", "parameters"];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(info.nodes.iter().map(|node| {
        let layer = layers.iter().find(|layer| layer.name == node.name);
        row(node.name, node.expression, layer)
    }));
    // A net that was not declared by the macro may have layers alone.
    let alone = |layer: &&LayerInfo| info.nodes.iter().all(|node| node.name != layer.name);
    rows.extend(layers.iter().filter(alone).map(|layer| {
        let declaration = match layer.expression {
            "" => layer.kind,
            expression => expression,
        };
        row(&layer.name, declaration, Some(layer))
    }));
    let sums = [grouped(weights), grouped(parameters)];
    let [weights, parameters] = sums;
    rows.push([
        "total".into(),
        String::new(),
        String::new(),
        weights,
        parameters,
    ]);

    let widest = |column: usize| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    };
    let [name, output, weights, parameters] =
        [widest(0).min(NAMES), widest(2), widest(3), widest(4)];
    // Declarations have what the others leave.
    let others = name + output + weights + parameters + 4 * GAP;
    let declaration = widest(1).min(WIDTH.saturating_sub(others).max(NAMES));
    let rule = "-".repeat(others + declaration);
    for (i, row) in rows.iter().enumerate() {
        if i == 1 || i == rows.len() - 1 {
            writeln!(f, "{rule}")?;
        }
        let lines = [wrap(&row[0], name), wrap(&row[1], declaration)];
        for line in 0..lines[0].len().max(lines[1].len()) {
            let text = |column: usize| lines[column].get(line).map_or("", String::as_str);
            let number = |column: usize| if line == 0 { row[column].as_str() } else { "" };
            let text = format!(
                "{:name$}  {:declaration$}  {:output$}  {:>weights$}  {:>parameters$}",
                text(0),
                text(1),
                number(2),
                number(3),
                number(4),
            );
            writeln!(f, "{}", text.trim_end())?;
        }
    }
    Ok(())
}

/// A row of the table; a node without a layer has no sizes.
fn row(name: &str, declaration: &str, layer: Option<&LayerInfo>) -> [String; 5] {
    let [output, weights, parameters] = layer.map_or_else(Default::default, |layer| {
        [
            layer.output.to_string(),
            grouped(layer.weights),
            grouped(layer.parameters),
        ]
    });
    let declaration: Vec<&str> = declaration.split_whitespace().collect();
    let declaration = declaration.join(" ");
    [name.to_owned(), declaration, output, weights, parameters]
}

/// What stands right of the `~`, as the user wrote it.
fn distribution(target: &TargetInfo) -> &str {
    match target.distribution {
        "" => target.likelihood,
        written => written,
    }
}

/// All weights and biases, and all that training changes.
fn sizes(layers: &[LayerInfo]) -> (usize, usize) {
    let weights = layers.iter().map(|layer| layer.weights).sum();
    let parameters = layers.iter().map(|layer| layer.parameters).sum();
    (weights, parameters)
}

/// A property of the layers: once if it is the same for all that have it, else a line for each
/// value, with the names of the layers.
fn shared(
    f: &mut fmt::Formatter<'_>,
    mut label: &str,
    layers: &[LayerInfo],
    property: impl Fn(&LayerInfo) -> String,
) -> fmt::Result {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for layer in layers {
        let value = property(layer);
        match groups.iter_mut().find(|(known, _)| *known == value) {
            _ if value.is_empty() => {}
            Some((_, names)) => names.push(&layer.name),
            None => groups.push((value, vec![&layer.name])),
        }
    }
    let one = groups.len() == 1;
    for (value, names) in groups {
        let text = if one {
            value
        } else {
            format!("{}: {value}", names.join(", "))
        };
        section(f, std::mem::take(&mut label), &text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{InputInfo, InputRole, TargetInfo};
    use crate::tensor::Shape;

    fn layer(name: &str, expression: &'static str, prior: &str) -> LayerInfo {
        LayerInfo {
            name: name.to_owned(),
            kind: "linear",
            expression,
            output: Shape::new(&[64]),
            parameters: 1_234_567,
            weights: 617_283,
            prior: prior.to_owned(),
            posterior: "MeanField".to_owned(),
            estimator: "WeightReparam".to_owned(),
        }
    }

    fn summary(layers: Vec<LayerInfo>) -> Summary {
        let input = InputInfo {
            role: InputRole::Feature,
            name: "x",
            shape: Shape::new(&[30]),
        };
        let target = TargetInfo {
            name: "y",
            likelihood: "Categorical",
            distribution: "Categorical(h2)",
            shape: Shape::SCALAR,
            support: Support::Class { classes: 10 },
        };
        Summary {
            info: NetInfo {
                name: "Wide",
                inputs: vec![input],
                targets: vec![target],
                nodes: Vec::new(),
                layers,
            },
            standardize: false,
            schema: None,
            record: None,
        }
    }

    #[test]
    fn long_declarations_and_names_are_wrapped_within_the_page() {
        let long = "relu(linear(concat(first, second, third, fourth, fifth, sixth, seventh), 64, \
                    weights ~ ScaleMixture(0.5, 1, 0.0025), estimator = LocalReparam))";
        let name = "a_name_as_long_as_nobody_would_write_it";
        let page = summary(vec![layer(name, long, "p"), layer("h2", "", "p")]).to_string();
        assert!(page.lines().all(|line| line.len() <= WIDTH), "{page}");
        // Nothing is lost, and numbers end below each other.
        let dense: String = page.split_whitespace().collect();
        for word in ["seventh", "LocalReparam))", "_would_write_it", "2,469,134"] {
            assert!(dense.contains(word), "{word} in {page}");
        }
        let ends = |number: &str| {
            let line = page.lines().find(|line| line.ends_with(number));
            line.map(str::len)
        };
        assert_eq!(ends("1,234,567"), ends("2,469,134"));
        assert!(ends("1,234,567").is_some());
    }

    #[test]
    fn what_is_the_same_for_all_layers_is_told_once() {
        let three = |prior| {
            let layers = ["h1", "h2", "h3"].map(|name| layer(name, "", prior));
            summary(layers.to_vec()).to_string()
        };
        assert_eq!(three("Laplace(0, 1)").matches("Laplace").count(), 1);
        let mixed = vec![
            layer("h1", "", "p"),
            layer("h2", "", "q"),
            layer("h3", "", "p"),
        ];
        let page = summary(mixed).to_string();
        assert!(
            page.contains("\nprior       h1, h3: p\n            h2: q\n"),
            "{page}"
        );
    }
}
