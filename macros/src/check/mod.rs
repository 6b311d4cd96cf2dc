//! From the syntax tree to a net whose every name has been found.
//!
//! Shapes are not looked at here, for the macro cannot see the values of
//! constants nor the user's layers; the expansion hands them to the compiler.

mod arguments;
mod calls;
mod expressions;
mod names;
mod numbers;
mod observations;
mod settings;

use syn::ext::IdentExt;

use crate::ast::{self, Statement};
use crate::errors::Errors;
use crate::net::{LayerKind, Net, Node, Step};
use crate::tables::LAYERS;
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
    let mut names = Names::declare(ast, errors);
    for (number, statement) in ast.body.iter().enumerate() {
        match statement {
            Statement::Setting(written) => {
                net.steps
                    .extend(settings::setting(written, errors).map(Step::Setting));
            }
            Statement::Node(written) if written.is_meant_as_observation(ast) => {
                names.mention(&written.value);
                let (name, value) = (written.name.unraw(), written.value.written());
                let mend = format!(
                    "`{name}` is a target, of which `~` says how it is distributed: `{name} ~ {value};`"
                );
                errors.at(&written.name, mend);
            }
            Statement::Node(written) => {
                net.steps
                    .push(Step::Node(node(written, number, &mut names, errors)));
            }
            Statement::Observation(written) => {
                net.observations.extend(observations::observation(
                    written, number, &mut names, errors,
                ));
            }
            Statement::Broken(name, tokens) => {
                names.mention(tokens);
                match name {
                    None => names.give_up(),
                    Some(name) if names.is_target(name) => {}
                    Some(name) => net.steps.push(Step::Node(broken_node(name, tokens))),
                }
            }
        }
    }
    let all_observed = observations::each_target_once(ast, errors);
    let is_broken = |statement: &Statement| matches!(statement, Statement::Broken(..));
    if !ast.body.iter().any(is_broken) {
        settings_reach_a_layer(&net, errors);
    }
    // A node that was meant for a missing observation is not unused as well.
    if all_observed {
        names.refuse_unread(errors);
    }
    net
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
    let layer = line.layer.take();
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
    let text = tokens.to_string();
    let row = LAYERS.iter().find(|row| text.contains(row.name));
    let layer = row.map(|row| crate::net::Layer {
        kind: LayerKind::Ours(row),
        constants: Vec::new(),
        overrides: Vec::new(),
        rectified: false,
    });
    Node {
        name,
        text: crate::written::written(tokens),
        value: None,
        layer,
    }
}

/// A setting after the last layer would silently do nothing.
fn settings_reach_a_layer(net: &Net<'_>, errors: &mut Errors) {
    let is_layer = |step: &Step<'_>| matches!(step, Step::Node(node) if node.layer.is_some());
    let last_layer = net.steps.iter().rposition(is_layer);
    for (place, step) in net.steps.iter().enumerate() {
        if let Step::Setting(setting) = step
            && last_layer.is_none_or(|last| last < place)
        {
            let name = &setting.name;
            errors.at(
                name,
                format!("`{name}` is set after the last layer, where it has no effect; move it up"),
            );
        }
    }
}
