//! From the syntax tree to a net whose every name has been found.
//!
//! Shapes are not looked at here, for the macro cannot see the values of
//! constants nor the user's layers; the expansion hands them to the compiler.

mod arguments;
mod calls;
mod expressions;
mod foreign;
mod names;
mod numbers;
mod observations;
mod settings;
mod supports;

use syn::ext::IdentExt;

use crate::ast::{self, Statement};
use crate::errors::Errors;
use crate::net::{Layer, LayerKind, Net, Node, Setting, Step};
use crate::tables::{Kind, LAYERS};
use expressions::Line;
use names::Names;

/// Finds every name and applies every rule; the mistakes go to `errors`.
pub(crate) fn check<'a>(ast: &'a ast::Net, errors: &mut Errors) -> Net<'a> {
    let mut net = Net {
        ast,
        steps: Vec::new(),
        observations: Vec::new(),
    };
    if ast.body.is_empty() && ast.header_is_whole {
        let target = ast
            .targets
            .first()
            .map_or_else(|| "y".to_owned(), |target| target.unraw().to_string());
        let example = format!("`h = linear(x, 1); {target} ~ Normal(h, 0.1);`");
        errors.at_span(
            ast.end,
            format!("the net is empty; it needs nodes and an observation of its target: {example}"),
        );
        return net;
    }
    for input in &ast.inputs {
        expressions::check_dims(&input.dims, &input.name.unraw().to_string(), errors);
    }
    refuse_derives(ast, errors);
    let mut names = Names::declare(ast, errors);
    for (number, statement) in ast.body.iter().enumerate() {
        match statement {
            Statement::Setting(written) => {
                let setting = settings::setting(written, &number.to_string(), &names, errors);
                net.steps.extend(setting.map(Step::Setting));
            }
            Statement::Node(written) if written.is_meant_as_observation(ast) => {
                let (name, value) = (written.name.unraw(), written.value.written());
                let mend = format!(
                    "`{name}` is a target, of which `~` says how it is distributed: `{name} ~ {value};`"
                );
                errors.at(&written.name, mend);
            }
            Statement::Node(written) => match settings::meant(written) {
                Some(complaint) => errors.at(&written.name, complaint),
                None => net
                    .steps
                    .push(Step::Node(node(written, number, &mut names, errors))),
            },
            Statement::Observation(written) => {
                net.observations.extend(observations::observation(
                    written, number, &mut names, errors,
                ));
            }
            Statement::Broken(name, tokens) => match name {
                None => names.give_up(),
                Some(name) if names.is_target(name) => {}
                Some(name) => net.steps.push(Step::Node(broken_node(name, tokens))),
            },
        }
    }
    observations::each_target_once(ast, &names, errors);
    // What no line uses may only be so because another line is wrong.
    if errors.is_empty() {
        something_is_learned(&net, errors);
        settings_reach_a_layer(&net, errors);
        supports::hold(&net, errors);
        estimators_fit_posteriors(&net, errors);
        names.refuse_unread(errors);
    }
    net
}

/// The net derives two traits itself.
fn refuse_derives(ast: &ast::Net, errors: &mut Errors) {
    let derives = ast
        .attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"));
    for attribute in derives {
        let mut is_ours = false;
        // What is no list of paths is for the compiler to refuse.
        let _ = attribute.parse_nested_meta(|derived| {
            let last = derived.path.segments.last().map(|last| &last.ident);
            if !is_ours && last.is_some_and(|last| last == "Clone" || last == "Debug") {
                is_ours = true;
                errors.at(
                    &derived.path,
                    "a net is Clone and Debug already; remove the derive",
                );
            }
            Ok(())
        });
    }
}

