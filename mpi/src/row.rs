//! [`Row`]: many numbers, in blocks that can leave one by one.

use std::ops::Range;

/// Numbers in a row, in blocks of one size, of which the last may be shorter.
pub struct Row<T> {
    blocks: Vec<Vec<T>>,
    size: usize,
    len: usize,
}

impl<T: Copy> Row<T> {
    /// `len` times `number`, in blocks of `size`.
    pub fn new(number: T, len: usize, size: usize) -> Self {
        let size = size.clamp(1, len.max(1));
        let blocks = (0..len).step_by(size).map(|start| vec![number; size.min(len - start)]).collect();
        Self { blocks, size, len }
    }

    /// How many numbers there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// How many blocks there are.
    pub const fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Where a block begins.
    pub const fn start(&self, block: usize) -> usize {
        block * self.size
    }

    /// A block to lend out; an empty one stands in its place until it comes back.
    pub fn block(&mut self, block: usize) -> Option<&mut Vec<T>> {
        self.blocks.get_mut(block)
    }

    /// The numbers at these places, in slices one after the other.
    pub fn slices(&self, places: Range<usize>) -> impl Iterator<Item = &[T]> {
        let size = self.size;
        let first = places.start / size;
        self.blocks[first..]
            .iter()
            .enumerate()
            .map_while(move |(i, block)| block.get(within(first + i, size, &places, block.len())?))
    }

    /// The same, to write to.
    pub fn slices_mut(&mut self, places: Range<usize>) -> impl Iterator<Item = &mut [T]> {
        let size = self.size;
        let first = places.start / size;
        self.blocks[first..].iter_mut().enumerate().map_while(move |(i, block)| {
            let len = block.len();
            block.get_mut(within(first + i, size, &places, len)?)
        })
    }
}

/// Which of a block's numbers are at these places; `None` from the block on that begins behind them.
fn within(block: usize, size: usize, places: &Range<usize>, len: usize) -> Option<Range<usize>> {
    let start = block * size;
    (start < places.end).then(|| places.start.saturating_sub(start).min(len)..(places.end - start).min(len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_the_places() {
        for (len, size) in [(1, 1), (7, 3), (9, 3), (5, 100), (0, 4)] {
            let mut row = Row::new(0, len, size);
            row.slices_mut(0..len).flatten().enumerate().for_each(|(i, place)| *place = i);
            for start in 0..=len {
                for end in start..=len {
                    assert!(row.slices(start..end).flatten().copied().eq(start..end), "{start}..{end} of {len}");
                    assert_eq!(row.slices_mut(start..end).flatten().count(), end - start);
                }
            }
        }
    }
}
