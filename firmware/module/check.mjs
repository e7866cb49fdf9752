// check.mjs INFERENCE TRAINING: the first module answers as PyTorch does, the second learns.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);
const TRAIN = 1437;
/** Passed before the last epoch, or training does not work. */
const ACCURACY = 0.88;
const EPOCHS = 30;
const LEARNING_RATE = 3e-3;

/** The functions of a module. It asks for nothing: a path to a panic would be an import. */
function load(path) {
    const module = new WebAssembly.Module(readFileSync(path));
    assert.deepEqual(WebAssembly.Module.imports(module), [], `${path} has a path to a panic`);
    return new WebAssembly.Instance(module).exports;
}

/** Images of 64 pixels from 0 to 1, and what each shows. */
function digits() {
    const bytes = readFileSync(new URL("examples/data/digits.bin", ROOT));
    const records = Array.from({ length: bytes.length / 65 }, (_, i) => bytes.subarray(65 * i, 65 * (i + 1)));
    return { images: records.map(record => Array.from(record.subarray(0, 64), pixel => pixel / 16)), labels: records.map(record => record[64]) };
}

/** The numbers of a tensor in a safetensors file. */
function tensor(path, name) {
    const bytes = readFileSync(new URL(path, ROOT));
    const start = 8 + Number(bytes.readBigUInt64LE());
    const [from, to] = JSON.parse(bytes.subarray(8, start))[name].data_offsets;
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset + start + from, bytes.byteOffset + start + to));
}

function largest(numbers) {
    return numbers.indexOf(Math.max(...numbers));
}

/** What a module answers to an image. */
function classify(module, image) {
    new Float32Array(module.memory.buffer, module.image(), 64).set(image);
    const digit = module.classify();
    return { digit, logits: Array.from(new Float32Array(module.memory.buffer, module.logits(), 10)) };
}

/** Answers to the images that test, beside PyTorch's. */
function infers(module, images) {
    const expected = tensor("tests/models/digits_mlp.expected.safetensors", "logits");
    assert.equal(expected.length, 10 * images.length);
    let furthest = 0;
    images.forEach((image, i) => {
        const right = Array.from(expected.subarray(10 * i, 10 * (i + 1)));
        const { digit, logits } = classify(module, image);
        logits.forEach((logit, j) => (furthest = Math.max(furthest, Math.abs(logit - right[j]) / Math.max(1, Math.abs(right[j])))));
        assert.equal(digit, largest(right), `image ${i}`);
    });
    assert(furthest <= 1e-5, `a logit is ${furthest} from PyTorch's`);
    console.log(`inference: ${images.length} answers as PyTorch's, the furthest logit ${furthest.toExponential(1)} away`);
}

/** The shortest time of a call, of as many as a quarter of a second has room for. */
function microseconds(call) {
    let shortest = Infinity;
    for (const end = performance.now() + 250; performance.now() < end; ) {
        const start = performance.now();
        call();
        shortest = Math.min(shortest, performance.now() - start);
    }
    return 1000 * shortest;
}

/** Epochs from fresh weights until enough is right. */
function learns(module, { images, labels }) {
    new Float32Array(module.memory.buffer, module.images(), 64 * images.length).set(images.flat());
    new Uint8Array(module.memory.buffer, module.labels(), labels.length).set(labels);
    assert.equal(module.parameters(), 64 * 32 + 32 + 32 * 10 + 10);
    module.start(0);
    assert(module.accuracy() < 0.3, "fresh weights know nothing");
    let [epoch, loss, accuracy] = [0, NaN, 0];
    while (epoch < EPOCHS && !(accuracy > ACCURACY)) {
        loss = module.train(epoch++, LEARNING_RATE);
        accuracy = module.accuracy();
    }
    assert(accuracy > ACCURACY, `after ${epoch} epochs ${accuracy} of the images that test are right`);
    assert(loss > 0 && loss < 1, `the loss is ${loss}`);
    const right = images.filter((image, i) => i >= TRAIN && classify(module, image).digit === labels[i]).length;
    assert.equal(right, Math.round(accuracy * (images.length - TRAIN)), "one by one as in batches");
    console.log(`training: accuracy ${accuracy.toFixed(4)}, loss ${loss.toFixed(4)} after ${epoch} epochs`);
    console.log(`training: ${microseconds(() => module.train(epoch++, LEARNING_RATE)).toFixed(0)} µs an epoch`);
}

const [inference, training] = process.argv.slice(2).map(load);
const all = digits();
infers(inference, all.images.slice(TRAIN));
learns(training, all);
