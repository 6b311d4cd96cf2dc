//! Convolutions and their transposes.
//!
//! | operation | y | x̄ | w̄ | b̄ | keeps |
//! | --- | --- | --- | --- | --- | --- |
//! | `conv1d`, `conv2d` | C(x, w) + b | C'(ȳ, w) | K(x, ȳ) | Σ ȳ | x, w |
//! | `conv_transpose1d`, `conv_transpose2d` | C'(x, w) + b | C(ȳ, w) | K(ȳ, x) | Σ ȳ | x, w |
//!
//! C is linear in x and in w; C' is its transpose in x, and K its transpose in w: `kernels/conv.rs`
//! has all three. The sum goes over images and places.

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::window::{self, axes, image_wanted, misfit, planar, result, row_places};
use crate::kernels::conv::Convolution;
use crate::kernels::window::{Axis, Window};
use crate::kernels::{Scalar, reduce};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::Shape;
use crate::tensor::check::{Checked, Message};

/// How a kernel goes over images of N axes: one by one, without padding, unless said otherwise.
///
/// ```
/// use elbo::ops::Conv;
/// let halves = Conv { stride: [2, 2], padding: [[1, 1], [1, 1]], ..Conv::default() };
/// assert_eq!((halves.dilation, halves.groups), ([1, 1], 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv<const N: usize> {
    /// How far it moves along each axis.
    pub stride: [usize; N],
    /// Zeros in front of each axis and behind it: `[[top, bottom], [left, right]]`.
    pub padding: [[usize; 2]; N],
    /// How far its elements lie apart.
    pub dilation: [usize; N],
    /// Into how many parts the channels are cut, each with a kernel of its own: with as many as
    /// there are channels, every channel is alone.
    pub groups: usize,
}

impl<const N: usize> Default for Conv<N> {
    fn default() -> Self {
        Conv::DEFAULT
    }
}

impl<const N: usize> Conv<N> {
    /// One by one, without padding, in one group.
    pub const DEFAULT: Conv<N> = Conv {
        stride: [1; N],
        padding: [[0; 2]; N],
        dilation: [1; N],
        groups: 1,
    };

    /// What the convolution is called.
    pub(crate) const NAME: &'static str = if N == 1 { "conv1d" } else { "conv2d" };

    /// A kernel of shape w along one of the axes.
    fn window(&self, w: Shape, axis: usize) -> Window {
        self.window_of(w.dim(2 + axis), axis)
    }
    /// A kernel with `size` elements along one of the axes.
    const fn window_of(&self, size: usize, axis: usize) -> Window {
        Window {
            size,
            stride: self.stride[axis],
            padding: self.padding[axis],
            dilation: self.dilation[axis],
        }
    }

    /// The shape `[outputs, ..places]` of the row `name` after a convolution, while the compiler
    /// runs.
    ///
    /// ```
    /// use elbo::{Shape, ops::Conv, tensor::check};
    /// const HALF: Conv<2> = Conv { stride: [2, 2], ..Conv::DEFAULT };
    /// const ROW: Shape = check::shape(&HALF.shape(Shape::new(&[3, 32, 32]), "x", 16, [2, 2]));
    /// assert_eq!(ROW, Shape::new(&[16, 16, 16]));
    /// ```
    ///
    /// # Errors
    /// If the row is not `[channels, rows, columns]`, or `[channels, length]` for N = 1; if the
    /// groups cut no whole channels, or the kernel fits nowhere.
    pub const fn shape(
        self,
        row: Shape,
        name: &str,
        outputs: usize,
        kernel: [usize; N],
    ) -> Checked {
        let function = Self::NAME;
        if let Some(message) = image_wanted::<N>(function, row, name) {
            return Err(message);
        }
        let message = Message::new().text(function);
        if outputs == 0 {
            return Err(message.text(" needs at least one output channel"));
        }
        let (channels, groups) = (row.dim(0), self.groups);
        if groups == 0 || !channels.is_multiple_of(groups) {
            let message = message
                .text(": the ")
                .number(channels)
                .text(" channels of `");
            let message = message.text(name).text("` cannot be cut into ");
            return Err(message.number(groups).text(" groups"));
        }
        if !outputs.is_multiple_of(groups) {
            let message = message.text(": ").number(outputs);
            let message = message.text(" output channels cannot be cut into ");
            return Err(message.number(groups).text(" groups"));
        }
        let mut windows = [Axis::SINGLE.window; N];
        let mut axis = 0;
        while axis < N {
            windows[axis] = self.window_of(kernel[axis], axis);
            axis += 1;
        }
        row_places(function, "kernel", (row, name), outputs, windows)
    }
}

