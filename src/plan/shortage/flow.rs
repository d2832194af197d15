//! The largest flow through a network, in whole numbers: Dinic's algorithm, layers by breadth, then paths by depth.

use std::collections::VecDeque;

/// Nodes by number, with edges that have a capacity.
pub(super) struct Network {
    /// Edges out of each node, by position; an edge and its reverse follow each other.
    out: Vec<Vec<usize>>,
    to: Vec<usize>,
    left: Vec<i64>,
}

impl Network {
    pub(super) fn new(nodes: usize) -> Self {
        Self { out: vec![Vec::new(); nodes], to: Vec::new(), left: Vec::new() }
    }

    /// An edge that so much can flow through.
    pub(super) fn add(&mut self, from: usize, to: usize, capacity: i64) {
        for (from, to, capacity) in [(from, to, capacity), (to, from, 0)] {
            self.out[from].push(self.to.len());
            self.to.push(to);
            self.left.push(capacity);
        }
    }

    /// As much as can flow, which is returned. The capacities out of the source must add up to less than 2^63.
    pub(super) fn fill(&mut self, source: usize, sink: usize) -> i64 {
        let mut flow = 0;
        while let Some(layer) = self.layers(source, sink) {
            let mut turn = vec![0; self.out.len()];
            loop {
                let more = self.path(source, sink, &layer, &mut turn);
                if more == 0 {
                    break;
                }
                flow += more;
            }
        }
        flow
    }

    /// Nodes that more could flow to.
    pub(super) fn reached(&self, source: usize) -> Vec<bool> {
        self.distances(source).into_iter().map(|distance| distance != usize::MAX).collect()
    }

    fn layers(&self, source: usize, sink: usize) -> Option<Vec<usize>> {
        let layer = self.distances(source);
        (layer[sink] != usize::MAX).then_some(layer)
    }

    fn distances(&self, source: usize) -> Vec<usize> {
        let mut distance = vec![usize::MAX; self.out.len()];
        distance[source] = 0;
        let mut next = VecDeque::from([source]);
        while let Some(node) = next.pop_front() {
            for &edge in &self.out[node] {
                let to = self.to[edge];
                if self.left[edge] > 0 && distance[to] == usize::MAX {
                    distance[to] = distance[node] + 1;
                    next.push_back(to);
                }
            }
        }
        distance
    }

    /// Sends what fits along one path that goes up the layers. `turn` = the next edge of each node to try. No recursion: paths may be long.
    fn path(&mut self, source: usize, sink: usize, layer: &[usize], turn: &mut [usize]) -> i64 {
        let mut path: Vec<usize> = Vec::new();
        let mut node = source;
        while node != sink {
            match self.out[node].get(turn[node]).copied() {
                Some(edge) if self.left[edge] > 0 && layer[self.to[edge]] == layer[node] + 1 => {
                    path.push(edge);
                    node = self.to[edge];
                }
                Some(_) => turn[node] += 1,
                None => {
                    let Some(edge) = path.pop() else { return 0 };
                    node = self.to[edge ^ 1];
                    turn[node] += 1;
                }
            }
        }
        let most = path.iter().map(|&edge| self.left[edge]).min().unwrap_or(0);
        for edge in path {
            self.left[edge] -= most;
            // The reverse of an edge without end stays below the end.
            self.left[edge ^ 1] = self.left[edge ^ 1].saturating_add(most);
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_flows_as_the_narrowest_cut_lets_through() {
        // 0 -> 1, 2 -> 3, with an edge across that has to be taken back.
        let mut network = Network::new(4);
        for (from, to, capacity) in [(0, 1, 3), (0, 2, 2), (1, 2, 5), (1, 3, 2), (2, 3, 3)] {
            network.add(from, to, capacity);
        }
        assert_eq!(network.fill(0, 3), 5);
        assert_eq!(network.reached(0), [true, false, false, false]);
    }

    #[test]
    fn what_is_still_reached_is_before_the_cut() {
        let mut network = Network::new(4);
        for (from, to, capacity) in [(0, 1, 9), (1, 2, i64::MAX), (2, 3, 4)] {
            network.add(from, to, capacity);
        }
        assert_eq!(network.fill(0, 3), 4);
        assert_eq!(network.reached(0), [true, true, true, false]);
    }
}
