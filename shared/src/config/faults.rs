//! Collects every fault of an input, so that a single message names them all.

/// The faults found so far. Their texts name variables and fields. They never hold a value, which may be a secret.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Faults(Vec<String>);

impl Faults {
    pub fn push(&mut self, fault: impl Into<String>) {
        self.0.push(fault.into());
    }

    /// Parses a required value. `None` with a fault if the value is missing or malformed.
    pub fn required<T>(
        &mut self,
        name: &str,
        value: Option<&str>,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if value.is_none() {
            self.push(format!("{name} is missing: it must be {expected}"));
        }
        self.optional(name, value, expected, parse)
    }

    /// Parses an optional value. `None` with a fault if the value is malformed.
    pub fn optional<T>(
        &mut self,
        name: &str,
        value: Option<&str>,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let parsed = parse(value?);
        if parsed.is_none() {
            self.push_malformed(name, expected);
        }
        parsed
    }

    pub fn push_malformed(&mut self, name: &str, expected: &str) {
        self.push(format!("{name} is malformed: it must be {expected}"));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, if complete and without faults.
    ///
    /// # Errors
    /// All faults otherwise.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<String>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_collected_and_no_value_is_quoted() {
        let mut faults = Faults::default();
        let number = |text: &str| text.parse::<u8>().ok();
        assert_eq!(faults.required("A", Some("7"), "a number", number), Some(7));
        assert_eq!(faults.required("B", None, "a number", number), None);
        assert_eq!(faults.optional("C", None, "a number", number), None);
        assert_eq!(faults.optional("D", Some("hunter2"), "a number", number), None);
        let expected = [
            "B is missing: it must be a number",
            "D is malformed: it must be a number",
        ];
        assert_eq!(faults.finish(Some(())), Err(expected.map(str::to_owned).to_vec()));
    }
}