fn node<'a>(
    written: &'a ast::Node,
    number: usize,
    names: &mut Names,
    errors: &mut Errors,
) -> Node<'a> {
    let mut line = Line {
        names,
        errors,
        number,
        node: Some(&written.name),
        layer: None,
        shapes: 0,
    };
    let value = line.value(&written.value);
    let mut layer = line.layer.take();
    if value.is_none() && layer.is_none() {
        layer = likely_layer(&written.value.written());
    }
    if let Some(value) = &value
        && !names.has_rows(value)
    {
        names.set_without_rows(&written.name);
    }
    if let Some(value) = &value
        && value.is_number()
    {
        let name = written.name.unraw();
        errors.at(
            &written.value,
            format!(
                "`{name}` is a plain number; a Rust `const` says that, \
                 and `learned({})` a positive number to be learned",
                value.text
            ),
        );
    }
    Node {
        name: &written.name,
        text: written.value.written(),
        value,
        layer,
    }
}

/// The node of a line that could not be read, with the field that it most
/// likely has.
fn broken_node<'a>(name: &'a syn::Ident, tokens: &'a proc_macro2::TokenStream) -> Node<'a> {
    Node {
        name,
        text: crate::written::written(tokens),
        value: None,
        layer: likely_layer(&tokens.to_string()),
    }
}

/// The layer that a line with a mistake most likely means.
fn likely_layer<'a>(text: &str) -> Option<Layer<'a>> {
    let row = LAYERS.iter().find(|row| text.contains(row.name))?;
    Some(calls::layer(LayerKind::Ours(row)))
}

/// A net without weights has nothing to infer from data.
fn something_is_learned(net: &Net<'_>, errors: &mut Errors) {
    if !net.layers().any(|(_, layer)| layer.has_weights()) {
        let input = net.ast.inputs.first();
        let input = input.map_or_else(|| "x".to_owned(), |input| input.name.to_string());
        errors.at(
            &net.ast.name,
            format!(
                "the net has no layer with weights, so there is nothing to train: \
                 add one such as `h = linear({input}, 1);`"
            ),
        );
    }
}

/// Each layer's estimator can sample its posterior, wherever the two were set.
fn estimators_fit_posteriors(net: &Net<'_>, errors: &mut Errors) {
    let (mut posterior, mut estimator) = (None, None);
    let mut told: Vec<&Setting> = Vec::new();
    for step in &net.steps {
        let (set, layer) = match step {
            Step::Setting(setting) => (std::slice::from_ref(setting), false),
            Step::Node(node) => match &node.layer {
                Some(layer) if layer.has_weights() => (layer.overrides.as_slice(), true),
                _ => continue,
            },
        };
        let of = |kind, before| {
            let own = set.iter().find(|setting| setting.row.kind == kind);
            own.or(before)
        };
        let (q, by) = (
            of(Kind::Posterior, posterior),
            of(Kind::Estimator, estimator),
        );
        if !layer {
            (posterior, estimator) = (q, by);
        } else if let (Some(q), Some(by)) = (q, by)
            && !told.iter().any(|told| std::ptr::eq(*told, by))
        {
            told.push(by);
            settings::refuse_unfit(q, by, errors);
        }
    }
}

/// A setting after the last layer, or one that another replaces before any
/// layer, would silently do nothing.
fn settings_reach_a_layer(net: &Net<'_>, errors: &mut Errors) {
    let is_layer = |step: &Step<'_>| matches!(step, Step::Node(node) if node.layer.is_some());
    let last_layer = net.steps.iter().rposition(is_layer);
    for (place, step) in net.steps.iter().enumerate() {
        let Step::Setting(setting) = step else {
            continue;
        };
        let name = &setting.name;
        let mut before_a_layer = net.steps[place + 1..]
            .iter()
            .take_while(|step| !is_layer(step));
        if last_layer.is_none_or(|last| last < place) {
            errors.at(
                name,
                format!("`{name}` is set after the last layer, where it has no effect; move it up"),
            );
        } else if before_a_layer
            .any(|step| matches!(step, Step::Setting(later) if later.name == *name))
        {
            errors.at(
                name,
                format!(
                    "`{name}` is set again before any layer, so this one has no effect; remove it"
                ),
            );
        }
    }
}
