//! Reading and writing by index.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `index_select`, `rows` | places of an axis, each as often as it is named | ȳ added to the places it was read from | nothing |
//! | `gather` | y\[.., j, ..] = x\[.., index\[.., j, ..], ..] | ȳ added there | nothing |
//! | `scatter_add` | a, with b added at places of an axis | ȳ, and ȳ at those places | nothing |
//! | `scatter` | a, with b written at places of an axis | ȳ where a was left, and ȳ at those places | nothing |
//!
//! A place may be named several times: what flows to it adds up, pairwise. Where `scatter` writes to a place
//! twice, the last one wins, and the gradient goes to it alone.

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::Scalar;
use crate::kernels::reduce::{add, add_rows};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Tape, Var};
use crate::tensor::{Shape, Tensor};

/// Blocks of an axis by index: block k of the shorter tensor, in which the axis has an extent of
/// its own, belongs to block `indices[k]` of the longer one.
struct Blocks {
    indices: Vec<usize>,
    outer: usize,
    extent: usize,
    inner: usize,
}

impl Blocks {
    /// Calls `block(long, short)` with the place of each pair of blocks, and their length.
    fn each(&self, mut block: impl FnMut(usize, usize)) {
        let count = self.indices.len();
        for o in 0..self.outer {
            for (k, &index) in self.indices.iter().enumerate() {
                let long = (o * self.extent + index) * self.inner;
                block(long, (o * count + k) * self.inner);
            }
        }
    }
    /// Adds each block of `short` to its place in `long`; those that meet there, pairwise.
    fn add<S: Scalar>(&self, short: &[S], long: &mut [S]) {
        let count = self.indices.len();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|&k| self.indices[k]); // stable: blocks of one place stay in order
        let mut places = vec![];
        for o in 0..self.outer {
            for block in order.chunk_by(|&a, &b| self.indices[a] == self.indices[b]) {
                places.clear();
                places.extend(block.iter().map(|&k| (o * count + k) * self.inner));
                let at = (o * self.extent + self.indices[block[0]]) * self.inner;
                add_rows(short, &places, &mut long[at..at + self.inner]);
            }
        }
    }
    /// For each place of the axis the last block that names it.
    fn last(&self) -> Vec<Option<usize>> {
        let mut last = vec![None; self.extent];
        for (k, &index) in self.indices.iter().enumerate() {
            last[index] = Some(k);
        }
        last
    }
}

struct IndexSelect {
    name: &'static str,
    blocks: Blocks,
}

impl<S: Scalar> Op<S> for IndexSelect {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        0
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let n = self.blocks.inner;
        self.blocks.each(|long, short| {
            y[short..short + n].copy_from_slice(&x[0][long..long + n]);
        });
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        if let Some(d) = x_bar.of(0) {
            self.blocks.add(y_bar, d);
        }
    }
}

struct ScatterAdd {
    name: &'static str,
    blocks: Blocks,
}

impl<S: Scalar> Op<S> for ScatterAdd {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        y.copy_from_slice(&x[0]);
        self.blocks.add(&x[1], y);
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let n = self.blocks.inner;
        if let Some(d) = x_bar.of(0) {
            add(d, y_bar);
        }
        if let Some(d) = x_bar.of(1) {
            self.blocks
                .each(|long, short| add(&mut d[short..short + n], &y_bar[long..long + n]));
        }
    }
}

struct Scatter(Blocks);

impl<S: Scalar> Op<S> for Scatter {
    fn name(&self) -> &'static str {
        "scatter"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        0
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let n = self.0.inner;
        y.copy_from_slice(&x[0]);
        self.0
            .each(|long, short| y[long..long + n].copy_from_slice(&x[1][short..short + n]));
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let (n, blocks) = (self.0.inner, &self.0);
        let last = blocks.last();
        if let Some(d) = x_bar.of(0) {
            for o in 0..blocks.outer {
                for (place, _) in last.iter().enumerate().filter(|(_, k)| k.is_none()) {
                    let at = (o * blocks.extent + place) * n;
                    add(&mut d[at..at + n], &y_bar[at..at + n]);
                }
            }
        }
        if let Some(d) = x_bar.of(1) {
            let count = blocks.indices.len();
            for o in 0..blocks.outer {
                for (place, k) in last.iter().enumerate() {
                    let Some(k) = k else { continue };
                    let (long, short) = ((o * blocks.extent + place) * n, (o * count + k) * n);
                    add(&mut d[short..short + n], &y_bar[long..long + n]);
                }
            }
        }
    }
}

