//! The resources of a kind, such as the workers of a workspace.

use std::collections::BTreeMap;

use crate::twilio::refusal::Refusal;

pub(crate) trait Resource {
    fn sid(&self) -> &str;
    /// A name that is unique among the workspace's resources of this kind. None if names may repeat.
    fn unique_name(&self) -> Option<&str>;
}

/// Resources with permanent numbers, in the order of their creation.
#[derive(Debug)]
pub(crate) struct Collection<T> {
    path: String,
    resources: BTreeMap<usize, T>,
    /// Numbers by SID, since a workspace may have thousands of tasks.
    numbers: BTreeMap<String, usize>,
    created: usize,
}

impl<T: Resource> Collection<T> {
    /// An empty collection. `path` is the list's path for refusals.
    pub(in crate::twilio::taskrouter) fn new(path: String) -> Self {
        Self {
            path,
            resources: BTreeMap::new(),
            numbers: BTreeMap::new(),
            created: 0,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.resources.values()
    }

    pub(crate) fn numbered(&self) -> impl Iterator<Item = (usize, &T)> {
        self.resources.iter().map(|(number, resource)| (*number, resource))
    }

    pub(crate) fn find(&self, sid: &str) -> Option<&T> {
        self.resources.get(self.numbers.get(sid)?)
    }

    pub(crate) fn get(&self, sid: &str) -> Result<&T, Refusal> {
        self.find(sid).ok_or_else(|| not_found(&self.path, sid))
    }

    pub(in crate::twilio::taskrouter) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.resources.values_mut()
    }

    pub(in crate::twilio::taskrouter) fn get_mut(&mut self, sid: &str) -> Result<&mut T, Refusal> {
        let resource = match self.numbers.get(sid) {
            Some(number) => self.resources.get_mut(number),
            None => None,
        };
        resource.ok_or_else(|| not_found(&self.path, sid))
    }

    pub(in crate::twilio::taskrouter) fn add(&mut self, resource: T) {
        self.numbers.insert(resource.sid().to_owned(), self.created);
        self.resources.insert(self.created, resource);
        self.created += 1;
    }

    pub(in crate::twilio::taskrouter) fn remove(&mut self, sid: &str) -> Result<T, Refusal> {
        let number = self.numbers.remove(sid);
        number
            .and_then(|number| self.resources.remove(&number))
            .ok_or_else(|| not_found(&self.path, sid))
    }

    /// Refuses an empty name or the name of another resource. `own` is the SID of the resource that will have the name.
    pub(in crate::twilio::taskrouter) fn check_name(
        &self,
        kind: &str,
        name: &str,
        own: Option<&str>,
    ) -> Result<(), Refusal> {
        if name.trim().is_empty() {
            return Err(Refusal::invalid(format!("{kind} needs a name")));
        }
        let is_others = |resource: &T| resource.unique_name() == Some(name) && Some(resource.sid()) != own;
        match self.iter().any(is_others) {
            // TaskRouter's wording for queues.
            true => Err(Refusal::invalid(format!("{kind} named {name} already exists"))),
            false => Ok(()),
        }
    }
}

fn not_found(path: &str, sid: &str) -> Refusal {
    Refusal::not_found(&format!("{path}/{sid}"))
}
