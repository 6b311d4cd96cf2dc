//! What a training run shows while it runs: a bar on a terminal, a few lines elsewhere.

use super::history::Epoch;

/// How many lines a run writes where there is no terminal.
const LINES: usize = 10;

/// The display of one run.
pub(super) struct Progress {
    epochs: usize,
    kind: Kind,
}

enum Kind {
    Quiet,
    Lines,
    #[cfg(feature = "progress")]
    Bar(indicatif::ProgressBar),
}

impl Progress {
    pub(super) fn new(epochs: usize, quiet: bool) -> Self {
        let kind = if quiet {
            Kind::Quiet
        } else {
            Kind::shown(epochs)
        };
        Progress { epochs, kind }
    }
    /// Shows an epoch; after a `last` one no other follows, whatever was planned.
    pub(super) fn epoch(&self, epoch: &Epoch, last: bool) {
        match &self.kind {
            Kind::Quiet => {}
            Kind::Lines => {
                let every = self.epochs.div_ceil(LINES);
                if epoch.epoch.is_multiple_of(every) || last {
                    eprintln!("epoch {}/{}: {epoch}", epoch.epoch, self.epochs);
                }
            }
            #[cfg(feature = "progress")]
            Kind::Bar(bar) => {
                bar.set_message(epoch.to_string());
                bar.inc(1);
            }
        }
    }
    pub(super) fn finish(&self) {
        match &self.kind {
            Kind::Quiet | Kind::Lines => {}
            #[cfg(feature = "progress")]
            // A run may stop before its last epoch: the bar stays where it is.
            Kind::Bar(bar) => bar.abandon(),
        }
    }
}

impl Kind {
    #[cfg(feature = "progress")]
    fn shown(epochs: usize) -> Self {
        use std::io::IsTerminal;
        if !std::io::stderr().is_terminal() {
            return Kind::Lines;
        }
        let style = indicatif::ProgressStyle::with_template(
            "{bar:24} {pos}/{len} epochs, {eta} left  {msg}",
        );
        let style = style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar());
        Kind::Bar(indicatif::ProgressBar::new(epochs as u64).with_style(style))
    }
    #[cfg(not(feature = "progress"))]
    fn shown(_: usize) -> Self {
        Kind::Lines
    }
}
