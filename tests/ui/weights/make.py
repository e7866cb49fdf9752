"""Writes the files of this folder: each is wrong in the way that its name says, or right."""

import json
import struct
from pathlib import Path


def write(name, header, data):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    Path(__file__).with_name(name + ".safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(data))


def tensor(shape, start, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


net = {"0.weight": tensor([3, 2], 0, 24), "0.bias": tensor([3], 24, 36)}
write("net", net, 36)
write("half", {"0.weight": tensor([3, 2], 0, 12, "F16"), "0.bias": tensor([3], 12, 18, "F16")}, 18)
write("more", net | {"head.weight": tensor([1], 36, 40), "head.steps": tensor([], 40, 48, "I64")}, 48)
write("batches", net | {"1.num_batches_tracked": tensor([], 36, 44, "I64")}, 44)
write("cut", net, 30)
write("longer", net, 40)
write("overlapping", {"0.weight": tensor([3, 2], 0, 24), "0.bias": tensor([3], 20, 32)}, 32)
write("outside", {"0.weight": tensor([3, 2], 0, 24), "0.bias": tensor([3], 24, 2**60)}, 36)
write("length", {"0.weight": tensor([3, 2], 0, 20)}, 20)
write("huge", {"0.weight": tensor([2**32, 2**32, 2**32], 0, 0)}, 0)
write("type", {"0.weight": tensor([3, 2], 0, 24, "Q4_0")}, 24)
write("twice", b'{"0.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"0.bias":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8)
write("json", b'{"0.bias":{"dtype":"F32","shape":[1,],"data_offsets":[0,4]}}', 4)
write("utf8", b'{"\xff":{}}', 0)
Path(__file__).with_name("header.safetensors").write_bytes(struct.pack("<Q", 2**63) + b"{}")
Path(__file__).with_name("short.safetensors").write_bytes(b"PK\x03\x04")
