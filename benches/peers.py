"""PyTorch and ONNX Runtime for the same rows, on one thread.

The benches start this script (`--python PATH`) and talk to it, a line of JSON each way: it prepares its programs for a row from the
row's inputs, puts one to its start, times some runs of it, shows what the last run gave. So they take their turns with adamant and
with the crates, sample by sample.
"""

import json
import os
import sys
import time

import numpy as np
import onnxruntime as ort
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import nn

torch.set_num_threads(1)
torch.set_num_interop_threads(1)


class Program:
    """A state at the start, a run that may change it, and what the last run gave."""

    def __init__(self, start, run, result):
        self.begin, self.run, self.show = start, run, result
        self.start()

    def start(self):
        self.state = self.begin()

    def time(self, count):
        run, state = self.run, self.state
        start = time.perf_counter()
        for _ in range(count):
            run(state)
        return time.perf_counter() - start

    def result(self):
        return [float(x) for x in np.asarray(self.show(self.state)).ravel()]


# PyTorch


def flat(*tensors):
    return torch.cat([t.detach().reshape(-1) for t in tensors]).numpy()


def function(f, *arguments):
    """A function that nobody differentiates."""

    def run(state):
        with torch.inference_mode():
            state["y"] = f(*arguments)

    return Program(dict, run, lambda state: flat(state["y"]))


def gradient(f, leaves, dy):
    """The gradients of f with respect to its arguments, given the one with respect to its value."""
    leaves = [leaf.clone().requires_grad_() for leaf in leaves]

    def run(state):
        state["grads"] = torch.autograd.grad(f(*leaves), leaves, dy)

    return Program(dict, run, lambda state: flat(*state["grads"]))


def step(network, loss, x, y, lr=1e-3):
    """A step of training with Adam."""

    def start():
        model = network()
        return {"model": model, "adam": torch.optim.Adam(model.parameters(), lr=lr, fused=True)}

    def run(state):
        state["adam"].zero_grad()
        value = loss(state["model"](x), y)
        value.backward()
        state["adam"].step()
        state["loss"] = value

    return Program(start, run, lambda state: flat(state["loss"]))


def assign(parameter, value):
    parameter.data = value.clone().contiguous()


def linear(inputs, name):
    layer = nn.Linear(*inputs[f"{name}.weight"].shape)
    assign(layer.weight, inputs[f"{name}.weight"].t())  # PyTorch stores [OUT][IN]
    assign(layer.bias, inputs[f"{name}.bias"])
    return layer


def conv(inputs, name):
    out_channels, channels, kernel, _ = inputs[f"{name}.weight"].shape
    layer = nn.Conv2d(channels, out_channels, kernel, padding=1)
    assign(layer.weight, inputs[f"{name}.weight"])
    assign(layer.bias, inputs[f"{name}.bias"])
    return layer


def digits(inputs):
    return nn.Sequential(linear(inputs, "fc1"), nn.ReLU(), linear(inputs, "fc2"))


def control(inputs):
    layers = [linear(inputs, name) for name in ("fc1", "fc2", "fc3")]
    return nn.Sequential(layers[0], nn.Tanh(), layers[1], nn.Tanh(), layers[2])


def cnn(inputs):
    convs = [conv(inputs, name) for name in ("conv1", "conv2")]
    pooled = [layer for c in convs for layer in (c, nn.ReLU(), nn.MaxPool2d(2))]
    return nn.Sequential(*pooled, nn.Flatten(), linear(inputs, "linear"))


