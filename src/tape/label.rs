//! Names for stretches of the tape: which layer a node belongs to.

/// A name on a tape, such as `h1` or `h1.weight`; see [`Tape::label`](super::Tape::label).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(u32);

/// All names used so far. They outlive [`Tape::clear`](super::Tape::clear), so that a step after
/// the first one finds its names without allocating.
#[derive(Debug, Default)]
pub(super) struct Labels(Vec<(Label, String)>);

impl Labels {
    /// The label `name` below `parent`.
    pub(super) fn get(&mut self, parent: Label, name: &str) -> Label {
        let known = self.0.iter().position(|(p, n)| *p == parent && n == name);
        let index = known.unwrap_or_else(|| {
            self.0.push((parent, name.to_owned()));
            self.0.len() - 1
        });
        Label(index as u32 + 1)
    }
    /// The whole name, joined by dots; empty for the root.
    pub(super) fn path(&self, label: Label) -> String {
        let mut names = vec![];
        let mut at = label;
        while at != Label::ROOT {
            let (parent, name) = &self.0[at.0 as usize - 1];
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
