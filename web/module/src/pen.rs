//! What a visitor draws, as an image like those that were learnt.
//!
//! Those were bitmaps of 32×32, filled from top to bottom, whose blocks of 4×4 were counted: a pixel is from 0 to 16. So are these.

use adamant::prelude::*;

use crate::digits::INK;

/// The side of the bitmap.
const SIDE: usize = 32;
/// How tall and how wide the line is that the middle of the pen draws.
const HEIGHT: f32 = 27.0;
const WIDTH: f32 = 19.0;
/// How much more a drawing is stretched one way than the other.
const STRETCH: f32 = 1.6;
/// The bitmaps had so many black pixels on average, whichever the digit.
const BLACK: usize = 310;
/// How thin and how thick half a pen is.
const RADII: [f32; 2] = [1.5, 5.0];
/// Points nearer than that are one: a 64th of the field.
const NEAR: f32 = 1.0 / 64.0;
/// More points are not drawn.
const POINTS: usize = 512;

/// A point of the field, whose sides are 1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Point {
    x: f32,
    y: f32,
    /// 1 where the pen came down, 0 where it moved to from the point before.
    down: f32,
}

/// The lines of a drawing.
pub struct Pen {
    points: [Point; POINTS],
    len: usize,
}

impl Pen {
    /// Nothing drawn.
    pub const BLANK: Self = Self { points: [Point { x: 0.0, y: 0.0, down: 0.0 }; POINTS], len: 0 };

    /// What is drawn.
    pub fn points(&self) -> &[Point] {
        self.points.get(..self.len).unwrap_or_default()
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Comes down at a point.
    pub fn down(&mut self, x: f32, y: f32) {
        self.add(Point { x, y, down: 1.0 });
    }

    /// Draws a line to a point.
    pub fn line(&mut self, x: f32, y: f32) {
        let near = self.points().last().is_some_and(|last| (last.x - x).abs().max((last.y - y).abs()) < NEAR);
        if !near {
            self.add(Point { x, y, down: if self.len == 0 { 1.0 } else { 0.0 } });
        }
    }

    fn add(&mut self, point: Point) {
        if let Some(place) = self.points.get_mut(self.len) {
            *place = Point { x: point.x.clamp(0.0, 1.0), y: point.y.clamp(0.0, 1.0), ..point };
            self.len += 1;
        }
    }

    /// The drawing, moved to the middle and scaled; pixels from 0 to 1.
    pub fn image(&self) -> Tensor<[f32; 64]> {
        let mut image = Tensor([0.0; 64]);
        if self.len > 0 {
            let distances = self.distances();
            let radius = radius(&distances);
            for (row, distances) in distances.iter().enumerate() {
                for (column, &distance) in distances.iter().enumerate() {
                    if let Some(pixel) = image.0.get_mut(8 * (row / 4) + column / 4).filter(|_| distance <= radius) {
                        *pixel += 1.0 / INK;
                    }
                }
            }
        }
        image
    }

    /// How far each dot of the bitmap is from the lines, squared.
    fn distances(&self) -> [[f32; SIDE]; SIDE] {
        let fit = Fit::of(self.points());
        let mut distances = [[f32::INFINITY; SIDE]; SIDE];
        let mut from = [0.0; 2];
        for point in self.points() {
            let to = fit.place(point);
            let segment = Segment::new(if point.down > 0.0 { to } else { from }, to);
            for (y, row) in distances.iter_mut().enumerate() {
                row.iter_mut().enumerate().for_each(|(x, d)| *d = d.min(segment.distance([x as f32 + 0.5, y as f32 + 0.5])));
            }
            from = to;
        }
        distances
    }
}

/// The radius, squared, with which a drawing has as much ink as an image that was learnt.
fn radius(distances: &[[f32; SIDE]; SIDE]) -> f32 {
    let [mut thin, mut thick] = RADII.map(|radius| radius * radius);
    for _ in 0..12 {
        let middle = 0.5 * (thin + thick);
        let black = distances.as_flattened().iter().filter(|&&distance| distance <= middle).count();
        *(if black < BLACK { &mut thin } else { &mut thick }) = middle;
    }
    thick
}

/// Where the field's points lie in the bitmap.
struct Fit {
    scale: [f32; 2],
    middle: [f32; 2],
}

impl Fit {
    fn of(points: &[Point]) -> Self {
        let (mut low, mut high) = ([1f32; 2], [0f32; 2]);
        for point in points {
            low = [low[0].min(point.x), low[1].min(point.y)];
            high = [high[0].max(point.x), high[1].max(point.y)];
        }
        let [width, height] = [(high[0] - low[0]).max(NEAR), (high[1] - low[1]).max(NEAR)];
        let [across, down] = [WIDTH / width, HEIGHT / height];
        let scale = [across.min(down * STRETCH).min(down), down.min(across * STRETCH)];
        Self { scale, middle: [0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1])] }
    }

    fn place(&self, point: &Point) -> [f32; 2] {
        let middle = 0.5 * SIDE as f32;
        [middle + self.scale[0] * (point.x - self.middle[0]), middle + self.scale[1] * (point.y - self.middle[1])]
    }
}

