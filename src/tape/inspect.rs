//! Looking inside: the table of nodes, the graph as a picture, and where a number went bad.

use std::fmt::{self, Display, Write};
use std::panic::Location;
use std::time::{Duration, Instant};

use super::buffer::Buffer;
use super::node::inputs_of;
use super::op::{Inputs, Keeps};
use super::record::{Record, Tape};
use crate::kernels::Scalar;
use crate::tensor::Shape;

/// What a tape looks at while it works.
#[derive(Default)]
pub(super) struct Watch {
    /// Set by [`Tape::watch`].
    pub(super) on: bool,
    /// The first number that was not finite.
    pub(super) culprit: Option<Culprit>,
    /// Set by [`Tape::profile`].
    pub(super) profile: bool,
    /// By node: forward and backward.
    times: Vec<[Duration; 2]>,
}

impl Watch {
    /// Whether a culprit is looked for.
    pub(super) fn is_looking(&self) -> bool {
        self.on && self.culprit.is_none()
    }
    pub(super) fn time(&mut self, node: usize, way: usize, started: Instant) {
        if self.times.len() <= node {
            self.times.resize(node + 1, [Duration::ZERO; 2]);
        }
        self.times[node][way] = started.elapsed();
    }
    pub(super) fn clear(&mut self) {
        self.culprit = None;
        self.times.clear();
    }
}

/// What was not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The result of an operation, or a leaf.
    Value,
    /// A gradient that an operation passed on to its inputs.
    Gradient,
    /// What [`Var::backward_with`](super::Var::backward_with) was given.
    Cotangent,
    /// A gradient that a [hook](super::Var::hook) changed.
    Hook,
}

/// Where a non-finite number was born; see [`Tape::watch`] and [`Tape::find_non_finite`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// A value or a gradient.
    pub kind: Kind,
    /// The operation's name; `parameter` or `data` for a leaf.
    pub op: &'static str,
    /// The last layer that was entered before it ran, such as `h1`; of a parameter its
    /// [name](Tape::parameter_at); empty if there is none.
    pub layer: String,
    /// Its place on the tape; inside of a checkpoint, that of the checkpoint, whose own places are
    /// those of the inputs.
    pub index: usize,
    /// Its inputs: operation, shape and range of values, as far as they are still there.
    pub inputs: Vec<String>,
    /// The line that recorded it, set the hook or gave the cotangent.
    pub place: &'static Location<'static>,
    /// The line that entered the layer, such as that of the layer in `bayes_net!`.
    pub entered: Option<&'static Location<'static>>,
}

impl Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            Kind::Value => "value",
            Kind::Gradient => "gradient",
            Kind::Cotangent => "given cotangent",
            Kind::Hook => "gradient, after a hook,",
        };
        write!(f, "{what} of `{}` (node {}", self.op, self.index)?;
        if self.op == "parameter" && !self.layer.is_empty() {
            write!(f, ", `{}`", self.layer)?;
        } else if !self.layer.is_empty() {
            write!(f, ", in or after layer `{}`", self.layer)?;
        }
        if let Some(entered) = self.entered {
            write!(f, " of {entered}")?;
        }
        write!(f, ") at {}", self.place)?;
        for input in &self.inputs {
            write!(f, "\n  input {input}")?;
        }
        Ok(())
    }
}

/// One node in a [`Table`].
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its place on the tape.
    pub index: usize,
    /// The operation's name; `parameter` or `data` for a leaf.
    pub op: &'static str,
    /// The layer, such as `h1`; of a parameter its [name](Tape::parameter_at), such as
    /// `h1.weight.mu`; empty if there is none.
    pub layer: String,
    /// The shape of the value.
    pub shape: Shape,
    /// The nodes that it was made of.
    pub parents: Vec<usize>,
    /// Bytes of the tape's memory in its value, its gradient and what it saved.
    pub bytes: usize,
    /// Floating-point operations of the way forward.
    pub flops: u64,
    /// Time of the way forward, if [`Tape::profile`] asked for it.
    pub forward: Duration,
    /// Time of the way back, if [`Tape::profile`] asked for it.
    pub backward: Duration,
    /// The line that recorded it.
    pub place: &'static Location<'static>,
}

