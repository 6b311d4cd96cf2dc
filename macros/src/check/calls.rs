//! Calls: layers, functions, and the user's own of both.

use syn::ext::IdentExt;

use super::expressions::Line;
use super::{arguments, numbers, settings};
use crate::ast::{Argument, Call, Expr};
use crate::net::{self, Constant, Given, Layer, LayerKind, Setting, Users, What};
use crate::suggest;
use crate::tables::{self, FUNCTIONS, Form, Function, LAYERS, LIKELIHOODS, Number, Options};
use crate::written::written;

impl<'a> Line<'a, '_> {
    /// What the call means, or nothing after a mistake.
    pub(super) fn call(&mut self, call: &'a Call) -> Option<What<'a>> {
        let last = &call.callee.segments.last()?.ident;
        let is_type = last.unraw().to_string().starts_with(char::is_uppercase);
        let Some(name) = call.callee.get_ident() else {
            return if is_type {
                self.users_layer(call)
            } else {
                self.users_function(call)
            };
        };
        if let Some(layer) = LAYERS.iter().find(|layer| name == layer.name) {
            self.refuse_output(call);
            return self.our_layer(call, layer);
        }
        if let Some(function) = FUNCTIONS.iter().find(|function| name == function.name) {
            self.refuse_output(call);
            return self.function(call, function);
        }
        let known: Vec<&str> = LAYERS
            .iter()
            .map(|layer| layer.name)
            .chain(FUNCTIONS.iter().map(|function| function.name))
            .collect();
        let word = name.unraw().to_string();
        if is_type
            && suggest::nearest(&word, known.iter().copied()).is_none()
            && !is_likelihood(&word)
        {
            return self.users_layer(call);
        }
        let hint = if is_likelihood(&word) {
            format!("`{word}` is a distribution: `y ~ {word}(..);` says it of a target")
        } else if suggest::nearest(&word, known.iter().copied()).is_some() {
            suggest::hint(&word, &known)
        } else {
            let all = suggest::hint(&word, &known);
            format!("{all}, and your own by their paths: `crate::{word}(..)`")
        };
        self.errors.at(
            name,
            format!("no layer or function is called `{word}`; {hint}"),
        );
        self.unknown_callee(call, &word, &known);
        None
    }

    /// Keeps one unknown word from bringing more mistakes with it.
    fn unknown_callee(&mut self, call: &'a Call, word: &str, known: &[&str]) {
        if let Some(Argument::Value(value @ (Expr::Call(_) | Expr::Binary(..)))) =
            call.arguments.first()
        {
            self.value(value);
        }
        // Most likely a layer: the node keeps its field.
        let meant = suggest::nearest(word, known.iter().copied());
        let row = meant.map_or(LAYERS.first(), |meant| {
            LAYERS.iter().find(|row| row.name == meant)
        });
        if let (Some(row), None) = (row, &self.layer) {
            self.layer = Some(layer(LayerKind::Ours(row)));
        }
    }

    fn our_layer(&mut self, call: &'a Call, row: &'static tables::Layer) -> Option<What<'a>> {
        let is_alone = self.claim_layer(call, row.name, LayerKind::Ours(row));
        let mut takes: Vec<&str> = if row.reads { vec!["input"] } else { Vec::new() };
        takes.extend(row.numbers.iter().map(|number| number.name));
        let owner = arguments::Owner {
            name: row.name,
            example: row.example,
            takes: &takes,
            end: call.end,
        };
        let overrides = if row.has_weights {
            self.overrides(call)
        } else {
            settings::refuse_settings(row.name, &call.arguments, self.errors);
            Vec::new()
        };
        let names = option_names(row.options.as_ref());
        let (placed, given) =
            arguments::place_with_options(&owner, &names, &call.arguments, self.errors)?;
        let (inputs, rest) = placed.split_at(usize::from(row.reads));
        let input = inputs
            .first()
            .map(|input| self.node_value(input, row.name, row.example));
        // Of `linear(64, x)` it is enough to say that 64 is no node.
        let is_sound = input.as_ref().is_none_or(Option::is_some);
        let mut constants = Vec::new();
        for (expr, number) in rest.iter().zip(row.numbers) {
            if is_sound {
                self.refuse_nodes(expr, row.name, *number);
            }
            constants.push(numbers::argument(expr, row.name, *number, self.errors));
        }
        let options = self.options(row.name, row.options.as_ref(), &given);
        self.fill(is_alone, |layer| {
            (layer.constants, layer.options, layer.overrides) = (constants, options, overrides);
        });
        match input {
            None => Some(What::Layer(None)),
            Some(input) => Some(What::Layer(Some(Box::new(input?)))),
        }
    }

    /// The options of `owner` that were given.
    fn options(
        &mut self,
        owner: &str,
        options: Option<&'static Options>,
        given: &[Option<&Expr>],
    ) -> Vec<Given> {
        let numbers = options.map_or(&[][..], |options| options.numbers);
        let mut values = Vec::new();
        for (number, expr) in numbers.iter().zip(given) {
            if let Some(expr) = expr {
                self.refuse_nodes(expr, owner, *number);
                let value = numbers::value(expr, owner, *number, self.errors);
                values.push(Given {
                    name: number.name,
                    value,
                });
            }
        }
        values
    }

    fn refuse_nodes(&mut self, expr: &Expr, owner: &str, number: Number) {
        let what = format!("`{}` of `{owner}`", number.name);
        self.names.refuse_nodes(expr, &what, self.errors);
    }

    fn users_layer(&mut self, call: &'a Call) -> Option<What<'a>> {
        self.refuse_output(call);
        let name = written(&call.callee);
        let is_alone = self.claim_layer(call, &name, LayerKind::Users(&call.callee));
        let overrides = self.overrides(call);
        let mut values = Vec::new();
        let mut is_right = true;
        for argument in &call.arguments {
            match argument {
                Argument::Value(value) => values.push(value),
                Argument::Named(label, _) => {
                    is_right = false;
                    self.errors.at(label, format!(
                        "`{name}` is a layer of your own, which takes its constants by position, \
                         in the order of its `shape` and `new`"
                    ));
                }
                Argument::Setting(_) => {}
            }
        }
        let (true, Some((input, constants))) = (is_right, values.split_first()) else {
            if is_right {
                self.errors.at_span(
                    call.end,
                    format!("`{name}` reads a node first: `{name}(x)`"),
                );
            }
            return None;
        };
        let owner = format!("a constant of `{name}`");
        for expr in constants {
            self.names.refuse_nodes(expr, &owner, self.errors);
        }
        let constants = constants
            .iter()
            .map(|expr| Constant::Inline(numbers::bare(expr)))
            .collect();
        self.fill(is_alone, |layer| {
            (layer.constants, layer.overrides) = (constants, overrides);
        });
        let example = format!("{name}(x)");
        Some(What::Layer(Some(Box::new(
            self.node_value(input, &name, &example)?,
        ))))
    }

    /// Makes the call the line's layer; says whether it is the only one.
    fn claim_layer(&mut self, call: &Call, name: &str, kind: LayerKind<'a>) -> bool {
        let mend = format!(
            "by which its parameters are stored: \
             put `h = {};` on a line before and write `h` here",
            written(&call.tokens)
        );
        if self.node.is_none() {
            self.errors.at(
                &call.tokens,
                format!("a layer needs a name of its own, {mend}"),
            );
            return false;
        }
        if self.layer.is_some() {
            self.errors.at(
                &call.tokens,
                format!("a second layer in one line: give this `{name}` a name of its own, {mend}"),
            );
            return false;
        }
        self.layer = Some(layer(kind));
        true
    }

    fn fill(&mut self, is_alone: bool, fill: impl FnOnce(&mut Layer<'a>)) {
        if let (true, Some(layer)) = (is_alone, &mut self.layer) {
            fill(layer);
        }
    }

    fn overrides(&mut self, call: &'a Call) -> Vec<Setting> {
        let mut overrides: Vec<Setting> = Vec::new();
        let node = self.node.map(|node| node.unraw().to_string());
        let place = format!("OF_{}", node.unwrap_or_default());
        for argument in &call.arguments {
            let Argument::Setting(written) = argument else {
                continue;
            };
            let Some(setting) = settings::setting(written, &place, self.names, self.errors) else {
                continue;
            };
            if overrides
                .iter()
                .any(|earlier| earlier.row.name == setting.row.name)
            {
                self.errors.at(
                    written,
                    format!("`{}` is set twice in one layer", setting.row.name),
                );
            } else {
                overrides.push(setting);
            }
        }
        overrides
    }

    fn function(&mut self, call: &'a Call, function: &'static Function) -> Option<What<'a>> {
        let (name, example) = (function.name, function.example);
        settings::refuse_settings(name, &call.arguments, self.errors);
        if function.form == Form::Concat {
            return self.concat(call, function);
        }
        let mut takes = vec!["input"];
        takes.extend(function.numbers.iter().map(|number| number.name));
        let owner = arguments::Owner {
            name,
            example,
            takes: &takes,
            end: call.end,
        };
        let names = option_names(function.options.as_ref());
        let (placed, given) =
            arguments::place_with_options(&owner, &names, &call.arguments, self.errors)?;
        let (input, rest) = placed.split_first()?;
        let had_layer = self.layer.is_some();
        let value = self.node_value(input, name, example)?;
        if let (What::Layer(_), Some(layer), true, false) =
            (&value.what, &mut self.layer, function.rectifies, had_layer)
        {
            layer.rectified = true;
        }
        let mut numbers = Vec::new();
        for (expr, number) in rest.iter().zip(function.numbers) {
            self.refuse_nodes(expr, name, *number);
            numbers.push(numbers::value(expr, name, *number, self.errors));
        }
        Some(What::Function(net::Function {
            row: function,
            values: vec![value],
            numbers,
            options: self.options(name, function.options.as_ref(), &given),
        }))
    }

    fn concat(&mut self, call: &'a Call, function: &'static Function) -> Option<What<'a>> {
        let (name, example) = (function.name, function.example);
        let values = self.node_values(call, name, example)?;
        for (value, argument) in values.iter().zip(&call.arguments) {
            if value.is_number() {
                let found = &value.text;
                let complaint = format!("`concat` joins nodes, found the number `{found}`");
                self.errors.at(argument.tokens(), complaint);
                return None;
            }
        }
        if values.len() < 2 {
            let complaint = format!("`concat` joins at least two nodes: `{example}`");
            self.errors.at_span(call.end, complaint);
            return None;
        }
        Some(What::Function(net::Function {
            row: function,
            values,
            numbers: Vec::new(),
            options: Vec::new(),
        }))
    }

    fn users_function(&mut self, call: &'a Call) -> Option<What<'a>> {
        let name = written(&call.callee);
        settings::refuse_settings(&name, &call.arguments, self.errors);
        let values = self.node_values(call, &name, &format!("{name}(x)"))?;
        let complaint = match values.first() {
            None => format!("`{name}` reads a node first: `{name}(x)`"),
            Some(first) if first.is_number() => {
                format!("the first argument of `{name}` is a node, whose shape it keeps")
            }
            Some(_) => {
                return Some(What::Users(Users {
                    path: &call.callee,
                    has_rows: values.iter().any(|value| self.names.has_rows(value)),
                    values,
                    output: call.output.as_ref(),
                }));
            }
        };
        self.errors.at(&call.tokens, complaint);
        None
    }

    fn refuse_output(&mut self, call: &Call) {
        if let Some(output) = &call.output {
            let name = written(&call.callee);
            self.errors.at(
                &output.tokens,
                format!("`{name}` knows the shape that it returns; `-> [..]` is for functions of your own"),
            );
        }
    }
}

fn option_names(options: Option<&Options>) -> Vec<&'static str> {
    let numbers = options.map_or(&[][..], |options| options.numbers);
    numbers.iter().map(|number| number.name).collect()
}

/// A layer of which only the kind is known.
pub(super) fn layer(kind: LayerKind<'_>) -> Layer<'_> {
    Layer {
        kind,
        constants: Vec::new(),
        options: Vec::new(),
        overrides: Vec::new(),
        rectified: false,
    }
}

fn is_likelihood(word: &str) -> bool {
    LIKELIHOODS.iter().any(|row| row.name == word)
}
