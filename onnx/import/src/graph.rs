//! The nodes of a file, and what can be asked of one.

use crate::error::{Error, Result, bail};
use crate::proto::{AttributeProto, ModelProto, NodeProto, TensorProto};

/// The oldest and the newest set of operations that are understood.
const OPSETS: std::ops::RangeInclusive<i64> = 13..=21;

/// Refuses a file whose names of operations mean others than those that are read here.
pub fn check_opset(model: &ModelProto) -> Result<()> {
    let own = model.opset_import.iter().find(|set| set.domain.is_empty() || set.domain == "ai.onnx");
    match own.map(|set| set.version) {
        Some(version) if OPSETS.contains(&version) => Ok(()),
        Some(version) => Err(Error::file(format!("it uses opset {version}, and 13 to 21 are understood"))
            .help("export with `opset_version=18`, or convert with `onnx.version_converter.convert_version(model, 18)`")),
        None => Err(Error::file("it does not say which opset it uses").help("is it an ONNX file, and a whole one?")),
    }
}

/// How deep modules may lie in each other.
const DEEPEST: usize = 16;

/// An operation.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    pub proto: &'a NodeProto,
}

impl<'a> Node<'a> {
    pub fn op(&self) -> &'a str {
        &self.proto.op_type
    }

    /// How errors call it.
    pub fn place(&self) -> String {
        let proto = self.proto;
        match (proto.name.as_str(), proto.output.first()) {
            ("", Some(output)) => format!("node of `{output}` ({})", proto.op_type),
            (name, _) => format!("node `{name}` ({})", proto.op_type),
        }
    }

    fn attribute(&self, name: &str) -> Option<&'a AttributeProto> {
        self.proto.attribute.iter().find(|attribute| attribute.name == name)
    }

    pub fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |attribute| attribute.i)
    }

    pub fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |attribute| attribute.f)
    }

    pub fn ints(&self, name: &str) -> Option<&'a [i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }

    /// Sizes of which none is negative or beyond all reason.
    pub fn sizes(&self, name: &str) -> Result<Option<Vec<usize>>> {
        let Some(ints) = self.ints(name) else { return Ok(None) };
        let sizes: Option<Vec<usize>> = ints.iter().map(|&n| usize::try_from(n).ok().filter(|&n| n <= 1 << 20)).collect();
        match sizes {
            Some(sizes) => Ok(Some(sizes)),
            None => bail!("its `{name}` are {ints:?}, and none can be negative or so large"),
        }
    }

    pub fn text(&self, name: &str, default: &'a str) -> &'a str {
        self.attribute(name).and_then(|attribute| std::str::from_utf8(&attribute.s).ok()).unwrap_or(default)
    }

    pub fn texts(&self, name: &str) -> Option<Vec<&'a str>> {
        let attribute = self.attribute(name)?;
        Some(attribute.strings.iter().map(|text| std::str::from_utf8(text).unwrap_or_default()).collect())
    }

    pub fn floats(&self, name: &str) -> Option<&'a [f32]> {
        self.attribute(name).map(|attribute| attribute.floats.as_slice())
    }

    pub fn tensor(&self, name: &str) -> Option<&'a TensorProto> {
        self.attribute(name).and_then(|attribute| attribute.t.as_ref())
    }

    pub fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// The module that the operation belongs to, as PyTorch's exporters name their nodes or note beside them.
    ///
    /// The older one names a node `/blocks/blocks.0/a/Conv`: the names of the modules around it, each with those before it
    /// where it is a module's item; the newer one notes `['', 'blocks', 'blocks.0', 'blocks.0.a', 'conv2d']`.
    ///
    /// A path of names that PyTorch would not give is none.
    pub fn scope(&self) -> Vec<String> {
        let path = self.given_scope();
        let is_name = |part: &String| part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        if path.len() <= DEEPEST && path.iter().all(is_name) { path } else { vec![] }
    }

    fn given_scope(&self) -> Vec<String> {
        let noted = self.proto.metadata_props.iter().find(|entry| entry.key == "pkg.torch.onnx.name_scopes");
        if let Some(noted) = noted {
            let mut names: Vec<&str> = noted.value.split('\'').skip(1).step_by(2).collect();
            names.pop();
            return names.last().map_or(vec![], |name| parts(name));
        }
        let Some(name) = self.proto.name.strip_prefix('/') else { return vec![] };
        let (mut path, mut around) = (vec![], None);
        let mut segments: Vec<&str> = name.split('/').collect();
        segments.pop();
        for segment in segments {
            let below = around.and_then(|around| segment.strip_prefix(around)).and_then(|rest| rest.strip_prefix('.'));
            path.extend(parts(below.unwrap_or(segment)));
            around = Some(segment);
        }
        path
    }
}

/// The names that dots separate.
pub fn parts(name: &str) -> Vec<String> {
    name.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
