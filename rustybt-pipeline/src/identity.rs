//! Equality and hashing of values whose type is only known behind a trait object.

use std::any::Any;
use std::hash::{Hash, Hasher};

/// The identity of a factor: its type and its parameters.
///
/// Every type that is `Eq + Hash` has it; derive both on the struct of a factor and equal factors
/// are computed once.
pub trait Identity: Any {
    /// Whether `other` is of the same type and has equal parameters.
    fn is_same(&self, other: &dyn Any) -> bool;
    /// Feeds the type and the parameters to a hasher.
    fn digest(&self, state: &mut dyn Hasher);
    /// The value itself, to compare with.
    fn as_any(&self) -> &dyn Any;
}

impl<T: Any + Eq + Hash> Identity for T {
    fn is_same(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>().is_some_and(|other| other == self)
    }

    fn digest(&self, mut state: &mut dyn Hasher) {
        self.type_id().hash(&mut state);
        self.hash(&mut state);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
