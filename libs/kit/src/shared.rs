//! What several callers use at once, such as a task that follows what many watch: made by the first, dropped with the last.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Things by name, each there for as long as anybody uses it; cheap to clone.
#[derive(Debug)]
pub struct Shared<K: Eq + Hash, T>(Arc<Inner<K, T>>);

#[derive(Debug)]
struct Inner<K: Eq + Hash, T> {
    /// How many there may be at once.
    most: usize,
    by_key: Mutex<HashMap<K, Weak<Share<K, T>>>>,
}

/// A thing in use. Whoever drops it last drops the thing.
#[derive(Debug)]
pub struct Share<K: Eq + Hash, T> {
    key: K,
    thing: T,
    all: Weak<Inner<K, T>>,
}

impl<K: Eq + Hash, T> Clone for Shared<K, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Clone + Eq + Hash, T> Shared<K, T> {
    /// None yet, and at most so many at once.
    pub fn at_most(most: usize) -> Self {
        Self(Arc::new(Inner { most, by_key: Mutex::default() }))
    }

    /// The thing of this name. The first user makes it; `None` when there are as many as may be.
    pub fn join(&self, key: &K, make: impl FnOnce() -> T) -> Option<Arc<Share<K, T>>> {
        let mut by_key = self.0.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = by_key.get(key).and_then(Weak::upgrade) {
            return Some(share);
        }
        if by_key.len() >= self.0.most {
            return None;
        }
        let share = Arc::new(Share { key: key.clone(), thing: make(), all: Arc::downgrade(&self.0) });
        by_key.insert(key.clone(), Arc::downgrade(&share));
        Some(share)
    }
}

impl<K: Eq + Hash, T> Deref for Share<K, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.thing
    }
}

impl<K: Eq + Hash, T> Drop for Share<K, T> {
    fn drop(&mut self) {
        let Some(all) = self.all.upgrade() else { return };
        let mut by_key = all.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        // By now a new user may have made another.
        if by_key.get(&self.key).is_some_and(|share| share.strong_count() == 0) {
            by_key.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_made_once_and_goes_with_its_last_user() {
        let shared: Shared<&str, Arc<()>> = Shared::at_most(2);
        let thing = Arc::new(());
        let first = shared.join(&"a", || thing.clone()).unwrap();
        let second = shared.clone().join(&"a", || panic!("it is there")).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        let _other = shared.join(&"b", Arc::default).unwrap();
        assert!(shared.join(&"c", Arc::default).is_none(), "one too many");
        drop(first);
        assert_eq!(Arc::strong_count(&thing), 2, "still in use");
        drop(second);
        assert_eq!(Arc::strong_count(&thing), 1);
        assert!(shared.join(&"c", Arc::default).is_some(), "there is room again");
    }

    #[test]
    fn what_is_in_use_outlives_the_others() {
        let shared: Shared<u8, u8> = Shared::at_most(1);
        let share = shared.join(&1, || 7).unwrap();
        drop(shared);
        assert_eq!(**share, 7);
    }
}
