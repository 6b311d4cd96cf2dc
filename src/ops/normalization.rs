//! Normalizations: (x - mean) / √(var + ε) over some axes, then a gain and a bias.
//!
//! | function | statistics over |
//! | --- | --- |
//! | `normalize` | `axes` |
//! | `rms_normalize` | `axes`, of x² about 0: x / √(mean x² + ε) |
//! | `group_normalize` | the channels of a group and all positions |
//!
//! Layer normalization is `normalize` over the last axes, batch normalization over all axes but
//! the channels'; the variance divides by n. All are made of other operations, whose rules they
//! inherit.

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::Scalar;
use crate::tape::Var;

impl<'t, S: Scalar> Var<'t, S> {
    /// (x - mean) / √(var + ε), statistics over `axes`; of the shape of x.
    ///
    /// Source: Ba, Kiros and Hinton (2016), equation 4; Ioffe and Szegedy (2015), algorithm 1.
    ///
    /// # Panics
    /// If an axis does not exist or is named twice, the axes hold no element, or `epsilon` is
    /// negative or NaN.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::new([1, 2], vec![3.0f64, 7.0]));
    /// assert_eq!(x.normalize(&[1], 0.0).value().as_slice(), [-1.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn normalize(self, axes: &[usize], epsilon: f64) -> Self {
        self.check_normalized("normalize", axes, epsilon);
        let mean = self.mean_axes(axes).expand_dims(axes);
        let centered = self - mean;
        let var = centered.square().mean_axes(axes).expand_dims(axes);
        centered * (var + epsilon).rsqrt()
    }
    /// x / √(mean x² + ε), the mean over `axes`; of the shape of x.
    ///
    /// Source: Zhang and Sennrich (2019), equation 4.
    ///
    /// # Panics
    /// If an axis does not exist or is named twice, the axes hold no element, or `epsilon` is
    /// negative or NaN.
    #[track_caller]
    pub fn rms_normalize(self, axes: &[usize], epsilon: f64) -> Self {
        self.check_normalized("rms_normalize", axes, epsilon);
        let mean = self.square().mean_axes(axes).expand_dims(axes);
        self * (mean + epsilon).rsqrt()
    }
    /// x, of shape `[rows, channels, ..]`, normalized within each of `groups` groups of channels.
    ///
    /// Source: Wu and He (2018), equations 1 to 3 and 7.
    ///
    /// # Panics
    /// If there are fewer than two axes, the channels do not fall into so many equal groups, the
    /// groups hold no element, or `epsilon` is negative or NaN.
    #[track_caller]
    pub fn group_normalize(self, groups: usize, epsilon: f64) -> Self {
        let shape = self.axis_checked("group_normalize", 1);
        let channels = shape.dim(1);
        assert!(
            groups > 0 && channels.is_multiple_of(groups),
            "group_normalize: the {channels} channels of {shape} are no {groups} equal groups"
        );
        let [rows, _, inner] = shape.split(1);
        self.check_normalized("group_normalize", &self.all_axes()[1..], epsilon);
        let grouped = self.reshape([rows, groups, channels / groups * inner]);
        grouped.normalize(&[2], epsilon).reshape(shape)
    }
    #[track_caller]
    fn check_normalized(self, name: &str, axes: &[usize], epsilon: f64) {
        self.check_averaged(name, axes);
        assert!(
            epsilon >= 0.0,
            "{name}: epsilon is {epsilon}, but a variance grows by it"
        );
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    Law {
        op: "elbo::ops::elementary::Rsqrt",
        ..law!(Rsqrt, "rsqrt", (x: "aBc" in Domain::REAL) => x.normalize(&[1], 0.1))
    },
    Law {
        op: "elbo::ops::elementary::Rsqrt",
        ..law!(Rsqrt, "rsqrt", (x: "AbC" in Domain::REAL) => x.rms_normalize(&[0, 2], 0.1))
    },
    Law {
        op: "elbo::ops::elementary::Rsqrt",
        ..law!(Rsqrt, "rsqrt", (x: "a4B" in Domain::REAL) => x.group_normalize(2, 0.1))
    },
];
