//! Who is the first due among those eligible, in `O(log n)`.
//!
//! A treap (Seidel, Aragon, *Algorithmica* 16, 1996): a search tree by the moment from which a rep is eligible, kept
//! shallow by a heap of fixed pseudo-random ranks, in which each node also knows the first due below it. The clock may move
//! back when somebody leaves or returns, so that reps who were eligible no longer are: two queues from one to the other
//! would have to move all of them back and forth, a tree answers for any moment.

use super::tie::mix;

/// No node.
const NONE: u32 = u32::MAX;

/// What an order knows of a rep.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry {
    /// Eligible from this moment on.
    pub(super) from: i128,
    /// The smallest goes first.
    pub(super) due: i128,
    /// Owed too much after this moment.
    pub(super) over: i128,
    /// Of those equally due the smallest goes first.
    pub(super) tie: u64,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    entry: Entry,
    rank: u64,
    left: u32,
    right: u32,
    /// The first due of this node and all below.
    best: u32,
    /// The smallest `over` of this node and all below.
    over: i128,
}

/// Reps, by their place in the caller's list.
#[derive(Debug, Clone)]
pub(super) struct Order {
    nodes: Vec<Node>,
    root: u32,
    /// How often a node was looked at so far.
    #[cfg(test)]
    pub(super) looks: std::cell::Cell<u64>,
}

/// By what the first due is found; the place only makes it definite, should two hashes be the same.
type Rank = (i128, u64, u32);

/// What the tree is sorted by: the moment of becoming eligible, and the same.
type Key = (i128, u64, u32);

impl Order {
    pub(super) fn new() -> Self {
        Self {
            nodes: Vec::new(),
            root: NONE,
            #[cfg(test)]
            looks: std::cell::Cell::default(),
        }
    }

    /// Forgets everybody.
    pub(super) fn clear(&mut self) {
        self.root = NONE;
    }

    /// Puts in who is not in.
    pub(super) fn insert(&mut self, place: u32, entry: Entry) {
        while self.nodes.len() <= place as usize {
            // By its place, so that nobody who chooses names or numbers can make the tree deep.
            let rank = mix(self.nodes.len() as u64);
            self.nodes.push(Node { entry, rank, left: NONE, right: NONE, best: NONE, over: 0 });
        }
        let rank = self.node(place).rank;
        self.nodes[place as usize] = Node { entry, rank, left: NONE, right: NONE, best: place, over: entry.over };
        self.root = self.insert_below(self.root, place);
    }

    /// Takes out who is in.
    pub(super) fn remove(&mut self, place: u32) {
        self.root = self.remove_below(self.root, place);
    }

    /// The first due of those eligible at `now`.
    pub(super) fn first(&self, now: i128) -> Option<u32> {
        let (mut at, mut best) = (self.root, NONE);
        while at != NONE {
            let node = self.node(at);
            if node.entry.from <= now {
                best = self.better(self.better(best, at), self.best(node.left));
                at = node.right;
            } else {
                at = node.left;
            }
        }
        some(best)
    }

    /// The first due of all.
    pub(super) fn first_of_all(&self) -> Option<u32> {
        some(self.best(self.root))
    }

    /// Who becomes eligible last.
    pub(super) fn last(&self) -> Option<u32> {
        let mut at = self.root;
        while at != NONE && self.node(at).right != NONE {
            at = self.node(at).right;
        }
        some(at)
    }

    /// Who was the first to be owed too much, if anybody is at `now`.
    pub(super) fn over(&self, now: i128) -> Option<u32> {
        let mut at = self.root;
        if at == NONE || self.node(at).over >= now {
            return None;
        }
        let first = self.node(at).over;
        loop {
            let node = self.node(at);
            if node.left != NONE && self.node(node.left).over == first {
                at = node.left;
            } else if node.entry.over == first || node.right == NONE {
                return Some(at);
            } else {
                at = node.right;
            }
        }
    }

    /// The first `most` in the order in which they are due: those eligible at `now`, then the others.
    pub(super) fn ranked(&self, now: i128, most: usize) -> Vec<u32> {
        let mut first = Vec::with_capacity(most);
        if most > 0 {
            self.collect(self.root, false, now, most, &mut first);
        }
        first.into_iter().map(|(_, (.., place))| place).collect()
    }