/// The blocks of `axis` at `indices`, which it has.
#[track_caller]
fn blocks(name: &str, shape: Shape, axis: usize, indices: &[usize]) -> Blocks {
    let [outer, extent, inner] = shape.split(axis);
    if let Some((k, &index)) = indices.iter().enumerate().find(|(_, i)| **i >= extent) {
        panic!("{name}: index {k} is {index}, but axis {axis} of {shape} has {extent} places");
    }
    Blocks {
        indices: indices.to_owned(),
        outer,
        extent,
        inner,
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// The rows of the first axis at `indices`, each as often as it is named: an embedding.
    ///
    /// # Panics
    /// If the value is a scalar, or there is no such row.
    #[track_caller]
    pub fn rows(self, indices: &[usize]) -> Self {
        self.selected("rows", 0, indices)
    }
    /// The places `indices` of `axis`, each as often as it is named.
    ///
    /// # Panics
    /// If there is no such axis, or no such place.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::new([2, 2], vec![1.0f32, 2.0, 3.0, 4.0]));
    /// assert_eq!(x.index_select(1, &[1, 1, 0]).value().as_slice(), [2.0, 2.0, 1.0, 4.0, 4.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn index_select(self, axis: usize, indices: &[usize]) -> Self {
        self.selected("index_select", axis, indices)
    }
    #[track_caller]
    fn selected(self, name: &'static str, axis: usize, indices: &[usize]) -> Self {
        let shape = self.axis_checked(name, axis);
        let blocks = blocks(name, shape, axis, indices);
        let op = IndexSelect { name, blocks };
        self.tape()
            .apply(op, [self], shape.with(axis, indices.len()))
    }
    /// Reads along `axis` at an index of its own for each element of the result, which has the
    /// shape of the indices: `shape`, this value's but for its extent along `axis`.
    ///
    /// # Panics
    /// If there is no such axis, the shapes differ along another one, there are not as many
    /// indices as `shape` has elements, or there is no such place.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let p = tape.constant(&Tensor::new([2, 3], vec![0.1f32, 0.2, 0.7, 0.5, 0.3, 0.2]));
    /// let of_label = p.gather(1, [2, 1], &[2, 0]);
    /// assert_eq!(of_label.value().as_slice(), [0.7, 0.5]);
    /// ```
    #[track_caller]
    pub fn gather(self, axis: usize, shape: impl Into<Shape>, indices: &[usize]) -> Self {
        let (from, to) = (self.axis_checked("gather", axis), shape.into());
        assert!(
            to.rank() == from.rank() && to.with(axis, from.dim(axis)) == from,
            "gather: indices of shape {to} for {from} along axis {axis}: the other axes differ"
        );
        assert!(
            indices.len() == to.size(),
            "gather: {} indices are no {to}",
            indices.len()
        );
        let [_, extent, inner] = from.split(axis);
        let count = to.dim(axis);
        if let Some((i, &index)) = indices.iter().enumerate().find(|(_, i)| **i >= extent) {
            panic!("gather: index {i} is {index}, but axis {axis} of {from} has {extent} places");
        }
        let place = |(i, &index): (usize, &usize)| {
            let outer = i / (count * inner);
            (outer * extent + index) * inner + i % inner
        };
        let blocks = Blocks {
            indices: indices.iter().enumerate().map(place).collect(),
            outer: 1,
            extent: from.size(),
            inner: 1,
        };
        let name = "gather";
        self.tape().apply(IndexSelect { name, blocks }, [self], to)
    }
    /// This value with `b` added at the places `indices` of `axis`.
    ///
    /// # Panics
    /// If there is no such axis or place, or `b` has not this value's shape with as many places
    /// along `axis` as there are indices.
    #[track_caller]
    pub fn scatter_add(self, axis: usize, indices: &[usize], b: Self) -> Self {
        let name = "scatter_add";
        let (shape, blocks) = self.target(name, axis, indices, b);
        let op = ScatterAdd { name, blocks };
        self.tape().apply(op, [self, b], shape)
    }
    /// This value with `b` written over the places `indices` of `axis`; of those that are named
    /// twice, the last one stays.
    ///
    /// # Panics
    /// As [`scatter_add`](Var::scatter_add).
    #[track_caller]
    pub fn scatter(self, axis: usize, indices: &[usize], b: Self) -> Self {
        let (shape, blocks) = self.target("scatter", axis, indices, b);
        self.tape().apply(Scatter(blocks), [self, b], shape)
    }
    #[track_caller]
    fn target(self, name: &str, axis: usize, indices: &[usize], b: Self) -> (Shape, Blocks) {
        let (shape, other) = (self.axis_checked(name, axis), b.shape());
        assert!(
            shape.with(axis, indices.len()) == other,
            "{name}: {} places of axis {axis} of {shape} take {}, not {other}",
            indices.len(),
            shape.with(axis, indices.len())
        );
        (shape, blocks(name, shape, axis, indices))
    }
    /// Sums of the rows that have the same segment: row `segments[i]` of the result takes row i.
    ///
    /// # Panics
    /// If there is not a segment for each row, it is not below `count`, or the number of elements
    /// overflows.
    #[track_caller]
    pub fn segment_sum(self, segments: &[usize], count: usize) -> Self {
        let name = "segment_sum";
        let shape = self.axis_checked(name, 0);
        assert!(
            segments.len() == shape.dim(0),
            "{name}: {} segments for the rows of {shape}",
            segments.len()
        );
        if let Some((i, &segment)) = segments.iter().enumerate().find(|(_, s)| **s >= count) {
            panic!("{name}: segment {i} is {segment}, but there are {count} segments");
        }
        let shape = shape.with_of(name, 0, count);
        shape.check_bytes::<S>(name);
        let zeros = self.tape().generate(shape, |x| x.fill(S::ZERO));
        let blocks = blocks(name, shape, 0, segments);
        let op = ScatterAdd { name, blocks };
        self.tape().apply(op, [zeros, self], shape)
    }
}

