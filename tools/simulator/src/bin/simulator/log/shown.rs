//! The parts of a record that were already shown.

use std::collections::BTreeSet;

/// The numbers already shown, counted from 0. A later entry may end before an earlier entry.
#[derive(Default)]
pub(super) struct Shown {
    /// All numbers before this number were shown.
    pub(super) next: usize,
    /// Some later numbers that were also shown.
    early: BTreeSet<usize>,
}

impl Shown {
    /// Marks a number as shown. True if the number was not marked before.
    pub(super) fn is_new(&mut self, number: usize) -> bool {
        let is_new = number >= self.next && self.early.insert(number);
        while self.early.remove(&self.next) {
            self.next += 1;
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::Shown;

    #[test]
    fn end_before_an_earlier_one_is_shown_once() {
        let mut shown = Shown::default();
        let mut first_time = Vec::new();
        for ended in [&[1, 3][..], &[0, 1, 3], &[2, 3]] {
            let numbers = ended
                .iter()
                .copied()
                .filter(|number| *number >= shown.next)
                .collect::<Vec<_>>();
            first_time.push(
                numbers
                    .into_iter()
                    .filter(|number| shown.is_new(*number))
                    .collect::<Vec<_>>(),
            );
        }
        assert_eq!(first_time, [vec![1, 3], vec![0], vec![2]]);
        assert_eq!(shown.next, 4);
    }
}
