//! The last finite parameters, to go back to.

use crate::net::BayesNet;
use crate::tape::Path;

/// A copy of all parameters of a net, in memory of its own that is used again.
#[derive(Default)]
pub(super) struct LastFinite(Vec<Vec<f32>>);

impl LastFinite {
    /// Keeps the parameters of `net`.
    pub(super) fn keep<N: BayesNet>(&mut self, net: &N) {
        let mut index = 0;
        net.visit(Path::ROOT, &mut |_, leaf| {
            if index == self.0.len() {
                self.0.push(vec![]);
            }
            let copy = &mut self.0[index];
            copy.clear();
            copy.extend_from_slice(leaf.as_slice());
            index += 1;
        });
    }
    /// Gives `net` the parameters that were kept.
    pub(super) fn restore<N: BayesNet>(&self, net: &mut N) {
        let mut kept = self.0.iter();
        net.visit_mut(Path::ROOT, &mut |_, leaf| {
            if let Some(copy) = kept.next() {
                leaf.as_mut_slice().copy_from_slice(copy);
            }
        });
    }
}
