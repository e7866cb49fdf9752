//! A job of one rank: with one part a batch it is the ordinary loop, bit for bit.

use adamant::prelude::*;
use adamant_mpi::{DataParallel, Error, World};

type Net = Sequential![Linear<6, 8>, BatchNorm1d<8>, Dropout, Relu, Linear<8, 3>];

#[test]
fn it_is_the_ordinary_loop() {
    let rng = &mut SmallRng::seed_from_u64(3);
    let x: Vec<[f32; 6]> = (0..70).map(|_| Tensor::<[f32; 6]>::randn(rng).0).collect();
    let y: Vec<u8> = (0..70).map(|i| i % 3).collect();
    let world = World::start().unwrap();
    assert_eq!(World::start().unwrap_err(), Error::Started);
    assert_eq!((world.rank(), world.size(), world.is_root(), world.share(70)), (0, 1, true, 0..70));

    let mut ordinary = Net::init(rng);
    let mut net = ordinary;
    let (mut ordinary_adam, mut adam) = (Adam::new(&net), Adam::new(&net));
    world.broadcast(&mut net, &mut adam).unwrap();
    let mut parallel = DataParallel::new(&world, &net, 1).unwrap();
    for epoch in 0..3 {
        let mut batches = Batches::<8>::new(&x, &y, &mut SmallRng::seed_from_u64(epoch));
        for (x, y) in batches.clone() {
            let (right, grads) = ordinary.gradients(&x, |p| cross_entropy(p, &y, Reduction::Mean));
            ordinary_adam.step(&mut ordinary, &grads);
            let found = parallel.gradients(&net, &mut batches, |p, y| cross_entropy(p, y, Reduction::Mean));
            let (loss, grads) = found.unwrap();
            assert_eq!(loss, right);
            adam.step(&mut net, grads);
        }
        assert!(parallel.gradients(&net, &mut batches, |p, y| cross_entropy(p, y, Reduction::Mean)).is_none());
    }
    assert_eq!(net, ordinary);
    assert_eq!(world.gather(vec![1, 2]), [1, 2]);
}
