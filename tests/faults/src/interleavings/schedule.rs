//! A schedule: the choices among possible next steps.

use fastrand::Rng;

/// A schedule's past and future choices.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// The choices to make first.
    prefix: Vec<u8>,
    then: Then,
    /// The choices made so far, each with the number of options and the chosen index.
    taken: Vec<(u8, u8)>,
}

#[derive(Debug)]
enum Then {
    /// The first option.
    Default,
    /// A random option, by weight.
    Chance(Rng),
}

impl Schedule {
    /// A schedule that makes the given choices and then always takes the first option.
    pub(crate) fn of(prefix: Vec<u8>) -> Self {
        Self {
            prefix,
            then: Then::Default,
            taken: Vec::new(),
        }
    }

    /// A schedule of random choices.
    pub(crate) fn random(seed: u64) -> Self {
        Self {
            prefix: Vec::new(),
            then: Then::Chance(Rng::with_seed(seed)),
            taken: Vec::new(),
        }
    }

    /// Chooses an option by the weights. There is at least one weight.
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

    /// The choices made so far, which can replay the schedule.
    pub(crate) fn choices(&self) -> Vec<u8> {
        self.taken.iter().map(|(choice, _)| *choice).collect()
    }

    /// The schedules that take this schedule's choices and then deviate once more from the default.
    pub(crate) fn branches(&self) -> impl Iterator<Item = Vec<u8>> {
        let choices = self.choices();
        let places = self.taken.iter().enumerate().skip(self.prefix.len());
        places.flat_map(move |(place, (_, options))| {
            let before = choices[..place].to_vec();
            (1..*options).map(move |choice| [before.as_slice(), &[choice]].concat())
        })
    }
}
