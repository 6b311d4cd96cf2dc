use std::cell::RefCell;
use std::ops::{Add, Mul};

/// y = f(a, b), and what ȳ sends back to a and b.
struct Op {
    forward: fn(f64, f64) -> f64,
    vjp: fn(a: f64, b: f64, y_bar: f64) -> [f64; 2],
}
const ADD: &Op = &Op { forward: |a, b| a + b, vjp: |_, _, y_bar| [y_bar, y_bar] };
const MUL: &Op = &Op { forward: |a, b| a * b, vjp: |a, b, y_bar| [b * y_bar, a * y_bar] };
const SIN: &Op = &Op { forward: |a, _| a.sin(), vjp: |a, _, y_bar| [a.cos() * y_bar, 0.0] };

struct Node { op: Option<&'static Op>, inputs: [usize; 2], value: f64, grad: f64 }

#[derive(Default)]
struct Tape(RefCell<Vec<Node>>);

#[derive(Clone, Copy)]
struct Var<'t> { tape: &'t Tape, index: usize }

impl Tape {
    fn leaf(&self, value: f64) -> Var<'_> {
        self.push(Node { op: None, inputs: [0, 0], value, grad: 0.0 })
    }
    fn apply(&self, op: &'static Op, a: Var<'_>, b: Var<'_>) -> Var<'_> {
        let value = (op.forward)(a.value(), b.value());
        self.push(Node { op: Some(op), inputs: [a.index, b.index], value, grad: 0.0 })
    }
    fn push(&self, node: Node) -> Var<'_> {
        let mut nodes = self.0.borrow_mut();
        nodes.push(node);
        Var { tape: self, index: nodes.len() - 1 }
    }
    fn backward(&self, root: usize) {
        let nodes = &mut *self.0.borrow_mut();
        nodes.iter_mut().for_each(|node| node.grad = 0.0);
        nodes[root].grad = 1.0;
        for i in (0..=root).rev() {
            let (before, here) = nodes.split_at_mut(i);
            let Some(op) = here[0].op else { continue };
            let [a, b] = here[0].inputs;
            let x_bar = (op.vjp)(before[a].value, before[b].value, here[0].grad);
            before[a].grad += x_bar[0];
            before[b].grad += x_bar[1];
        }
    }
}

impl<'t> Var<'t> {
    fn value(self) -> f64 { self.tape.0.borrow()[self.index].value }
    fn grad(self) -> f64 { self.tape.0.borrow()[self.index].grad }
    fn backward(self) { self.tape.backward(self.index) }
    fn sin(self) -> Var<'t> { self.tape.apply(SIN, self, self) }
}
impl<'t> Add for Var<'t> {
    type Output = Var<'t>;
    fn add(self, b: Self) -> Var<'t> { self.tape.apply(ADD, self, b) }
}
impl<'t> Mul for Var<'t> {
    type Output = Var<'t>;
    fn mul(self, b: Self) -> Var<'t> { self.tape.apply(MUL, self, b) }
}