/// A straight part of a line.
struct Segment {
    from: [f32; 2],
    along: [f32; 2],
    /// 1 / length², 0 for a point.
    per_square: f32,
}

impl Segment {
    fn new(from: [f32; 2], to: [f32; 2]) -> Self {
        let along = [to[0] - from[0], to[1] - from[1]];
        let square = dot(along, along);
        Self { from, along, per_square: if square > 0.0 { square.recip() } else { 0.0 } }
    }

    /// How far a point is, squared.
    fn distance(&self, point: [f32; 2]) -> f32 {
        let away = [point[0] - self.from[0], point[1] - self.from[1]];
        let t = (dot(away, self.along) * self.per_square).clamp(0.0, 1.0);
        let rest = [away[0] - t * self.along[0], away[1] - t * self.along[1]];
        dot(rest, rest)
    }
}

fn dot(a: [f32; 2], b: [f32; 2]) -> f32 {
    a[0] * b[0] + a[1] * b[1]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(lines: &[&[[f32; 2]]]) -> Pen {
        let mut pen = Pen::BLANK;
        for line in lines {
            pen.down(line[0][0], line[0][1]);
            line[1..].iter().for_each(|point| pen.line(point[0], point[1]));
        }
        pen
    }

    const TWO: &[&[[f32; 2]]] =
        &[&[[0.28, 0.3], [0.35, 0.15], [0.5, 0.1], [0.66, 0.2], [0.66, 0.38], [0.28, 0.88], [0.74, 0.88]]];

    #[test]
    fn a_drawing_is_like_what_was_learnt() {
        let image = drawn(TWO).image();
        let black = image.0.iter().sum::<f32>() * INK;
        assert!((black - BLACK as f32).abs() < 16.0, "{black} black pixels");
        assert!(image.0.iter().all(|&pixel| (0.0..=1.0).contains(&pixel) && (pixel * INK).fract() == 0.0));
        assert_eq!(image.0.iter().copied().fold(0.0, f32::max), 1.0);
        let row = |row: usize| image.0[8 * row..8 * row + 8].iter().sum::<f32>();
        assert!(row(0) > 0.5 && row(7) > 0.5, "it fills the image from top to bottom: {image}");
        let column = |column: usize| (0..8).map(|row| image.0[8 * row + column]).sum::<f32>();
        assert!(column(0) + column(7) < 1.0, "it is in the middle: {image}");
    }

    #[test]
    fn place_and_size_do_not_matter() {
        let small: Vec<[f32; 2]> = TWO[0].iter().map(|[x, y]| [0.6 + 0.25 * x, 0.1 + 0.25 * y]).collect();
        assert!(drawn(TWO).image().all_close(&drawn(&[&small]).image(), 0.0, 0.13));
    }

    #[test]
    fn nothing_is_nothing_and_a_dot_is_a_dot() {
        assert_eq!(Pen::BLANK.image(), Tensor([0.0; 64]));
        let dot = drawn(&[&[[0.1, 0.9]]]).image();
        assert!(dot.0[27] > 0.9 && dot.0[0] == 0.0 && dot.0[63] == 0.0, "{dot}");
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut pen = Pen::BLANK;
        pen.line(-3.0, 7.0);
        assert_eq!((pen.points()[0].x, pen.points()[0].y, pen.points()[0].down), (0.0, 1.0, 1.0));
        (0..2000).for_each(|i| pen.line(f32::NAN, (i % 2) as f32));
        assert_eq!(pen.points().len(), POINTS);
        assert!(pen.image().0.iter().all(|pixel| pixel.is_finite()));
        pen.clear();
        assert!(pen.points().is_empty());
    }
}
