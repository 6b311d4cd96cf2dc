//! Windows that move along an axis: how many places they have there, and what they reach.

use std::ops::Range;

/// A window, or one extent of a kernel, and how it moves along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Number of its elements.
    pub size: usize,
    /// How far it moves from one place to the next.
    pub stride: usize,
    /// Positions added in front of the axis and behind it.
    pub padding: [usize; 2],
    /// How far its elements lie apart.
    pub dilation: usize,
}

/// Why a window has no place on an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// This, `size`, `stride` or `dilation`, is 0.
    Zero(&'static str),
    /// From its first element to its last it spans more than the axis with its padding.
    TooWide {
        /// How much it spans.
        span: usize,
    },
    /// No position is left between the paddings.
    Nothing,
    /// A position is beyond `usize`.
    Overflow,
}

impl Window {
    /// How many places the window has on an axis of `extent`:
    /// ⌊(extent + padding - span) / stride⌋ + 1, where it spans (size - 1) dilation + 1.
    ///
    /// # Errors
    /// If it has none.
    pub const fn places(self, extent: usize) -> Result<usize, Misfit> {
        let span = match self.span() {
            Ok(span) => span,
            Err(misfit) => return Err(misfit),
        };
        let [before, after] = self.padding;
        let Some(padded) = extent.checked_add(before) else {
            return Err(Misfit::Overflow);
        };
        let Some(padded) = padded.checked_add(after) else {
            return Err(Misfit::Overflow);
        };
        match padded.checked_sub(span) {
            Some(way) => Ok(way / self.stride + 1),
            None => Err(Misfit::TooWide { span }),
        }
    }
    /// The extent that `places` places cover, with `added` positions behind them:
    /// (places - 1) stride + span + added - padding.
    ///
    /// # Errors
    /// If that is not at least 1.
    pub const fn covered(self, places: usize, added: usize) -> Result<usize, Misfit> {
        let span = match self.span() {
            Ok(span) => span,
            Err(misfit) => return Err(misfit),
        };
        let Some(steps) = places.checked_sub(1) else {
            return Err(Misfit::Nothing);
        };
        let [before, after] = self.padding;
        // In u128 no sum of these wraps around.
        let whole = steps as u128 * self.stride as u128 + span as u128 + added as u128;
        match whole.checked_sub(before as u128 + after as u128) {
            None | Some(0) => Err(Misfit::Nothing),
            // The kernels count from in front of the padding.
            Some(_) if whole > usize::MAX as u128 => Err(Misfit::Overflow),
            Some(extent) => Ok(extent as usize),
        }
    }
    /// How much it spans, from its first element to its last.
    const fn span(self) -> Result<usize, Misfit> {
        if self.size == 0 {
            return Err(Misfit::Zero("size"));
        }
        if self.stride == 0 {
            return Err(Misfit::Zero("stride"));
        }
        if self.dilation == 0 {
            return Err(Misfit::Zero("dilation"));
        }
        let span = match (self.size - 1).checked_mul(self.dilation) {
            Some(way) => way.checked_add(1),
            None => None,
        };
        match span {
            Some(span) => Ok(span),
            None => Err(Misfit::Overflow),
        }
    }
}

/// An axis and the window that moves along it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The window.
    pub window: Window,
    /// Number of positions.
    pub extent: usize,
    /// Number of places of the window.
    pub places: usize,
}

impl Axis {
    /// One position and one place: an axis that is not there.
    pub const SINGLE: Axis = Axis {
        window: Window {
            size: 1,
            stride: 1,
            padding: [0, 0],
            dilation: 1,
        },
        extent: 1,
        places: 1,
    };

    /// The position of element `tap` of the window at `place`, unless it lies in the padding.
    pub(super) fn position(&self, place: usize, tap: usize) -> Option<usize> {
        let Window {
            stride, dilation, ..
        } = self.window;
        let position = (place * stride + tap * dilation).checked_sub(self.window.padding[0])?;
        (position < self.extent).then_some(position)
    }
    /// The places at which element `tap` of the window does not lie in the padding.
    pub(super) fn inside(&self, tap: usize) -> Range<usize> {
        let stride = self.window.stride;
        let (before, from) = (self.window.padding[0], tap * self.window.dilation);
        let end = (before + self.extent).saturating_sub(from).div_ceil(stride);
        let end = end.min(self.places);
        before.saturating_sub(from).div_ceil(stride).min(end)..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window() -> impl Strategy<Value = Window> {
        let padding = [0usize..6, 0usize..6];
        (1usize..5, 1usize..4, padding, 1usize..4).prop_map(|(size, stride, padding, dilation)| {
            Window {
                size,
                stride,
                padding,
                dilation,
            }
        })
    }

    proptest! {
        /// The last place fits and one more would not, found by trying.
        #[test]
        fn places_are_those_that_fit(window in window(), extent in 0usize..12) {
            let padded = window.padding[0] + extent + window.padding[1];
            let last = |place: usize| place * window.stride + (window.size - 1) * window.dilation;
            let fitting = (0..=padded).take_while(|&place| last(place) < padded).count();
            prop_assert_eq!(window.places(extent).unwrap_or(0), fitting);
        }

        /// An extent has as many places as it covers, and some positions beyond them.
        #[test]
        fn what_places_cover_has_these_places(window in window(), places in 1usize..6, added in 0usize..4) {
            if let Ok(extent) = window.covered(places, added) {
                prop_assert_eq!(window.places(extent), Ok(places + added / window.stride));
            }
        }

        #[test]
        fn inside_are_the_places_with_a_position(window in window(), extent in 0usize..12) {
            let places = window.places(extent).unwrap_or(0);
            let axis = Axis { window, extent, places };
            for tap in 0..window.size {
                let inside: Vec<usize> = axis.inside(tap).collect();
                let reached = (0..places).filter(|&place| axis.position(place, tap).is_some());
                prop_assert_eq!(inside, reached.collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn misfits_say_what_is_wrong() {
        let window = Axis::SINGLE.window;
        let [size, stride, dilation] = [0; 3];
        assert_eq!(
            Window { size, ..window }.places(3),
            Err(Misfit::Zero("size"))
        );
        assert_eq!(
            Window { stride, ..window }.places(3),
            Err(Misfit::Zero("stride"))
        );
        assert_eq!(
            Window { dilation, ..window }.covered(3, 0),
            Err(Misfit::Zero("dilation"))
        );
        let three = Window {
            size: 3,
            dilation: 2,
            ..window
        };
        assert_eq!(three.places(4), Err(Misfit::TooWide { span: 5 }));
        assert_eq!(three.covered(0, 1), Err(Misfit::Nothing));
        let cut = Window {
            padding: [3, 2],
            ..three
        };
        assert_eq!(cut.covered(1, 0), Err(Misfit::Nothing));
        assert_eq!(cut.covered(1, 1), Ok(1));
        let far = Window {
            dilation: usize::MAX,
            ..three
        };
        assert_eq!(far.places(4), Err(Misfit::Overflow));
        let behind = Window {
            padding: [1, usize::MAX],
            ..three
        };
        assert_eq!(behind.places(4), Err(Misfit::Overflow));
        let fast = Window {
            stride: usize::MAX,
            padding: [7, 0],
            ..window
        };
        assert_eq!(fast.covered(2, 0), Err(Misfit::Overflow));
    }
}