    /// Takes into `first`, which is sorted and takes `most`, who of a tree belongs there, and looks into no tree
    /// whose first due comes too late. `late`: nobody in the tree is eligible.
    fn collect(&self, tree: u32, late: bool, now: i128, most: usize, first: &mut Vec<(bool, Rank)>) {
        if tree == NONE {
            return;
        }
        let node = self.node(tree);
        let is_full = first.len() >= most;
        if is_full && first.last().is_some_and(|last| *last <= (late, self.rank(node.best))) {
            return;
        }
        let own = (node.entry.from > now, self.rank(tree));
        let place = first.partition_point(|earlier| *earlier < own);
        if !is_full || place < first.len() {
            if is_full {
                first.pop();
            }
            first.insert(place, own);
        }
        // It is sorted by the moment of becoming eligible: behind one who is not, nobody is.
        self.collect(node.left, late, now, most, first);
        self.collect(node.right, own.0, now, most, first);
    }

    fn node(&self, at: u32) -> &Node {
        #[cfg(test)]
        self.looks.set(self.looks.get() + 1);
        &self.nodes[at as usize]
    }

    fn node_mut(&mut self, at: u32) -> &mut Node {
        &mut self.nodes[at as usize]
    }

    fn best(&self, tree: u32) -> u32 {
        if tree == NONE { NONE } else { self.node(tree).best }
    }

    fn rank(&self, at: u32) -> Rank {
        let entry = &self.node(at).entry;
        (entry.due, entry.tie, at)
    }

    fn better(&self, a: u32, b: u32) -> u32 {
        if b == NONE || (a != NONE && self.rank(a) <= self.rank(b)) { a } else { b }
    }

    fn key(&self, at: u32) -> Key {
        let entry = &self.node(at).entry;
        (entry.from, entry.tie, at)
    }

    /// Works out again what a node knows of those below.
    fn gather(&mut self, at: u32) {
        let Node { left, right, entry, .. } = *self.node(at);
        let best = self.better(self.better(at, self.best(left)), self.best(right));
        let below = [left, right].into_iter().filter(|child| *child != NONE).map(|child| self.node(child).over);
        let over = below.fold(entry.over, i128::min);
        let node = self.node_mut(at);
        node.best = best;
        node.over = over;
    }

    // The recursions go as deep as the tree: about 2·ln n, and ranks are not anybody's to choose.

    fn insert_below(&mut self, at: u32, place: u32) -> u32 {
        if at == NONE {
            return place;
        }
        if self.node(place).rank > self.node(at).rank {
            let (left, right) = self.split(at, self.key(place));
            let node = self.node_mut(place);
            node.left = left;
            node.right = right;
            self.gather(place);
            return place;
        }
        if self.key(place) < self.key(at) {
            let left = self.insert_below(self.node(at).left, place);
            self.node_mut(at).left = left;
        } else {
            let right = self.insert_below(self.node(at).right, place);
            self.node_mut(at).right = right;
        }
        self.gather(at);
        at
    }

    fn remove_below(&mut self, at: u32, place: u32) -> u32 {
        if at == NONE {
            return NONE;
        }
        if at == place {
            let Node { left, right, .. } = *self.node(at);
            return self.merge(left, right);
        }
        if self.key(place) < self.key(at) {
            let left = self.remove_below(self.node(at).left, place);
            self.node_mut(at).left = left;
        } else {
            let right = self.remove_below(self.node(at).right, place);
            self.node_mut(at).right = right;
        }
        self.gather(at);
        at
    }

    /// Those before `key`, and those after.
    fn split(&mut self, at: u32, key: Key) -> (u32, u32) {
        if at == NONE {
            return (NONE, NONE);
        }
        let parts = if self.key(at) < key {
            let (left, right) = self.split(self.node(at).right, key);
            self.node_mut(at).right = left;
            (at, right)
        } else {
            let (left, right) = self.split(self.node(at).left, key);
            self.node_mut(at).left = right;
            (left, at)
        };
        self.gather(at);
        parts
    }

    /// One tree of two, all of `left` before all of `right`.
    fn merge(&mut self, left: u32, right: u32) -> u32 {
        if left == NONE || right == NONE {
            return if left == NONE { right } else { left };
        }
        if self.node(left).rank > self.node(right).rank {
            let merged = self.merge(self.node(left).right, right);
            self.node_mut(left).right = merged;
            self.gather(left);
            left
        } else {
            let merged = self.merge(left, self.node(right).left);
            self.node_mut(right).left = merged;
            self.gather(right);
            right
        }
    }
}

fn some(place: u32) -> Option<u32> {
    (place != NONE).then_some(place)
}
