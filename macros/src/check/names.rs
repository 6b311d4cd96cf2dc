//! The names of inputs, nodes and targets: declared once, read after that.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Ident, ext::IdentExt};

use crate::ast::{self, Statement};
use crate::errors::Errors;
use crate::suggest;

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Input,
    Node,
    Target,
}

struct Name {
    ident: Ident,
    role: Role,
    /// The line after which it can be read; inputs stand before line 0.
    line: Option<usize>,
    is_read: bool,
}

/// Every name of the net, with what has been seen of it so far.
pub(super) struct Names {
    all: Vec<Name>,
    /// False if a line may have declared a name that could not be read: then
    /// nothing is said of names that are missing.
    all_declared: bool,
    /// False if a line may have read a name without our noticing: then nothing
    /// is said of names that are unread.
    all_reads_seen: bool,
}

impl Names {
    /// Collects the names; refuses the second of two that are equal.
    pub(super) fn declare(net: &ast::Net, errors: &mut Errors) -> Self {
        let mut names = Names {
            all: Vec::new(),
            all_declared: net.header_is_whole,
            all_reads_seen: net.header_is_whole,
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
        if let Some(first) = self.all.iter().find(|name| name.ident == *ident) {
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
        let before = |name: &&mut Name| {
            name.role != Role::Target && name.line.is_none_or(|declared| declared < line)
        };
        let mut known: Vec<(String, &mut Name)> = self
            .all
            .iter_mut()
            .filter(before)
            .map(|name| (name.ident.unraw().to_string(), name))
            .collect();
        let texts: Vec<&str> = known.iter().map(|(text, _)| text.as_str()).collect();
        let word = used.unraw().to_string();
        let hint = suggest::hint(&word, &texts);
        let near = suggest::nearest(&word, texts.iter().copied()).map(str::to_owned);
        if self.all_declared {
            errors.at(
                used,
                format!("no node is called `{word}` before this line; {hint}"),
            );
        }
        // The node that was meant is not also unread.
        match near.and_then(|near| known.iter_mut().find(|(text, _)| *text == near)) {
            Some((_, name)) => name.is_read = true,
            None => self.all_reads_seen = false,
        }
        None
    }

    /// Counts every name in `tokens` as read: they were not understood.
    pub(super) fn mention(&mut self, tokens: impl ToTokens) {
        let tokens: TokenStream = tokens.into_token_stream();
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.mention(group.stream()),
                TokenTree::Ident(ident) => {
                    self.all
                        .iter_mut()
                        .filter(|name| name.ident == ident)
                        .for_each(|name| name.is_read = true);
                }
                _ => {}
            }
        }
    }

    /// Refuses inputs and nodes that nothing reads: a forgotten connection, or
    /// a layer whose weights no data would ever reach.
    pub(super) fn refuse_unread(&self, errors: &mut Errors) {
        if !self.all_reads_seen {
            return;
        }
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