impl Row {
    /// The box in which a picture shows it, and its name there.
    fn in_box(&self) -> (&str, &str) {
        if self.op == "parameter" {
            self.layer.rsplit_once('.').unwrap_or(("", &self.layer))
        } else {
            (&self.layer, "")
        }
    }
}

/// All nodes of a tape; [`Display`] prints them with a head and sums.
#[derive(Clone, Debug, PartialEq)]
pub struct Table(Vec<Row>);

impl Table {
    /// The nodes, in the order of recording.
    pub fn rows(&self) -> &[Row] {
        &self.0
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = |time: Duration| format!("{:.1}", time.as_nanos() as f64 / 1e3);
        let parents = |row: &Row| {
            let parents: Vec<String> = row.parents.iter().map(usize::to_string).collect();
            parents.join(" ")
        };
        let head = [
            "node", "op", "layer", "shape", "parents", "bytes", "flops", "fwd us", "bwd us",
        ];
        let mut lines = vec![head.map(str::to_owned)];
        lines.extend(self.0.iter().map(|row| {
            [
                row.index.to_string(),
                row.op.to_owned(),
                row.layer.clone(),
                row.shape.to_string(),
                parents(row),
                row.bytes.to_string(),
                row.flops.to_string(),
                micros(row.forward),
                micros(row.backward),
            ]
        }));
        let time = |time: fn(&Row) -> Duration| micros(self.0.iter().map(time).sum());
        let mut sums = [const { String::new() }; 9];
        "sum".clone_into(&mut sums[1]);
        sums[5] = self
            .0
            .iter()
            .map(|row| row.bytes)
            .sum::<usize>()
            .to_string();
        sums[6] = self.0.iter().map(|row| row.flops).sum::<u64>().to_string();
        sums[7] = time(|row| row.forward);
        sums[8] = time(|row| row.backward);
        lines.push(sums);

        let mut widths = [0; 9];
        for (width, column) in widths.iter_mut().zip(0..) {
            let cells = lines
                .iter()
                .map(|line: &[String; 9]| line[column].chars().count());
            *width = cells.max().unwrap_or_default();
        }
        for line in &lines {
            let mut text = String::new();
            for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
                // Words to the left, numbers to the right.
                if (1..5).contains(&column) {
                    write!(text, "  {cell:<width$}")?;
                } else {
                    write!(text, "  {cell:>width$}")?;
                }
            }
            writeln!(f, "{}", text[2..].trim_end())?;
        }
        Ok(())
    }
}