/// The [`Conv`] of which a transposed convolution is the transpose, and which of the extents that
/// it takes to the same one comes back.
///
/// ```
/// use elbo::ops::{Conv, ConvTranspose};
/// let halves = Conv { stride: [2], padding: [[1, 1]], ..Conv::default() };
/// let doubles = ConvTranspose { output_padding: [1], ..halves.into() };
/// assert_eq!(doubles.of, halves);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTranspose<const N: usize> {
    /// The convolution. Its padding is cut off the result.
    pub of: Conv<N>,
    /// What is added behind each axis of the result: less than the stride or the dilation.
    pub output_padding: [usize; N],
}

impl<const N: usize> Default for ConvTranspose<N> {
    fn default() -> Self {
        Conv::default().into()
    }
}

impl<const N: usize> From<Conv<N>> for ConvTranspose<N> {
    fn from(of: Conv<N>) -> Self {
        ConvTranspose {
            of,
            output_padding: [0; N],
        }
    }
}

/// X and W, but not the bias.
const KEEPS: Keeps = Keeps::Only {
    inputs: &[0, 1],
    output: false,
};

/// Y = C(X, W) + b.
struct Convolve {
    name: &'static str,
    sizes: Convolution,
}

impl<S: Scalar> Op<S> for Convolve {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        KEEPS
    }
    fn flops(&self, _: &Inputs<'_, S>, y: Shape) -> u64 {
        2 * y.size() as u64 * self.sizes.taps() as u64
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        start(x, self.sizes.places(), y);
        self.sizes.add_product(&x[0], &x[1], y);
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        if let Some(d) = x_bar.of(0) {
            self.sizes.add_transposed(y_bar, &x[1], d);
        }
        if let Some(d) = x_bar.of(1) {
            let images = x.shape(0).dim(0);
            self.sizes.add_kernel_gradient(images, &x[0], y_bar, d);
        }
        add_bias_gradient(x, self.sizes.places(), y_bar, x_bar);
    }
}

/// Y = C'(X, W) + b: the images of the convolution are Y, and its results X.
struct ConvolveTransposed {
    name: &'static str,
    sizes: Convolution,
}

impl<S: Scalar> Op<S> for ConvolveTransposed {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        KEEPS
    }
    fn flops(&self, x: &Inputs<'_, S>, _: Shape) -> u64 {
        2 * x.shape(0).size() as u64 * self.sizes.taps() as u64
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        start(x, self.sizes.plane(), y);
        self.sizes.add_transposed(&x[0], &x[1], y);
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        if let Some(d) = x_bar.of(0) {
            self.sizes.add_product(y_bar, &x[1], d);
        }
        if let Some(d) = x_bar.of(1) {
            let images = x.shape(0).dim(0);
            self.sizes.add_kernel_gradient(images, y_bar, &x[0], d);
        }
        add_bias_gradient(x, self.sizes.plane(), y_bar, x_bar);
    }
}

/// Fills each channel of y, a `plane` of numbers, with its bias, or with 0 if there is no input 2.
fn start<S: Scalar>(x: &Inputs<'_, S>, plane: usize, y: &mut [S]) {
    if x.len() < 3 {
        y.fill(S::ZERO);
    } else if plane > 0 {
        for (channel, &b) in y.chunks_exact_mut(plane).zip(x[2].iter().cycle()) {
            channel.fill(b);
        }
    }
}