/// Data with a row for each label: 1 at the label, 0 elsewhere.
///
/// # Panics
/// If a label is not below `classes`, or the number of elements overflows.
#[track_caller]
pub fn one_hot<'t, S: Scalar>(tape: &'t Tape<S>, labels: &[usize], classes: usize) -> Var<'t, S> {
    let shape = Shape::of_result("one_hot", &[labels.len(), classes]);
    shape.check_bytes::<S>("one_hot");
    let mut x = Tensor::zeros(shape);
    for (i, &label) in labels.iter().enumerate() {
        assert!(
            label < classes,
            "one_hot: label {i} is {label}, but there are {classes} classes"
        );
        x.as_mut_slice()[i * classes + label] = S::ONE;
    }
    tape.constant(&x)
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(IndexSelect, "rows", (x: "4b" in Domain::REAL) => x.rows(&[2, 0, 2, 3])),
    law!(IndexSelect, "rows", (x: "3bc" in Domain::REAL) => x.rows(&[1])),
    law!(IndexSelect, "rows", (x: "ab" in Domain::REAL) => x.rows(&[])),
    law!(IndexSelect, "index_select", (x: "a3b" in Domain::REAL) => x.index_select(1, &[2, 0, 2, 2])),
    law!(IndexSelect, "gather", (x: "23" in Domain::REAL) => x.gather(1, [2, 2], &[2, 2, 0, 1])),
    law!(IndexSelect, "gather", (x: "32" in Domain::REAL) => x.gather(0, [1, 2], &[2, 0])),
    law!(ScatterAdd, "scatter_add", (a: "n3m" in Domain::REAL, b: "n4m" in Domain::REAL) => a.scatter_add(1, &[2, 0, 2, 2], b)),
    law!(ScatterAdd, "segment_sum", (x: "4m" in Domain::REAL) => x.segment_sum(&[0, 2, 2, 0], 4)),
    law!(Scatter, "scatter", (a: "n4m" in Domain::REAL, b: "n3m" in Domain::REAL) => a.scatter(1, &[3, 0, 3], b)),
];
