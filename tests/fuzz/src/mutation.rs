//! Inputs made by mutating seeds.

use fastrand::Rng;

const LONGEST: usize = 8 << 10;

/// Makes the same inputs for the same seed of the random numbers.
pub(crate) struct Mutator<'s> {
    random: Rng,
    seeds: &'s [Vec<u8>],
    dictionary: &'s [Vec<u8>],
}

impl<'s> Mutator<'s> {
    pub(crate) fn new(seed: u64, seeds: &'s [Vec<u8>], dictionary: &'s [Vec<u8>]) -> Self {
        Self {
            random: Rng::with_seed(seed),
            seeds,
            dictionary,
        }
    }

    /// Returns a seed with one to eight mutations.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut input = self.seed();
        for _ in 0..self.random.usize(1..=8) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn seed(&mut self) -> Vec<u8> {
        self.seeds[self.random.usize(..self.seeds.len())].clone()
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let place = self.random.usize(..=input.len());
        let end = (place + self.random.usize(..=16)).min(input.len());
        match self.random.u8(..7) {
            0 => drop(input.drain(place..end)),
            1 => {
                let word = &self.dictionary[self.random.usize(..self.dictionary.len())];
                input.splice(place..place, word.iter().copied());
            }
            2 => {
                let word = &self.dictionary[self.random.usize(..self.dictionary.len())];
                input.splice(place..end, word.iter().copied());
            }
            3 => {
                let piece = input[place..end].repeat(self.random.usize(1..200));
                input.splice(place..place, piece);
            }
            4 => {
                let other = self.seed();
                let from = self.random.usize(..=other.len());
                let to = self.random.usize(from..=other.len());
                input.splice(place..end, other[from..to].iter().copied());
            }
            5 => input.insert(place, self.random.u8(..)),
            _ => {
                if let Some(byte) = input.get_mut(place) {
                    *byte ^= 1 << self.random.u8(..8);
                }
            }
        }
    }
}
