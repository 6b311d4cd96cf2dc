//! How the operands of an element-wise operation are read and its gradients written: block by block,
//! as plain slices, whichever way they broadcast.

use std::array;
use std::ops::Range;

use crate::kernels::Scalar;
use crate::tape::{Grads, Inputs, Keeps, Scratch, Var};
use crate::tensor::{Broadcast, Shape, broadcast};

/// The shape to which all operands broadcast.
#[inline]
#[track_caller]
pub(super) fn common_shape<S: Scalar, const N: usize>(name: &str, x: [Var<'_, S>; N]) -> Shape {
    let first = x[0].shape();
    if x[1..].iter().all(|x| x.has_shape(&first)) {
        return first;
    }
    broadcast_all(name, x.map(Var::shape))
}

#[inline(never)]
#[track_caller]
fn broadcast_all<const N: usize>(name: &str, shapes: [Shape; N]) -> Shape {
    let mut common = shapes[0];
    for &shape in &shapes[1..] {
        common = match broadcast(common, shape) {
            Some(shape) => shape,
            None => mismatch(name, &shapes),
        };
    }
    common
}

/// How the operands are read. Computed on either way: a node that kept it would hold four times
/// as many bytes.
fn layouts<S: Scalar, const N: usize>(name: &str, x: &Inputs<'_, S>) -> [Broadcast; N] {
    let shapes = array::from_fn(|k| x.shape(k));
    if shapes[1..].iter().all(|shape| *shape == shapes[0]) {
        return [Broadcast::Same; N];
    }
    let common = broadcast_all(name, shapes);
    shapes.map(|shape| Broadcast::new(shape, common))
}

#[cold]
#[track_caller]
fn mismatch(name: &str, shapes: &[Shape]) -> ! {
    let shapes: Vec<String> = shapes.iter().map(Shape::to_string).collect();
    panic!("{name}: shapes {} do not broadcast", shapes.join(" and "))
}

/// Elements that are at hand at a time: enough of them that the start of a loop does not count,
/// few enough for the L1 cache.
pub(super) const LONG: usize = 512;
/// The same where little memory counts too.
pub(super) const SHORT: usize = 128;
/// So few that their memory is on the stack, where it must be written first.
const FEW: usize = 16;

/// The elements 0..n, in blocks of this length.
pub(crate) fn blocks(n: usize, length: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..n).step_by(length);
    starts.map(move |start| start..n.min(start + length))
}

/// The operands of an operation, and how they broadcast.
pub(super) struct Operands<'a, S, const N: usize> {
    /// Empty if the operation does not read them.
    pub(super) numbers: [&'a [S]; N],
    pub(super) layout: [Broadcast; N],
}

impl<'a, S: Scalar, const N: usize> Operands<'a, S, N> {
    pub(super) fn new(name: &str, x: &'a Inputs<'_, S>, keeps: Keeps) -> Self {
        Operands {
            numbers: array::from_fn(|k| if keeps.input(k) { &x[k] } else { &[][..] }),
            layout: layouts(name, x),
        }
    }
    /// Whether element i is element i of each.
    pub(super) fn are_whole(&self) -> bool {
        self.layout.iter().all(|l| matches!(l, Broadcast::Same))
    }
    /// The elements of a block, where they stand or gathered in `memory`.
    pub(super) fn rows<'b>(&self, block: &Range<usize>, memory: [&'b mut [S]; N]) -> [&'b [S]; N]
    where
        'a: 'b,
    {
        let mut operands = self.numbers.into_iter().zip(&self.layout);
        memory.map(|memory| {
            let (x, layout) = operands.next().expect("a row for each operand");
            if x.is_empty() {
                return x;
            }
            if let Broadcast::Same = layout {
                return &x[block.clone()];
            }
            let memory = &mut memory[..block.len()];
            gather(x, layout, block.clone(), memory);
            memory
        })
    }
}

/// Copies the elements of a block of an operand that repeats.
fn gather<S: Scalar>(x: &[S], layout: &Broadcast, block: Range<usize>, to: &mut [S]) {
    match *layout {
        Broadcast::One => to.fill(x[0]),
        Broadcast::Rows { period } => {
            // The rest of a row, and then whole ones.
            let first = block.start % period;
            let (rest, rows) = to.split_at_mut(block.len().min(period - first));
            rest.copy_from_slice(&x[first..][..rest.len()]);
            for row in rows.chunks_mut(period) {
                row.copy_from_slice(&x[..row.len()]);
            }
        }
        _ => {
            for (i, to) in block.zip(to) {
                *to = x[layout.index(i)];
            }
        }
    }
}

/// N rows of a block of at most [`LONG`] elements, in memory of the tape.
pub(super) struct Rows<S, const N: usize> {
    few: [[S; FEW]; N],
    /// More of them, row after row.
    many: Option<Scratch<S>>,
}

impl<S: Scalar, const N: usize> Rows<S, N> {
    pub(super) fn new(n: usize, x_bar: &mut Grads<'_, S>) -> Self {
        Rows {
            few: [[S::ZERO; FEW]; N],
            many: (n > FEW).then(|| x_bar.scratch(N * n.min(LONG))),
        }
    }
    pub(super) fn each_mut(&mut self) -> [&mut [S]; N] {
        let mut many = self.many.as_deref_mut().map(|many| {
            let length = many.len() / N;
            many.chunks_exact_mut(length)
        });
        self.few.each_mut().map(|few| {
            let row = many.as_mut().and_then(Iterator::next);
            row.unwrap_or(few)
        })
    }
    pub(super) fn give_back(self, x_bar: &mut Grads<'_, S>) {
        if let Some(many) = self.many {
            x_bar.give_back(many);
        }
    }
}
