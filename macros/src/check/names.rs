//! The names of inputs, nodes and targets: declared once, read after that.

use proc_macro2::{Delimiter, TokenTree};
use quote::ToTokens;
use syn::{Ident, ext::IdentExt};

use crate::ast::{self, Statement};
use crate::errors::Errors;
use crate::net::{Value, What};
use crate::suggest;

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Input,
    Node,
    Target,
}

impl Role {
    /// What a name of this role is, for messages.
    fn noun(self) -> &'static str {
        match self {
            Role::Input => "an input",
            Role::Node => "a node",
            Role::Target => "the target",
        }
    }
}

struct Name {
    ident: Ident,
    role: Role,
    /// The line after which it can be read; inputs stand before line 0.
    line: Option<usize>,
    is_read: bool,
    /// Whether its value has a row for each of the batch; a learned number has
    /// none.
    has_rows: bool,
}

/// Every name of the net, with what has been seen of it so far.
pub(super) struct Names {
    all: Vec<Name>,
    /// False if a line may have declared a name that could not be read: then
    /// nothing is said of names that are missing.
    all_declared: bool,
}

impl Names {
    /// Collects the names; refuses the second of two that are equal.
    pub(super) fn declare(net: &ast::Net, errors: &mut Errors) -> Self {
        let mut names = Names {
            all: Vec::new(),
            all_declared: net.header_is_whole,
        };
        for input in &net.inputs {
            names.add(&input.name, Role::Input, None, errors);
        }
        for target in &net.targets {
            names.add(target, Role::Target, None, errors);
        }
        for (line, statement) in net.body.iter().enumerate() {
            match statement {
                // `y = Normal(..)` was meant as an observation, which is said there.
                Statement::Node(node) if node.is_meant_as_observation(net) => {}
                Statement::Node(node) => names.add(&node.name, Role::Node, Some(line), errors),
                Statement::Broken(Some(name), _) if !names.is_target(name) => {
                    names.add(name, Role::Node, Some(line), errors);
                }
                _ => {}
            }
        }
        names
    }

    fn add(&mut self, ident: &Ident, role: Role, line: Option<usize>, errors: &mut Errors) {
        let text = ident.unraw().to_string();
        // `r#h` is `h`.
        let is_same = |name: &&Name| name.ident.unraw() == ident.unraw();
        if let Some(first) = self.all.iter().find(is_same) {
            errors.at(
                ident,
                match first.role {
                    Role::Target if role == Role::Node => format!(
                        "`{text}` is the target, which a node cannot define: \
                     write `{text} ~ Distribution(..);`, and give the node another name"
                    ),
                    Role::Input => {
                        format!("`{text}` is already an input of the net; choose another name")
                    }
                    _ => format!("`{text}` is declared twice; give the second a name of its own"),
                },
            );
            return;
        }
        // The consts of their shapes would have one name.
        let upper = text.to_uppercase();
        if let Some(twin) = self
            .all
            .iter()
            .find(|name| name.ident.unraw().to_string().to_uppercase() == upper)
        {
            let twin = twin.ident.unraw();
            errors.at(
                ident,
                format!("`{text}` differs from `{twin}` in capitals only; choose another name"),
            );
        }
        let starts_well = text.starts_with(|first: char| first == '_' || first.is_lowercase());
        if !starts_well || text.starts_with("__") {
            let mend = text.trim_start_matches('_').to_lowercase();
            errors.at(
                ident,
                format!("`{text}`: names of inputs, nodes and targets start with a small letter: `{mend}`"),
            );
        }
        self.all.push(Name {
            ident: ident.clone(),
            role,
            line,
            is_read: false,
            has_rows: true,
        });
    }

    /// A line of which not even the name could be read.
    pub(super) fn give_up(&mut self) {
        self.all_declared = false;
    }

    /// Whether `ident` is declared anywhere in the net.
    pub(super) fn is_declared(&self, ident: &Ident) -> bool {
        self.all.iter().any(|name| name.ident == *ident)
    }

    /// The input or node that is called as `constant` but for its capitals.
    pub(super) fn in_small_letters(&self, constant: &str) -> Option<String> {
        let small = constant.to_lowercase();
        let mut texts = self.all.iter().map(|name| name.ident.unraw().to_string());
        texts.find(|text| *text == small && small != constant)
    }