/// Adds Σ ȳ over images and the places of a `plane` to the gradient of the bias, if there is one.
fn add_bias_gradient<S: Scalar>(
    x: &Inputs<'_, S>,
    plane: usize,
    y_bar: &[S],
    x_bar: &mut Grads<'_, S>,
) {
    if x.len() < 3 || y_bar.is_empty() {
        return;
    }
    let Some(d) = x_bar.of(2) else { return };
    let image = d.len() * plane;
    for (channel, d) in d.iter_mut().enumerate() {
        let plane = |i: usize| &y_bar[i * image + channel * plane..][..plane];
        *d += reduce::sum_of(y_bar.len() / image, &|i| reduce::sum(plane(i)));
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// Convolution with a kernel, as nets understand it: the kernel is not turned round.
    ///
    /// ```text
    /// y[n, o, p, q] = b[o] + Σ_{c, i, j} w[o, c, i, j] x[n, c, p s₀ + i d₀ - top, q s₁ + j d₁ - left]
    /// ```
    ///
    /// x is `[images, channels, rows, columns]`, 0 outside; w is
    /// `[outputs, channels / groups, rows, columns]`; b, if there is one, `[outputs]`. s is the
    /// stride, d the dilation. Output o sees the channels of its group alone. The result is
    /// `[images, outputs, ..places]`, with ⌊(extent + padding - (size - 1) d - 1) / s⌋ + 1 places
    /// along an axis.
    ///
    /// ```
    /// use elbo::{Tape, Tensor, ops::Conv};
    /// let tape = Tape::new();
    /// let image = tape.constant(&Tensor::new([1, 1, 2, 4], vec![1.0, 1.0, 5.0, 5.0, 2.0, 2.0, 2.0, 9.0]));
    /// let slope = tape.parameter(&Tensor::new([1, 1, 1, 2], vec![-1.0f64, 1.0]));
    /// let edges = image.conv2d(slope, None, Conv::default());
    /// assert_eq!(edges.value().as_slice(), [0.0, 4.0, 0.0, 0.0, 0.0, 7.0]);
    /// let every_other = image.conv2d(slope, None, Conv { stride: [1, 2], ..Conv::default() });
    /// assert_eq!(every_other.value().as_slice(), [0.0, 0.0, 0.0, 7.0]);
    /// ```
    ///
    /// # Panics
    /// If the shapes are not these, the groups cut no whole channels, or the kernel fits nowhere.
    #[track_caller]
    pub fn conv2d(self, kernel: Self, bias: Option<Self>, conv: Conv<2>) -> Self {
        self.convolve("conv2d", kernel, bias, conv)
    }
    /// [`conv2d`](Var::conv2d) with one axis: x is `[sequences, channels, length]`, w
    /// `[outputs, channels / groups, length]`.
    ///
    /// With `padding: [[(size - 1) * dilation, 0]]` no result sees what comes after it: a causal
    /// convolution.
    ///
    /// # Panics
    /// As `conv2d` does.
    #[track_caller]
    pub fn conv1d(self, kernel: Self, bias: Option<Self>, conv: Conv<1>) -> Self {
        self.convolve("conv1d", kernel, bias, conv)
    }
    /// The transpose of [`conv2d`](Var::conv2d) in x, also called a deconvolution: every number of
    /// x goes to the positions that the convolution would have read for it.
    ///
    /// ```text
    /// y[n, o, p s₀ + i d₀ - top, q s₁ + j d₁ - left] += w[c, o, i, j] x[n, c, p, q]
    /// ```
    ///
    /// from y = b on, for all c, i, j, p and q. x is `[images, channels, rows, columns]`, w is
    /// `[channels, outputs / groups, rows, columns]`; b, if there is one, `[outputs]`. The result
    /// is `[images, outputs, ..extents]`, with
    /// `(extent - 1) s + (size - 1) d + 1 - padding + output_padding` along an axis.
    ///
    /// ```
    /// use elbo::{Tape, Tensor, ops::{Conv, ConvTranspose}};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::new([1, 1, 1, 2], vec![1.0, 2.0]));
    /// let w = tape.parameter(&Tensor::new([1, 1, 1, 2], vec![10.0f64, 1.0]));
    /// let by_threes = Conv { stride: [1, 3], ..Conv::default() };
    /// let y = x.conv_transpose2d(w, None, by_threes);
    /// assert_eq!(y.value().as_slice(), [10.0, 1.0, 0.0, 20.0, 2.0]);
    /// let y = x.conv_transpose2d(w, None, ConvTranspose { output_padding: [0, 1], ..by_threes.into() });
    /// assert_eq!(y.value().as_slice(), [10.0, 1.0, 0.0, 20.0, 2.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If the shapes are not these, the groups cut no whole channels, an output padding is below
    /// neither its stride nor its dilation, or nothing is left between the padding.
    #[track_caller]
    pub fn conv_transpose2d(
        self,
        kernel: Self,
        bias: Option<Self>,
        conv: impl Into<ConvTranspose<2>>,
    ) -> Self {
        self.convolve_transposed("conv_transpose2d", kernel, bias, conv.into())
    }
    /// [`conv_transpose2d`](Var::conv_transpose2d) with one axis: x is
    /// `[sequences, channels, length]`, w `[channels, outputs / groups, length]`.
    ///
    /// # Panics
    /// As `conv_transpose2d` does.
    #[track_caller]
    pub fn conv_transpose1d(
        self,
        kernel: Self,
        bias: Option<Self>,
        conv: impl Into<ConvTranspose<1>>,
    ) -> Self {
        self.convolve_transposed("conv_transpose1d", kernel, bias, conv.into())
    }

    #[track_caller]
    fn convolve<const N: usize>(
        self,
        name: &'static str,
        kernel: Self,
        bias: Option<Self>,
        conv: Conv<N>,
    ) -> Self {
        let (x, w, b) = (self.shape(), kernel.shape(), bias.map(Var::shape));
        match convolution(x, w, b, conv) {
            Ok((sizes, y)) => self.with_kernel(Convolve { name, sizes }, kernel, bias, y),
            Err(wrong) => panic!("{name}: {}: {wrong}", operands(x, w, b)),
        }
    }
    #[track_caller]
    fn convolve_transposed<const N: usize>(
        self,
        name: &'static str,
        kernel: Self,
        bias: Option<Self>,
        conv: ConvTranspose<N>,
    ) -> Self {
        let (x, w, b) = (self.shape(), kernel.shape(), bias.map(Var::shape));
        match transposed(x, w, b, conv) {
            Ok((sizes, y)) => self.with_kernel(ConvolveTransposed { name, sizes }, kernel, bias, y),
            Err(wrong) => panic!("{name}: {}: {wrong}", operands(x, w, b)),
        }
    }
    #[track_caller]
    fn with_kernel(self, op: impl Op<S>, kernel: Self, bias: Option<Self>, y: Shape) -> Self {
        match bias {
            Some(bias) => self.tape().apply(op, [self, kernel, bias], y),
            None => self.tape().apply(op, [self, kernel], y),
        }
    }
}

fn operands(x: Shape, w: Shape, b: Option<Shape>) -> String {
    let b = b.map(|b| format!(" + {b}")).unwrap_or_default();
    format!("{x} * {w}{b}")
}

/// The sizes of a convolution and the shape of its result, or what is wrong.
fn convolution<const N: usize>(
    x: Shape,
    w: Shape,
    b: Option<Shape>,
    conv: Conv<N>,
) -> Result<(Convolution, Shape), String> {
    check_ranks::<N>(x, w, ["outputs", "channels"])?;
    let (groups, channels, outputs) = (conv.groups, x.dim(1), w.dim(0));
    let sizes = sizes_of(groups, ["channels", "outputs"], [channels, outputs])?;
    if sizes.channels != w.dim(1) {
        return Err(format!(
            "the kernel has {} channels, not channels / groups = {channels} / {groups}",
            w.dim(1)
        ));
    }
    check_bias(b, outputs)?;
    let mut axes = [Axis::SINGLE; N];
    for (axis, found) in axes.iter_mut().enumerate() {
        *found = window::axis::<N>(x, axis, conv.window(w, axis), "kernel")?;
    }
    let y = result(x.dim(0), outputs, axes.map(|axis| axis.places))?;
    let axes = planar(axes, Axis::SINGLE);
    Ok((Convolution { axes, ..sizes }, y))
}

/// The sizes of the convolution whose transpose is asked for, and the shape of the result.
fn transposed<const N: usize>(
    x: Shape,
    w: Shape,
    b: Option<Shape>,
    ConvTranspose { of, output_padding }: ConvTranspose<N>,
) -> Result<(Convolution, Shape), String> {
    check_ranks::<N>(x, w, ["channels", "outputs"])?;
    let (groups, channels) = (of.groups, x.dim(1));
    if channels != w.dim(0) {
        let kernel = w.dim(0);
        return Err(format!("the kernel has {kernel} channels, not {channels}"));
    }
    let Some(outputs) = groups.checked_mul(w.dim(1)) else {
        return Err("more outputs than can be counted".into());
    };
    // What the convolution reads are the outputs, and its results the channels.
    let sizes = sizes_of(groups, ["outputs", "channels"], [outputs, channels])?;
    check_bias(b, outputs)?;
    let mut axes = [Axis::SINGLE; N];
    for (axis, found) in axes.iter_mut().enumerate() {
        let (window, places) = (of.window(w, axis), x.dim(2 + axis));
        let added = output_padding[axis];
        let extent = window.covered(places, added);
        let extent = extent.map_err(|why| misfit::<N>("kernel", window, places, axis, why))?;
        if added >= window.stride.max(window.dilation) {
            return Err(format!(
                "an output padding of {added} is below neither the stride {} nor the dilation {}",
                window.stride, window.dilation
            ));
        }
        *found = Axis {
            window,
            extent,
            places,
        };
    }
    let y = result(x.dim(0), outputs, axes.map(|axis| axis.extent))?;
    let axes = planar(axes, Axis::SINGLE);
    Ok((Convolution { axes, ..sizes }, y))
}

fn check_ranks<const N: usize>(
    x: Shape,
    w: Shape,
    [first, second]: [&str; 2],
) -> Result<(), String> {
    if x.rank() == 2 + N && w.rank() == 2 + N {
        return Ok(());
    }
    let axes = axes::<N>();
    Err(format!(
        "wants [images, channels, {axes}] * [{first}, {second} / groups, {axes}]"
    ))
}

/// A convolution's channels and outputs, cut into groups; its axes are yet to be found.
fn sizes_of(groups: usize, names: [&str; 2], counts: [usize; 2]) -> Result<Convolution, String> {
    for (name, count) in names.into_iter().zip(counts) {
        if groups == 0 || !count.is_multiple_of(groups) {
            return Err(format!("{count} {name} cannot be cut into {groups} groups"));
        }
    }
    Ok(Convolution {
        groups,
        channels: counts[0] / groups,
        outputs: counts[1] / groups,
        axes: [Axis::SINGLE; 2],
    })
}

fn check_bias(b: Option<Shape>, outputs: usize) -> Result<(), String> {
    match b {
        Some(b) if b.dims() != [outputs] => {
            Err(format!("{outputs} outputs want a bias [{outputs}]"))
        }
        _ => Ok(()),
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Convolve, "conv2d", (x: "n243" in Domain::REAL, w: "o222" in Domain::REAL) => x.conv2d(w, None, Conv::default())),
    law!(Convolve, "conv2d", (x: "nc43" in Domain::REAL, w: "ocKL" in Domain::REAL, b: "o" in Domain::REAL) => x.conv2d(w, Some(b), Conv { padding: [[1, 1], [2, 0]], ..Conv::default() })),
    law!(Convolve, "conv2d", (x: "n254" in Domain::REAL, w: "2232" in Domain::REAL, b: "2" in Domain::REAL) => x.conv2d(w, Some(b), Conv { stride: [2, 3], padding: [[0, 1], [1, 2]], dilation: [2, 1], groups: 1 })),
    law!(Convolve, "conv2d", (x: "n433" in Domain::REAL, w: "4221" in Domain::REAL) => x.conv2d(w, None, Conv { padding: [[1, 0], [0, 1]], groups: 2, ..Conv::default() })),
    law!(Convolve, "conv1d", (x: "nc7" in Domain::REAL, w: "ocK" in Domain::REAL) => x.conv1d(w, None, Conv { padding: [[2, 0]], dilation: [2], ..Conv::default() })),
    law!(Convolve, "conv1d", (x: "n47" in Domain::REAL, w: "413" in Domain::REAL, b: "4" in Domain::REAL) => x.conv1d(w, Some(b), Conv { stride: [3], padding: [[1, 1]], groups: 4, ..Conv::default() })),
    law!(ConvolveTransposed, "conv_transpose2d", (x: "n223" in Domain::REAL, w: "2o22" in Domain::REAL, b: "o" in Domain::REAL) => x.conv_transpose2d(w, Some(b), Conv::default())),
    law!(ConvolveTransposed, "conv_transpose2d", (x: "n432" in Domain::REAL, w: "4132" in Domain::REAL, b: "2" in Domain::REAL) => x.conv_transpose2d(w, Some(b), ConvTranspose { of: Conv { stride: [2, 3], padding: [[1, 2], [0, 1]], dilation: [1, 2], groups: 2 }, output_padding: [1, 2] })),
    law!(ConvolveTransposed, "conv_transpose1d", (x: "ncL" in Domain::REAL, w: "co3" in Domain::REAL) => x.conv_transpose1d(w, None, ConvTranspose { of: Conv { stride: [2], padding: [[1, 0]], ..Conv::default() }, output_padding: [1] })),
];
