//! What a file calls a model's tensors.

use core::convert::Infallible;

use super::error::Label;
use super::json::Quoted;
use super::{LoadError, Problem};
use crate::nn::Name;

/// From a model's names to a file's.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    /// What a file's names begin with.
    pub prefix: &'a str,
    /// The model's part of a name, and the file's.
    pub map: &'a [(&'a str, &'a str)],
}

impl Names<'_> {
    /// The names as they are.
    pub const SAME: Self = Self { prefix: "", map: &[] };

    /// Gives the file's name to `f`, part by part, up to the first error.
    fn parts<E>(&self, name: &Name<'_>, f: &mut impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        f(self.prefix)?;
        let Some((from, to)) = self.map.iter().find(|(from, _)| begins_with(name, from)) else { return name.parts(f) };
        f(to)?;
        // What follows begins with a dot, which a part that is replaced by nothing takes along.
        let mut skip = from.len() + usize::from(to.is_empty());
        name.parts(&mut |part| {
            let rest = part.get(skip..).unwrap_or_default();
            skip = skip.saturating_sub(part.len());
            f(rest)
        })
    }

    /// Whether the file's name of a tensor is this.
    pub fn is(&self, name: &Name<'_>, text: Quoted<'_>) -> bool {
        let mut rest = text.chars();
        let begins = self.parts(name, &mut |part| match part.chars().all(|c| rest.next() == Some(c)) {
            true => Ok(()),
            false => Err(()),
        });
        begins.is_ok() && rest.next().is_none()
    }

    /// Whether a name of the file is one of these.
    pub fn has(&self, text: Quoted<'_>) -> bool {
        let mut chars = text.chars();
        self.prefix.chars().all(|c| chars.next() == Some(c))
    }

    /// A problem with the tensor of this name.
    pub fn error(&self, name: &Name<'_>, problem: Problem) -> LoadError {
        let write = |label: &mut Label| {
            let Ok(()) = self.parts(name, &mut |part| {
                label.push(part.chars());
                Ok::<(), Infallible>(())
            });
        };
        LoadError::of(write, problem)
    }
}

/// Whether a name is this, or one below it.
fn begins_with(name: &Name<'_>, text: &str) -> bool {
    let mut rest = text;
    // An error is an early answer.
    let answer = name.parts(&mut |part| match (rest.strip_prefix(part), part.strip_prefix(rest)) {
        (Some(after), _) if !rest.is_empty() => {
            rest = after;
            Ok(())
        }
        (_, Some(after)) => Err(after.starts_with('.')),
        _ => Err(false),
    });
    !text.is_empty() && answer.map_or_else(|early| early, |()| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::json::Json;
    use std::string::ToString;

    /// What a file calls `features.0.weight`.
    fn stored(prefix: &str, map: &[(&str, &str)]) -> std::string::String {
        let features = Name::ROOT.field("features");
        let layer = features.index(0);
        let names = Names { prefix, map };
        let text = names.error(&layer.field("weight"), Problem::Missing).tensor().unwrap().to_string();
        let json = std::format!("\"{text}\"");
        let quoted = Json::new(&json).text().unwrap();
        assert!(names.is(&layer.field("weight"), quoted) && !names.is(&layer.field("weights"), quoted));
        assert!(!names.is(&layer.field("weigh"), quoted) && names.has(quoted));
        text
    }

    #[test]
    fn names_are_mapped_by_whole_parts() {
        assert_eq!(stored("", &[]), "features.0.weight");
        assert_eq!(stored("module.", &[]), "module.features.0.weight");
        assert_eq!(stored("", &[("features", "body")]), "body.0.weight");
        assert_eq!(stored("m.", &[("feature", "a"), ("features.0", "conv1"), ("features", "body")]), "m.conv1.weight");
        assert_eq!(stored("", &[("features.0.weight", "w")]), "w");
        assert_eq!(stored("", &[("features", "")]), "0.weight");
        assert_eq!(
            stored("", &[("", "x"), ("eatures", "x"), ("features.", "x"), ("features.0.weights", "x")]),
            "features.0.weight"
        );
    }
}