    /// What `ident` is if it is an input or a node.
    pub(super) fn role_of_node(&self, ident: &Ident) -> Option<&'static str> {
        let mut nodes = self.all.iter().filter(|name| name.role != Role::Target);
        let name = nodes.find(|name| name.ident == *ident)?;
        Some(name.role.noun())
    }

    /// Notes that the value of the node `ident` is one for all rows.
    pub(super) fn set_without_rows(&mut self, ident: &Ident) {
        let nodes = self.all.iter_mut().filter(|name| name.ident == *ident);
        nodes.for_each(|name| name.has_rows = false);
    }

    /// Whether `value` has a row for each of the batch.
    pub(super) fn has_rows(&self, value: &Value<'_>) -> bool {
        match &value.what {
            What::Node(node) => self
                .all
                .iter()
                .any(|name| name.ident == *node && name.has_rows),
            What::Number(_) | What::Layer(None) => false,
            What::Layer(Some(inner)) | What::Negative(_, inner) => self.has_rows(inner),
            What::Function(function) => function.values.iter().any(|value| self.has_rows(value)),
            What::Users(call) => call.has_rows,
            What::Binary(left, _, _, right) => self.has_rows(left) || self.has_rows(right),
        }
    }

    pub(super) fn is_target(&self, ident: &Ident) -> bool {
        self.all
            .iter()
            .any(|name| name.role == Role::Target && name.ident == *ident)
    }

    /// The declaration that `used` in line `line` reads; else a mistake.
    pub(super) fn read(&mut self, used: &Ident, line: usize, errors: &mut Errors) -> Option<Ident> {
        if let Some(name) = self.all.iter_mut().find(|name| name.ident == *used) {
            name.is_read = true;
            let text = used.unraw();
            if name.role == Role::Target {
                errors.at(
                    used,
                    format!("`{text}` is the target, which is not known when the net predicts it"),
                );
            } else if name.line == Some(line) {
                errors.at(
                    used,
                    format!("`{text}` is used in the line that defines it"),
                );
            } else if name.line.is_some_and(|declared| declared > line) {
                errors.at(
                    used,
                    format!("`{text}` is used before it exists; move its line above this one"),
                );
            } else {
                return Some(name.ident.clone());
            }
            return None;
        }
        let before = |name: &&Name| {
            name.role != Role::Target && name.line.is_none_or(|declared| declared < line)
        };
        let known: Vec<String> = self
            .all
            .iter()
            .filter(before)
            .map(|name| name.ident.unraw().to_string())
            .collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let word = used.unraw().to_string();
        if self.all_declared {
            let hint = suggest::hint(&word, &known);
            errors.at(
                used,
                format!("no node is called `{word}` before this line; {hint}"),
            );
        }
        None
    }

    /// Refuses the names of nodes in the constant `what`. A block is Rust's,
    /// where a name may mean something else.
    pub(super) fn refuse_nodes(&self, constant: impl ToTokens, what: &str, errors: &mut Errors) {
        let tokens: Vec<TokenTree> = constant.into_token_stream().into_iter().collect();
        let is_punct = |at: Option<&TokenTree>, sign: char| matches!(at, Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
        for (place, token) in tokens.iter().enumerate() {
            let before = place.checked_sub(1).and_then(|before| tokens.get(before));
            let after = tokens.get(place + 1);
            match token {
                TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
                    self.refuse_nodes(group.stream(), what, errors);
                }
                // A method, or a part of a path.
                TokenTree::Ident(_)
                    if is_punct(before, '.') || is_punct(before, ':') || is_punct(after, ':') => {}
                TokenTree::Ident(ident) => {
                    if let Some(name) = self.all.iter().find(|name| name.ident == *ident) {
                        let (text, role) = (ident.unraw(), name.role.noun());
                        errors.at(
                            ident,
                            format!("{what} is a number known at compile time; `{text}` is {role}"),
                        );
                    }
                }
                _ => {}
            }
        }
    }

    /// Refuses inputs and nodes that nothing reads: a forgotten connection, or
    /// a layer whose weights no data would ever reach. Beside another mistake
    /// that would only be what follows from it, so nobody asks then.
    pub(super) fn refuse_unread(&self, errors: &mut Errors) {
        for name in self.all.iter().filter(|name| !name.is_read) {
            let text = name.ident.unraw();
            match name.role {
                Role::Input => errors.at(
                    &name.ident,
                    format!("the input `{text}` is never used; use it or remove it"),
                ),
                Role::Node => errors.at(
                    &name.ident,
                    format!("the node `{text}` is never used; use it or remove it"),
                ),
                Role::Target => {}
            }
        }
    }
}
