//! The latest items of a record. A world can run for days without filling the memory.

use std::collections::VecDeque;

/// Items numbered from 0 in the order of their arrival. Only the latest are kept.
pub(crate) struct Latest<T> {
    items: VecDeque<T>,
    limit: usize,
    /// The number of earlier, forgotten items.
    forgotten: usize,
}

impl<T: Clone> Latest<T> {
    /// A record that keeps this many items.
    pub(crate) fn of(limit: usize) -> Self {
        Self {
            items: VecDeque::new(),
            limit,
            forgotten: 0,
        }
    }

    pub(crate) fn extend(&mut self, items: impl IntoIterator<Item = T>) {
        self.items.extend(items);
        let excess = self.items.len().saturating_sub(self.limit);
        self.items.drain(..excess);
        self.forgotten += excess;
    }

    /// The latest items, at most `most`, with their numbers.
    pub(crate) fn latest(&self, most: usize) -> Vec<(usize, T)> {
        self.from((self.forgotten + self.items.len()).saturating_sub(most))
    }

    /// The items from `number` on, with their numbers. Forgotten items are missing.
    pub(crate) fn from(&self, number: usize) -> Vec<(usize, T)> {
        let skipped = number.saturating_sub(self.forgotten);
        let numbered = (self.forgotten..).zip(&self.items).skip(skipped);
        numbered.map(|(number, item)| (number, item.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Latest;

    #[test]
    fn forgotten_items_leave_their_numbers() {
        let mut latest = Latest::of(3);
        latest.extend(["a", "b", "c", "d"]);
        assert_eq!(latest.from(0), [(1, "b"), (2, "c"), (3, "d")]);
        assert_eq!(latest.from(3), [(3, "d")]);
        assert_eq!(latest.from(4), []);
        assert_eq!(latest.latest(2), [(2, "c"), (3, "d")]);
    }
}
