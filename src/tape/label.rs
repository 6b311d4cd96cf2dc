//! Names for stretches of the tape: which layer a node belongs to.

use std::collections::BTreeMap;
use std::panic::Location;

use super::module::Path;

/// A name on a tape, such as `h1` or `h1.weight`; see [`Tape::label`](super::Tape::label).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(u32);

/// All names used so far. They outlive [`Tape::clear`](super::Tape::clear), so that a step after
/// the first one finds its names without allocating.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// Label n is entry n - 1.
    names: Vec<Named>,
    /// The labels below each label, the root first, by their names.
    below: Vec<BTreeMap<String, Label>>,
}

#[derive(Debug)]
struct Named {
    parent: Label,
    name: String,
    /// The line that entered it first; none has if it is a part of the path of a parameter.
    place: Option<&'static Location<'static>>,
}

impl Labels {
    /// The label `name` below `parent`, which is entered.
    #[track_caller]
    pub(super) fn enter(&mut self, parent: Label, name: &str) -> Label {
        let label = self.get(parent, name);
        let Named { place, .. } = &mut self.names[label.0 as usize - 1];
        place.get_or_insert(Location::caller());
        label
    }
    /// The label of `path`, which mostly is `last`: then nothing is searched.
    pub(super) fn at(&mut self, path: Path<'_>, last: Label) -> Label {
        if self.is(last, path) {
            return last;
        }
        match path.split() {
            None => Label::ROOT,
            Some((parent, name)) => {
                let parent = self.at(*parent, Label::ROOT);
                self.get(parent, name)
            }
        }
    }
    fn is(&self, label: Label, path: Path<'_>) -> bool {
        match ((label.0 as usize).checked_sub(1), path.split()) {
            (None, None) => true,
            (Some(index), Some((above, last))) => {
                let Named { parent, name, .. } = &self.names[index];
                name == last && self.is(*parent, *above)
            }
            _ => false,
        }
    }
    fn get(&mut self, parent: Label, name: &str) -> Label {
        let parents = self.names.len() + 1;
        self.below.resize_with(parents, BTreeMap::new);
        let siblings = &mut self.below[parent.0 as usize];
        if let Some(&known) = siblings.get(name) {
            return known;
        }
        self.names.push(Named {
            parent,
            name: name.to_owned(),
            place: None,
        });
        let label = Label(self.names.len() as u32);
        siblings.insert(name.to_owned(), label);
        label
    }
    /// The line that entered a label first.
    pub(super) fn place(&self, label: Label) -> Option<&'static Location<'static>> {
        let index = (label.0 as usize).checked_sub(1)?;
        self.names[index].place
    }
    /// The whole name, joined by dots; empty for the root.
    pub(super) fn path(&self, label: Label) -> String {
        let mut names = vec![];
        let mut at = label;
        while at != Label::ROOT {
            let Named { parent, name, .. } = &self.names[at.0 as usize - 1];
            names.push(name.as_str());
            at = *parent;
        }
        names.reverse();
        names.join(".")
    }
}

impl Label {
    /// No name: what stands outside of any layer.
    pub const ROOT: Label = Label(0);
}
