//! [`referral_curve`].

use std::path::Path;

use plotters::prelude::*;

use super::canvas::{self, BLUE, GREY, Mark, SMALL, TEXT, all_finite, font, not_empty, percent};
use crate::error::Result;
use crate::predict::metrics::Referral;

/// Draws the accuracy of what is kept against the fraction that is referred. `curve` comes from
/// [`referral_curve`](crate::predict::metrics::referral_curve), scored by right (1) and wrong (0).
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) for no points; if the file cannot be written.
pub fn referral_curve(curve: &[Referral], path: impl AsRef<Path>) -> Result<()> {
    not_empty(curve.len(), "the referral curve")?;
    let scores: Vec<f64> = curve.iter().map(|point| point.score).collect();
    all_finite(&scores)?;
    let low = scores.iter().copied().fold(1.0, f64::min).min(0.98);
    let base = curve[0].score;

    let legend = [
        (Mark::Line(BLUE), "accuracy of the rest"),
        (Mark::Dashed(GREY), "nothing referred"),
    ];
    let title = "Accuracy when the least sure predictions are referred";
    canvas::picture(path.as_ref(), (640, 460), title, &legend, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .margin_right(24)
            .set_label_area_size(LabelAreaPosition::Left, 80)
            .set_label_area_size(LabelAreaPosition::Bottom, 52)
            .build_cartesian_2d(0.0..1.0, canvas::range([low, 1.0].into_iter()))?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .bold_line_style(canvas::GRID)
            .x_labels(11)
            .y_labels(6)
            .x_label_formatter(&|x| percent(*x))
            .y_label_formatter(&|x| percent(*x))
            .x_desc("referred, the least sure first")
            .y_desc("accuracy of the rest")
            .label_style(font(SMALL))
            .axis_desc_style(font(TEXT))
            .draw()?;
        chart.draw_series(DashedLineSeries::new(
            [(0.0, base), (1.0, base)],
            6,
            5,
            GREY.stroke_width(2),
        ))?;
        let points = curve.iter().map(|point| (point.fraction, point.score));
        chart.draw_series(LineSeries::new(points, BLUE.stroke_width(2)))?;
        Ok(())
    })
}
