//! [`regression_band`].

use std::path::Path;

use plotters::prelude::*;

use super::canvas::{self, BLACK, BLUE, Mark, SMALL, TEXT, all_finite, font, not_empty};
use crate::error::Result;
use crate::predict::Interval;
use crate::predict::metrics::same_length;

/// A predicted curve with its intervals and the data, for [`regression_band`].
#[derive(Clone, Copy, Debug)]
pub struct Band<'a> {
    /// Where the curve was predicted, in any order.
    pub x: &'a [f64],
    /// The predicted means.
    pub mean: &'a [f64],
    /// The 50% intervals.
    pub half: &'a [Interval],
    /// The 90% intervals.
    pub most: &'a [Interval],
    /// The data (x, y).
    pub data: &'a [(f64, f64)],
    /// What the picture shows.
    pub title: &'a str,
    /// The name and the unit of x, as in `age [years]`.
    pub x_name: &'a str,
    /// The name and the unit of y.
    pub y_name: &'a str,
}

/// Draws a predicted curve with its 50% and 90% intervals and the data.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) for no curve, [`Error::Value`](crate::Error::Value) for
/// a number that is not finite; if the file cannot be written.
///
/// # Panics
/// If the lists of the curve differ in length.
#[track_caller]
pub fn regression_band(band: &Band<'_>, path: impl AsRef<Path>) -> Result<()> {
    let Band { x, mean, data, .. } = *band;
    let count = (x.len(), "places");
    same_length("regression band", count, (mean.len(), "means"));
    same_length("regression band", count, (band.half.len(), "50% intervals"));
    same_length("regression band", count, (band.most.len(), "90% intervals"));
    not_empty(x.len(), "the regression band")?;
    let ends = |intervals: &[Interval]| -> Vec<f64> {
        intervals.iter().flat_map(|i| [i.low, i.high]).collect()
    };
    let (half, most) = (ends(band.half), ends(band.most));
    let (data_x, data_y): (Vec<f64>, Vec<f64>) = data.iter().copied().unzip();
    for numbers in [x, mean, &half, &most, &data_x, &data_y] {
        all_finite(numbers)?;
    }

    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
    let outline = |intervals: &[Interval]| -> Vec<(f64, f64)> {
        let upper = order.iter().map(|&i| (x[i], intervals[i].high));
        let lower = order.iter().rev().map(|&i| (x[i], intervals[i].low));
        upper.chain(lower).collect()
    };
    let (light, dark) = (BLUE.mix(0.18), BLUE.mix(0.32));
    let legend = [
        (Mark::Line(BLUE), "mean"),
        // Where it lies on the other one it is as dark as both together.
        (Mark::Fill(BLUE.mix(0.44)), "50% interval"),
        (Mark::Fill(light), "90% interval"),
        (Mark::Point(BLACK), "data"),
    ];
    canvas::picture(path.as_ref(), (760, 500), band.title, &legend, |area| {
        let across = canvas::range(x.iter().chain(&data_x).copied());
        let up = canvas::range(mean.iter().chain(&most).chain(&data_y).copied());
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .margin_right(24)
            .set_label_area_size(LabelAreaPosition::Left, 76)
            .set_label_area_size(LabelAreaPosition::Bottom, 52)
            .build_cartesian_2d(across, up)?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .bold_line_style(canvas::GRID)
            .x_labels(8)
            .y_labels(7)
            .x_desc(band.x_name)
            .y_desc(band.y_name)
            .label_style(font(SMALL))
            .axis_desc_style(font(TEXT))
            .draw()?;
        chart.draw_series([Polygon::new(outline(band.most), light.filled())])?;
        chart.draw_series([Polygon::new(outline(band.half), dark.filled())])?;
        let points = data.iter();
        chart.draw_series(points.map(|&at| Circle::new(at, 2, BLACK.mix(0.6).filled())))?;
        let curve = order.iter().map(|&i| (x[i], mean[i]));
        chart.draw_series(LineSeries::new(curve, BLUE.stroke_width(2)))?;
        Ok(())
    })
}