class MyLayer(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.weight = nn.Parameter(inputs["mylayer1.weight"].clone())
        self.bias = nn.Parameter(inputs["mylayer1.bias"].clone())

    def forward(self, x):
        return (x * x + self.bias) @ self.weight


def gates(inputs, layer, prefix=""):
    """adamant's names are PyTorch's, and its weights transposed."""
    for name, parameter in layer.named_parameters():
        ours = inputs[f"{prefix}{name}"]
        assign(parameter, ours.t() if ours.dim() == 2 else ours)
    return layer


class Lstm(nn.Module):
    """The last state."""

    def __init__(self, inputs):
        super().__init__()
        self.lstm = gates(inputs, nn.LSTM(16, 32, batch_first=True), "0.")

    def forward(self, x):
        return self.lstm(x)[1][0][0]


def encoder(inputs):
    """The rows of adamant's weights are PyTorch's columns."""
    layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
    for name, parameter in layer.named_parameters():
        value = inputs[f"layer.{name}"]
        assign(parameter, value.t() if value.dim() == 2 else value)
    return layer


FUNCTIONS = {
    "exp": torch.exp,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "ln": torch.log,
    "sin": torch.sin,
    "gelu": F.gelu,
    "softmax": lambda x: F.softmax(x, -1),
    "max_pool": lambda x: F.max_pool2d(x, 2),
}


def product(task, i):
    a, b = i["a"], i["b"]
    a, b = (a.t(), b) if task == "tn" else (a, b.t()) if task == "nt" else (a, b)

    def run(c):
        if task == "nn":
            torch.mm(a, b, out=c)
        else:
            c.addmm_(a, b)

    return Program(lambda: torch.zeros(a.shape[0], b.shape[1]), run, flat)


def batch_norm(i):
    mean, var = i["running_mean"].clone(), i["running_var"].clone()

    def f(x, weight, bias):
        return F.batch_norm(x, mean, var, weight, bias, training=True)

    return gradient(f, [i["x"], i["weight"], i["bias"]], i["dy"])


def pytorch(task, arrays):
    i = {name: torch.from_numpy(array) for name, array in arrays.items()}
    labels = lambda: i["y"].long()
    networks = {"digits": digits, "control": control, "cnn": cnn}
    if task in ("nn", "tn", "nt"):
        return product(task, i)
    if task in FUNCTIONS:
        return function(FUNCTIONS[task], i["x"])
    if task.endswith(".forward"):
        return function(networks[task.removesuffix(".forward")](i), i["x"])
    match task:
        case "digits.step":
            return step(lambda: digits(i), F.cross_entropy, i["x"], labels())
        case "cnn.step":
            return step(lambda: cnn(i), F.cross_entropy, i["x"], labels())
        case "control.step":
            return step(lambda: control(i), F.mse_loss, i["x"], i["y"])
        case "my_layer.step":
            loss = lambda p, y: F.mse_loss(p, y, reduction="sum")
            return step(lambda: MyLayer(i), loss, i["x"], i["y"], lr=1e-4)
        case "encoder.step":
            return step(lambda: encoder(i), F.mse_loss, i["x"], i["y"])
        case "lstm.step":
            return step(lambda: Lstm(i), F.mse_loss, i["x"], i["y"])
        case "layer_norm":
            return function(lambda x: F.layer_norm(x, (128,), i["weight"], i["bias"]), i["x"])
        case "layer_norm.gradient":
            f = lambda x, weight, bias: F.layer_norm(x, (128,), weight, bias)
            return gradient(f, [i["x"], i["weight"], i["bias"]], i["dy"])
        case "batch_norm.gradient":
            return batch_norm(i)
        case "gru_cell":
            return function(gates(i, nn.GRUCell(16, 16)), i["x"], i["h"])
    return None


# ONNX Runtime


class Graph:
    """A model that is put together node by node."""

    def __init__(self):
        self.nodes, self.constants, self.feeds = [], [], {}

    def feed(self, name, array):
        self.feeds[name] = array
        return name

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind, *inputs, **attributes):
        name = f"y{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def program(self, y):
        describe = lambda name, dims: helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)
        feeds = [describe(name, array.shape) for name, array in self.feeds.items()]
        graph = helper.make_graph(self.nodes, "row", feeds, [describe(y, None)], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        (first,) = session.run([y], self.feeds)
        output = ort.OrtValue.ortvalue_from_numpy(np.zeros_like(first))
        binding = session.io_binding()
        # Values that are bound, like the output's, must outlive the binding.
        values = {name: ort.OrtValue.ortvalue_from_numpy(array) for name, array in self.feeds.items()}
        for name, value in values.items():
            binding.bind_ortvalue_input(name, value)
        binding.bind_ortvalue_output(y, output)
        return Program(lambda: (binding, values), lambda _: session.run_with_iobinding(binding), lambda _: output.numpy())


def dense(graph, arrays, name, x):
    weight = graph.constant(f"{name}.weight", arrays[f"{name}.weight"])
    return graph.node("Gemm", x, weight, graph.constant(f"{name}.bias", arrays[f"{name}.bias"]))


def convolution(graph, arrays, name, x):
    weight = graph.constant(f"{name}.weight", arrays[f"{name}.weight"])
    bias = graph.constant(f"{name}.bias", arrays[f"{name}.bias"])
    y = graph.node("Relu", graph.node("Conv", x, weight, bias, kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
    return graph.node("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2])


def gru(graph, arrays):
    """ONNX has the gates in the order z, r, n, where ours are r, z, n."""
    order = lambda x: np.concatenate([x[..., 16:32], x[..., :16], x[..., 32:]], axis=-1)
    weights = [order(arrays[f"weight_{name}"]).T[None] for name in ("ih", "hh")]
    bias = np.concatenate([order(arrays[f"bias_{name}"]) for name in ("ih", "hh")])[None]
    x, h = graph.feed("x", arrays["x"].reshape(1, 1, 16)), graph.feed("h", arrays["h"].reshape(1, 1, 16))
    w, r, b = graph.constant("w", weights[0]), graph.constant("r", weights[1]), graph.constant("b", bias)
    return graph.node("GRU", x, w, r, b, "", h, hidden_size=16, linear_before_reset=1)


def onnx_runtime(task, arrays):
    graph = Graph()
    if task == "nn":
        return graph.program(graph.node("MatMul", graph.feed("a", arrays["a"]), graph.feed("b", arrays["b"])))
    if task == "gru_cell":
        return graph.program(gru(graph, arrays))
    if "x" not in arrays:
        return None
    x = graph.feed("x", arrays["x"])
    kinds = {"exp": "Exp", "tanh": "Tanh", "sigmoid": "Sigmoid", "ln": "Log", "sin": "Sin", "gelu": "Gelu", "softmax": "Softmax"}
    if task in kinds:
        return graph.program(graph.node(kinds[task], x))
    match task:
        case "max_pool":
            y = graph.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
        case "layer_norm":
            weight, bias = (graph.constant(name, arrays[name]) for name in ("weight", "bias"))
            y = graph.node("LayerNormalization", x, weight, bias, epsilon=1e-5)
        case "digits.forward":
            y = dense(graph, arrays, "fc2", graph.node("Relu", dense(graph, arrays, "fc1", x)))
        case "control.forward":
            h = graph.node("Tanh", dense(graph, arrays, "fc1", x))
            y = dense(graph, arrays, "fc3", graph.node("Tanh", dense(graph, arrays, "fc2", h)))
        case "cnn.forward":
            h = convolution(graph, arrays, "conv2", convolution(graph, arrays, "conv1", x))
            y = dense(graph, arrays, "linear", graph.node("Flatten", h))
        case _:
            return None
    return graph.program(y)


# The conversation


def prepare(question):
    read = lambda array: np.array(array["data"], dtype=np.float32).reshape(array["dims"])
    arrays = {name: read(array) for name, array in question["inputs"].items()}
    made = {"PyTorch": pytorch(question["task"], arrays), "ONNX Runtime": onnx_runtime(question["task"], arrays)}
    return {name: program for name, program in made.items() if program}


def main():
    # What libraries print must not get between the lines of the conversation.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    programs = {}
    for line in sys.stdin:
        question = json.loads(line)
        answer = {}
        match question["ask"]:
            case "versions":
                answer["versions"] = f"PyTorch {torch.__version__}, ONNX Runtime {ort.__version__}"
            case "prepare":
                programs = prepare(question)
                answer["programs"] = list(programs)
            case "start":
                programs[question["program"]].start()
            case "time":
                answer["seconds"] = programs[question["program"]].time(question["count"])
            case "result":
                answer["result"] = programs[question["program"]].result()
        print(json.dumps(answer), file=answers, flush=True)


main()
