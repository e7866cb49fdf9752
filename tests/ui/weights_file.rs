//! A file that is none, or one of a hostile hand.

use adamant::prelude::*;

type Net = (Linear<2, 3>,);

static ABSENT: Net = weights!("../../../../tests/ui/weights/absent.safetensors");
static CUT: Net = weights!("../../../../tests/ui/weights/cut.safetensors");
static LONGER: Net = weights!("../../../../tests/ui/weights/longer.safetensors");
static OVERLAPPING: Net = weights!("../../../../tests/ui/weights/overlapping.safetensors");
static OUTSIDE: Net = weights!("../../../../tests/ui/weights/outside.safetensors");
static LENGTH: Net = weights!("../../../../tests/ui/weights/length.safetensors");
static HUGE: Net = weights!("../../../../tests/ui/weights/huge.safetensors");
static TYPE: Net = weights!("../../../../tests/ui/weights/type.safetensors");
static TWICE: Net = weights!("../../../../tests/ui/weights/twice.safetensors");
static JSON: Net = weights!("../../../../tests/ui/weights/json.safetensors");
static UTF8: Net = weights!("../../../../tests/ui/weights/utf8.safetensors");
static HEADER: Net = weights!("../../../../tests/ui/weights/header.safetensors");
static SHORT: Net = weights!("../../../../tests/ui/weights/short.safetensors");
static PREFIX: Net = weights!("../../../../tests/ui/weights/net.safetensors", prefix = "encoder.");
static SAME_NAMES: Net = weights!("../../../../tests/ui/weights/net.safetensors", names("0.bias" = "0.weight"));
static SETTING: Net = weights!("../../../../tests/ui/weights/net.safetensors", strict = true);
static NUMBERS: Net = weights!("../../../../tests/ui/weights/net.safetensors", as f16);
static NO_PATH: Net = weights!(net);

fn main() {}
