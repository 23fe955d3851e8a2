//! One schedule: which of the things that can happen next does, each time that there is a choice.

use fastrand::Rng;

/// The choices of a schedule, made and to be made.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// To be followed first.
    prefix: Vec<u8>,
    then: Then,
    /// Of how many options which was taken.
    taken: Vec<(u8, u8)>,
}

#[derive(Debug)]
enum Then {
    /// The first option.
    Default,
    /// Any option, the more likely the heavier it is.
    Chance(Rng),
}

impl Schedule {
    /// The given choices, and then always the first option.
    pub(crate) fn of(prefix: Vec<u8>) -> Self {
        Self {
            prefix,
            then: Then::Default,
            taken: Vec::new(),
        }
    }

    /// Each choice by chance.
    pub(crate) fn random(seed: u64) -> Self {
        Self {
            prefix: Vec::new(),
            then: Then::Chance(Rng::with_seed(seed)),
            taken: Vec::new(),
        }
    }

    /// Chooses one of the options, of which there is at least one, each with its weight.
    pub(crate) fn choose(&mut self, weights: &[u32]) -> usize {
        let place = self.taken.len();
        let choice = match (self.prefix.get(place), &mut self.then) {
            (Some(choice), _) => usize::from(*choice).min(weights.len() - 1),
            (None, Then::Default) => 0,
            (None, Then::Chance(rng)) => {
                let mut left = rng.u32(..weights.iter().sum::<u32>());
                let chosen = weights.iter().position(|weight| {
                    let is_it = left < *weight;
                    left = left.saturating_sub(*weight);
                    is_it
                });
                chosen.unwrap_or_default()
            }
        };
        let small = |number: usize| u8::try_from(number).expect("there are never so many options");
        self.taken.push((small(choice), small(weights.len())));
        choice
    }

    /// The choices, by which the schedule can be followed again.
    pub(crate) fn choices(&self) -> Vec<u8> {
        self.taken.iter().map(|(choice, _)| *choice).collect()
    }

    /// The schedules that branch off this one where it chose by default: each has one more choice that is not the default.
    pub(crate) fn branches(&self) -> impl Iterator<Item = Vec<u8>> {
        let choices = self.choices();
        let places = self.taken.iter().enumerate().skip(self.prefix.len());
        places.flat_map(move |(place, (_, options))| {
            let before = choices[..place].to_vec();
            (1..*options).map(move |choice| [before.as_slice(), &[choice]].concat())
        })
    }
}
