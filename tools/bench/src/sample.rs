//! The figures of several runs and their quantiles.

use std::fmt::{self, Display};
use std::time::Duration;

/// Figures in ascending order.
pub(crate) struct Sample(Vec<f64>);

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(figures: I) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        Self(figures)
    }
}

impl Sample {
    pub(crate) fn median(&self) -> f64 {
        self.at(50)
    }

    /// The percentile of the figures, or NaN without figures.
    pub(crate) fn at(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(rank).copied().unwrap_or(f64::NAN)
    }
}

/// Displays the median and, in brackets, the quartiles with this many decimals.
impl Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().unwrap_or(2);
        let [median, low, high] = [50, 25, 75].map(|percent| self.at(percent));
        write!(f, "{median:.decimals$} ({low:.decimals$}..{high:.decimals$})")
    }
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::Sample;

    #[test]
    fn a_sample_is_told_by_its_median_and_its_quartiles() {
        let sample: Sample = [5.0, 1.0, 4.0, 2.0, 3.0].into_iter().collect();
        assert_eq!(format!("{sample:.1}"), "3.0 (2.0..4.0)");
        assert_eq!([0, 1, 99, 100].map(|percent| sample.at(percent)), [1.0, 1.0, 5.0, 5.0]);
        assert!(Sample::from_iter([]).median().is_nan());
    }
}