impl<S: Scalar> Tape<S> {
    /// From now on, also after [`clear`](Tape::clear), each value, leaves too, and each gradient is
    /// looked at when it is born; [`find_non_finite`](Tape::find_non_finite) then names the first one that
    /// was not finite. Costs a pass over the numbers for each operation.
    ///
    /// ```
    /// use elbo::{Tape, Tensor, tape::Kind};
    /// let tape = Tape::new();
    /// tape.watch(true);
    /// let x = tape.parameter(&Tensor::new([2], vec![0.0f64, 1.0]));
    /// x.sqrt().sum().backward(); // fine forward, 1 / 0 backward
    /// let culprit = tape.find_non_finite().unwrap();
    /// assert_eq!((culprit.kind, culprit.op), (Kind::Gradient, "sqrt"));
    /// ```
    pub fn watch(&self, on: bool) {
        self.0.borrow_mut().watch.on = on;
    }
    /// From now on, also after [`clear`](Tape::clear), the time of each operation is taken for
    /// [`table`](Tape::table).
    pub fn profile(&self, on: bool) {
        self.0.borrow_mut().watch.profile = on;
    }
    /// What is on the tape, node by node. Bytes are those that the tape holds now: after
    /// [`backward`](super::Var::backward) most of them were given back.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.parameter(&Tensor::<f32>::zeros([8, 3]));
    /// let w = tape.parameter(&Tensor::zeros([3, 2]));
    /// x.matmul(w).relu();
    /// let table = tape.table();
    /// assert_eq!((table.rows()[2].op, table.rows()[2].flops), ("matmul", 2 * 8 * 3 * 2));
    /// println!("{table}");
    /// ```
    pub fn table(&self) -> Table {
        let nodes = self.0.borrow();
        Table((0..nodes.len).map(|i| nodes.row(i)).collect())
    }
    /// The graph in the language of Graphviz: `dot -Tsvg` draws it. Nodes of one layer stand in
    /// one box, parameters in that of what they are parts of; an arrow goes from what is read to
    /// what is made.
    pub fn to_dot(&self) -> String {
        let rows = self.table().0;
        let mut out = String::from("digraph tape {\n  node [shape=box, fontname=monospace];\n");
        let mut layers: Vec<&str> = rows.iter().map(|row| row.in_box().0).collect();
        layers.sort_unstable();
        layers.dedup();
        for (k, layer) in layers.iter().enumerate() {
            let indent = if layer.is_empty() { "  " } else { "    " };
            if !layer.is_empty() {
                let name = escaped(layer);
                let _ = writeln!(out, "  subgraph cluster_{k} {{\n    label=\"{name}\";");
            }
            for row in rows.iter().filter(|row| row.in_box().0 == *layer) {
                let style = match row.op {
                    "parameter" => ", style=filled, fillcolor=lightblue",
                    "data" => ", style=filled, fillcolor=lightgray",
                    _ => "",
                };
                let (index, op, shape) = (row.index, row.op, row.shape);
                let name = escaped(row.in_box().1);
                let _ = writeln!(
                    out,
                    "{indent}n{index} [label=\"{index} {op} {name}\\n{shape}\"{style}];"
                );
            }
            if !layer.is_empty() {
                out += "  }\n";
            }
        }
        for row in &rows {
            for parent in &row.parents {
                let _ = writeln!(out, "  n{parent} -> n{};", row.index);
            }
        }
        out + "}\n"
    }
}

/// A name inside of quotes.
fn escaped(name: &str) -> String {
    name.replace(['\\', '"'], "_")
}

impl<S: Scalar> Record<S> {
    /// Floating-point operations of the way forward to node `i` from its inputs.
    pub(super) fn flops(&self, i: usize) -> u64 {
        let node = &self.nodes[i];
        let Some(op) = node.op.as_deref() else {
            return 0;
        };
        let x = Inputs {
            op,
            ids: inputs_of(&self.nodes, &self.inputs, i),
            nodes: &self.nodes,
            values: &self.values,
            readable: Keeps::Nothing,
        };
        op.flops(&x, node.shape())
    }
    fn row(&self, i: usize) -> Row {
        let node = &self.nodes[i];
        let own = |buffer: &Buffer<S>| match buffer {
            Buffer::Own(numbers) => numbers.capacity() * size_of::<S>(),
            _ => 0,
        };
        let ids = inputs_of(&self.nodes, &self.inputs, i);
        let [forward, backward] = self.watch.times.get(i).copied().unwrap_or_default();
        Row {
            index: i,
            op: node.name(),
            layer: self.names.path(node.label),
            shape: node.shape(),
            parents: ids.iter().map(|&id| id as usize).collect(),
            bytes: own(&self.values[i]) + own(&self.grads[i]) + node.saved_bytes(),
            flops: self.flops(i),
            forward,
            backward,
            place: node.place,
        }
    }
    /// What is told of node `i`.
    pub(super) fn culprit(&self, kind: Kind, i: usize) -> Culprit {
        let node = &self.nodes[i];
        let input = |&id: &u32| {
            let node = &self.nodes[id as usize];
            let numbers = self.values[id as usize].as_slice();
            let mut text = format!("{id}: `{}` {}", node.name(), node.shape());
            let finite = numbers.iter().map(|v| v.value());
            let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
                (l.min(v), h.max(v))
            });
            if low <= high {
                let _ = write!(text, ", from {low} to {high}");
            }
            if numbers.iter().any(|v| v.value().is_nan()) {
                text += ", with NaN";
            }
            text
        };
        Culprit {
            kind,
            op: node.name(),
            layer: self.names.path(node.label),
            index: i,
            inputs: inputs_of(&self.nodes, &self.inputs, i)
                .iter()
                .map(input)
                .collect(),
            place: node.place,
            entered: self.names.place(node.label),
        }
    }
}
