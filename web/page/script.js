"use strict";

const $ = id => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const MODELS = [
  {
    first: "What each of the 32 hidden neurons looks for in an image",
    second: "How much each of them (a column) speaks for each digit (a row)",
  },
  {
    first: "The 8 filters that slide over an image, 3 × 3 each",
    second: "The 16 × 8 filters that slide over what those found",
  },
];
/** Milliseconds of a frame that go into training. */
const SLICE = 8;
/** Milliseconds from one picture to the next for those who want less motion. */
const CALM_PAUSE = 500;

let wasm;
let model = 0;
let running = false;
/** Whether a frame is asked for, and whether for something that a visitor did. */
let waiting = false;
let asked = false;
/** When the last frame was, and the last picture. */
let last = 0;
let drawn = 0;
/** Steps that are due. */
let due = 0;
/** Milliseconds of some steps, and how many: older ones count less. */
let took = [0, 0];
let seeds = [1, 1];
/** The number of the test image that is asked about, or -1: what is drawn. */
let test = -1;
/** The point of the curves up to which they were drawn. */
let shown = -1;

// --- The module -----------------------------------------------------------------------------------------------------

/** The bytes of a text that `text.rs` wrote: seven bits a character. */
function decode(text) {
  const bytes = new Uint8Array((text.length * 7) >> 3);
  for (let i = 0, at = 0, bits = 0, count = 0; i < text.length; i++) {
    bits = (bits << 7) | (text.charCodeAt(i) & 127);
    count += 7;
    if (count >= 8) bytes[at++] = bits >> (count -= 8);
  }
  return bytes;
}

async function load() {
  const bytes = decode($("module").textContent);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const { instance } = await WebAssembly.instantiate(await new Response(stream).arrayBuffer());
  return instance.exports;
}

const floats = (at, count) => new Float32Array(wasm.memory.buffer, at, count);
const integers = (at, count) => new Uint32Array(wasm.memory.buffer, at, count);
const rate = () => 10 ** $("rate").value;
const points = which => Math.floor(wasm.steps(which) / wasm.steps_of_point()) + 1;
const isOver = () => wasm.steps(model) >= wasm.steps_of_run();

// --- Time -----------------------------------------------------------------------------------------------------------

/** Asks for a picture, in the next frame. */
function wake() {
  asked = true;
  schedule();
}

function schedule() {
  if (!waiting) {
    waiting = true;
    requestAnimationFrame(frame);
  }
}

function frame(now) {
  waiting = false;
  if (running) train(Math.min(now - last, 100));
  last = now;
  if (asked || !calm.matches || now - drawn >= CALM_PAUSE) {
    asked = false;
    drawn = now;
    render();
  }
  if (running) schedule();
}

/** Takes the steps that are due after so many milliseconds, as far as a slice of a frame has room for them. */
function train(milliseconds) {
  due = Math.min(due + (Number($("speed").value) * milliseconds) / 1000, 1e6);
  took = took.map(sum => 0.95 * sum);
  const end = performance.now() + SLICE;
  while (due >= 1 && performance.now() < end && !isOver()) {
    due--;
    step();
  }
  if (due >= 1) due = 0;
  if (isOver()) stop("The run is over.");
}

function step() {
  const start = performance.now();
  const isPoint = wasm.step(model, rate());
  took = [took[0] + performance.now() - start, took[1] + 1];
  if (isPoint) wasm.test(model);
}

function go() {
  if (isOver()) reset();
  running = true;
  due = 1;
  last = performance.now();
  $("run").textContent = "Pause";
  wake();
}

function stop(why) {
  running = false;
  $("run").textContent = isOver() ? "Train again" : "Train";
  say(`${why} Test accuracy ${percent(floats(wasm.accuracies(model), points(model)).at(-1), 1)}.`);
  wake();
}

function reset() {
  wasm.start(model, ++seeds[model]);
  shown = -1;
  took = [0, 0];
  if (!running) $("run").textContent = "Train";
  wake();
}

function choose(which) {
  model = which;
  shown = -1;
  took = [0, 0];
  document.querySelectorAll(".source").forEach(code => (code.hidden = Number(code.dataset.model) !== model));
  $("first-text").textContent = MODELS[model].first;
  $("second-text").textContent = MODELS[model].second;
  showNumbers();
  if (isOver()) stop("The run is over.");
  else if (running || (wasm.steps(model) === 0 && !calm.matches)) go();
  else stop("Paused.");
}

// --- What is seen ---------------------------------------------------------------------------------------------------

const percent = (part, digits = 0) => `${(100 * part).toFixed(digits)} %`;
const grouped = number => number.toLocaleString("en");

function render() {
  const now = points(model);
  showFigures(now);
  if (now !== shown) {
    shown = now;
    showCurves();
    showConfusion();
  }
  showWeights();
  showField();
  showAnswer();
}

function showFigures(now) {
  const steps = wasm.steps(model);
  const loss = floats(wasm.losses(model), now).at(-1);
  $("accuracy").textContent = percent(floats(wasm.accuracies(model), now).at(-1), 1);
  $("loss").textContent = now < 2 ? "–" : loss.toFixed(loss < 0.1 ? 4 : 3);
  $("epoch").textContent = `${(steps / wasm.steps_of_epoch()).toFixed(1)} of ${wasm.steps_of_run() / wasm.steps_of_epoch()}`;
  $("time").textContent = took[0] > 0 ? `${Math.round((1000 * took[0]) / took[1])} µs` : "–";
}

/** A chart, whose values `y` takes from 0 to 1, with lines at `ticks`. */
function chart(id, y, ticks) {
  const labels = ticks.map(([value, text]) => `<span style="bottom:${100 * y(value)}%">${text}</span>`);
  const lines = ticks.map(([value]) => `M0 ${100 - 100 * y(value)}H100`).join("");
  $(id).innerHTML =
    `<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"><path class="lines" d="${lines}"/><path class="other"/><path class="this"/></svg>` +
    labels.join("");
  return (kind, values, first) => {
    const count = wasm.steps_of_run() / wasm.steps_of_point();
    const places = Array.from(values).slice(first).map((value, i) => `${(((i + first) / count) * 100).toFixed(2)} ${(100 - 100 * y(value)).toFixed(1)}`);
    $(id).querySelector(`.${kind}`).setAttribute("d", places.length > 1 ? `M${places.join("L")}` : "");
  };
}

let drawAccuracy, drawLoss;

function prepareCharts() {
  $("epochs").textContent = `${wasm.steps_of_run() / wasm.steps_of_epoch()} epochs`;
  drawAccuracy = chart("accuracy-chart", value => value, [0, 0.25, 0.5, 0.75, 1].map(value => [value, percent(value)]));
  const decades = value => Math.min(Math.max((Math.log10(value) + 3) / 4, 0), 1);
  drawLoss = chart("loss-chart", decades, [10, 1, 0.1, 0.01, 0.001].map(value => [value, value]));
}

function showCurves() {
  for (const [kind, which] of [["this", model], ["other", 1 - model]]) {
    drawAccuracy(kind, floats(wasm.accuracies(which), points(which)), 0);
    drawLoss(kind, floats(wasm.losses(which), points(which)), 1);
  }
  $("legend").hidden = points(1 - model) < 2;
  $("accuracy-chart").setAttribute("aria-label", `Curve of the accuracy, now ${$("accuracy").textContent}`);
  $("loss-chart").setAttribute("aria-label", `Curve of the loss, now ${$("loss").textContent}`);
}

let cells;

function prepareConfusion() {
  const digits = Array.from({ length: 10 }, (_, digit) => digit);
  const head = `<tr><th scope="col"><span class="unseen">shown</span></th>${digits.map(digit => `<th scope="col">${digit}</th>`).join("")}</tr>`;
  const row = digit => `<tr><th scope="row">${digit}</th>${digits.map(column => `<td class="${column === digit ? "right" : "wrong"}"></td>`).join("")}</tr>`;
  $("confusion").innerHTML = head + digits.map(row).join("");
  cells = Array.from($("confusion").querySelectorAll("td"));
}

function showConfusion() {
  const counts = integers(wasm.confusion(model), 100);
  cells.forEach((cell, i) => {
    const row = counts.subarray(10 * Math.floor(i / 10), 10 * Math.floor(i / 10) + 10);
    const part = counts[i] / Math.max(1, row.reduce((sum, count) => sum + count));
    cell.textContent = counts[i] || "";
    cell.style.setProperty("--part", part.toFixed(2));
    cell.classList.toggle("none", counts[i] === 0);
  });
}

/** The colours of the page's style, as numbers. */
let colours;

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const read = name => style.getPropertyValue(name).trim().match(/[0-9a-f]{2}/gi).map(part => parseInt(part, 16));
  colours = Object.fromEntries(["negative", "zero", "positive", "ink", "accent"].map(name => [name, read(`--${name}`)]));
  wake();
}

const between = (from, to, part) => from.map((value, i) => value + (to[i] - value) * part);
const css = colour => `rgb(${colour.join(" ")})`;

/** Draws a picture of so many pixels on a canvas, as large as it fits, each pixel a square. */
function paint(canvas, width, height, colourAt) {
  const image = new ImageData(width, height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const colour = colourAt(x, y);
      if (colour) image.data.set([...colour, 255], at);
    }
  }
  const room = canvas.parentElement.clientWidth * devicePixelRatio;
  const side = Math.max(1, Math.floor(room / width));
  if (canvas.width !== width * side || canvas.height !== height * side) {
    Object.assign(canvas, { width: width * side, height: height * side });
    canvas.style.width = `${canvas.width / devicePixelRatio}px`;
  }
  const small = new OffscreenCanvas(width, height);
  small.getContext("2d").putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}

/** How many tiles stand in a row. */
const across = tiles => ({ 1: 1, 8: 8, 32: 8, 128: 16 })[tiles];

function showWeights() {
  const pictures = integers(wasm.pictures(model), 14);
  ["first", "second"].forEach((id, i) => {
    const [at, tiles, rows, columns, tileStride, rowStride, columnStride] = pictures.subarray(7 * i, 7 * i + 7);
    const weights = floats(at, tiles * rows * columns);
    const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-9);
    const wide = across(tiles);
    const [tileWidth, tileHeight] = [columns + 1, rows + 1];
    paint($(id), wide * tileWidth - 1, (tiles / wide) * tileHeight - 1, (x, y) => {
      const [column, row] = [x % tileWidth, y % tileHeight];
      if (column === columns || row === rows) return null;
      const tile = Math.floor(y / tileHeight) * wide + Math.floor(x / tileWidth);
      const weight = weights[tile * tileStride + row * rowStride + column * columnStride] / largest;
      return between(colours.zero, weight < 0 ? colours.negative : colours.positive, Math.sqrt(Math.abs(weight)));
    });
  });
}

function showNumbers() {
  const [parameters, macs, weights, gradients, optimizer, batch, stack] = integers(wasm.numbers(model), 7);
  const lines = [
    ["Parameters", grouped(parameters)],
    ["Multiply-accumulates for an image", grouped(macs)],
    ["Weights", bytes(weights)],
    ["Gradients", bytes(gradients)],
    ["Adam’s two moments", bytes(optimizer)],
    ["A batch of 40 images, and its answers", bytes(batch)],
    ["Stack of the pass", bytes(stack)],
    ["Memory to train, in all", bytes(weights + gradients + optimizer + batch + stack), "sum"],
  ];
  $("numbers").tBodies[0].innerHTML = lines.map(([name, value, kind = ""]) => `<tr class="${kind}"><th scope="row">${name}</th><td>${value}</td></tr>`).join("");
  $("memory").textContent = `${grouped(wasm.memory.buffer.byteLength / 1024)} KiB of memory, images included`;
}

const bytes = count => `${grouped(count)} B`;

// --- Drawing and answer ---------------------------------------------------------------------------------------------

/** Where the keyboard's pen is, and whether it is down. */
const pen = { x: 0.5, y: 0.125, isDown: true, moved: false };
const held = new Set();
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** How far an arrow key moves: a sixteenth of the field. */
const STRIDE = 1 / 16;
let pointer = null;
let speech;
let image = null;

function listenToField() {
  const field = $("field");
  const place = event => {
    const box = field.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  field.addEventListener("pointerdown", event => {
    if (pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    field.setPointerCapture(pointer);
    if (test >= 0) clear();
    wasm.pen_down(...place(event));
    drew();
  });
  field.addEventListener("pointermove", event => {
    if (event.pointerId !== pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) wasm.pen_line(...place(each));
    drew();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    field.addEventListener(end, event => {
      if (event.pointerId === pointer) pointer = null;
    });
  }
  field.addEventListener("keydown", pressed);
  field.addEventListener("keyup", event => held.delete(event.key));
  field.addEventListener("focus", wake);
  field.addEventListener("blur", () => (held.clear(), wake()));
}

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key in ARROWS) {
    held.add(event.key);
    movePen();
  } else if (event.key === " ") {
    pen.isDown = !pen.isDown;
    pen.moved = false;
    say(pen.isDown ? "Pen down." : "Pen up.");
  } else if (["Delete", "Backspace"].includes(event.key)) {
    clear();
  } else {
    return;
  }
  event.preventDefault();
  wake();
}

/** Moves the keyboard's pen by all arrow keys that are held: two make a diagonal. */
function movePen() {
  if (test >= 0) clear();
  if (pen.isDown && !pen.moved) wasm.pen_down(pen.x, pen.y);
  for (const key of held) {
    pen.x = Math.min(Math.max(pen.x + STRIDE * ARROWS[key][0], 0), 1);
    pen.y = Math.min(Math.max(pen.y + STRIDE * ARROWS[key][1], 0), 1);
  }
  pen.moved = pen.isDown;
  if (pen.isDown) {
    wasm.pen_line(pen.x, pen.y);
    drew();
  }
}

function drew() {
  image = wasm.draw();
  changed();
}

function clear() {
  wasm.pen_clear();
  test = -1;
  image = null;
  pen.moved = false;
  changed();
}

function showTest() {
  test = Math.floor(Math.random() * wasm.tests());
  image = wasm.show(test);
  pen.moved = false;
  changed();
}

/** Draws the field anew, and says the answer when the pen has rested. */
function changed() {
  clearTimeout(speech);
  speech = setTimeout(() => image !== null && say(`It reads ${$("answer").textContent}, ${$("answer-note").textContent}.`), 700);
  wake();
}

function say(text) {
  $("spoken").textContent = text;
}

function showField() {
  const field = $("field");
  const side = Math.round(field.clientWidth * devicePixelRatio);
  if (field.width !== side) field.width = field.height = side;
  const context = field.getContext("2d");
  context.clearRect(0, 0, side, side);
  if (image === null) invite(context, side);
  else if (test >= 0) drawPixels(context, side, side);
  else drawLines(context, side);
  if (document.activeElement === field && field.matches(":focus-visible")) drawPen(context, side);
  const seen = $("seen");
  if (seen.width !== 8) seen.width = seen.height = 8;
  seen.getContext("2d").clearRect(0, 0, 8, 8);
  if (image !== null) drawPixels(seen.getContext("2d"), 8);
}

function invite(context, side) {
  context.font = `${side / 14}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.fillStyle = css(between(colours.zero, colours.ink, 0.55));
  context.fillText("Draw here", side / 2, side / 2);
}

function drawPixels(context, side) {
  const pixels = floats(image, 64);
  pixels.forEach((pixel, i) => {
    context.fillStyle = css(between(colours.zero, colours.ink, pixel));
    const at = place => Math.round((place * side) / 8);
    const [x, y] = [i % 8, Math.floor(i / 8)];
    context.fillRect(at(x), at(y), at(x + 1) - at(x), at(y + 1) - at(y));
  });
}

function drawLines(context, side) {
  const places = floats(wasm.pen_points(), 3 * wasm.pen_len());
  context.lineWidth = side / 14;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = css(colours.ink);
  context.beginPath();
  for (let i = 0; i < places.length; i += 3) {
    const [x, y] = [places[i] * side, places[i + 1] * side];
    if (places[i + 2]) context.moveTo(x, y);
    context.lineTo(x, y);
  }
  context.stroke();
}

function drawPen(context, side) {
  context.beginPath();
  context.arc(pen.x * side, pen.y * side, side / 40, 0, 2 * Math.PI);
  context.lineWidth = side / 120;
  context.strokeStyle = context.fillStyle = css(colours.accent);
  if (pen.isDown) context.fill();
  else context.stroke();
}

let bars;

function prepareBars() {
  $("bars").innerHTML = Array.from({ length: 10 }, (_, digit) => `<li><span>${digit}</span><span class="track"><span class="bar"></span></span><span class="value"></span></li>`).join("");
  bars = Array.from($("bars").children, line => ({ line, bar: line.querySelector(".bar"), value: line.querySelector(".value") }));
}

function showAnswer() {
  const parts = image === null ? new Array(10).fill(0) : Array.from(floats(wasm.ask(model), 10));
  const best = image === null ? -1 : parts.indexOf(Math.max(...parts));
  bars.forEach(({ line, bar, value }, digit) => {
    line.classList.toggle("best", digit === best);
    bar.style.transform = `scaleX(${parts[digit].toFixed(3)})`;
    value.textContent = image === null ? "" : percent(parts[digit]);
  });
  $("answer").textContent = best < 0 ? "–" : best;
  $("answer-note").textContent = best < 0 ? "" : test >= 0 ? `it is a ${wasm.label(test)}` : `${percent(parts[best])} sure`;
}

// --- The start ------------------------------------------------------------------------------------------------------

function listenToControls() {
  $("run").addEventListener("click", () => (running ? stop("Paused.") : go()));
  $("reset").addEventListener("click", reset);
  $("clear").addEventListener("click", clear);
  $("show").addEventListener("click", showTest);
  const showRate = () => {
    $("rate-text").textContent = rate().toPrecision(2);
    $("rate").setAttribute("aria-valuetext", $("rate-text").textContent);
  };
  $("rate").addEventListener("input", showRate);
  showRate();
  document.querySelectorAll("[name=model]").forEach(radio => radio.addEventListener("change", () => choose(Number(radio.value))));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColours);
  addEventListener("resize", wake);
}

async function main() {
  try {
    wasm = await load();
  } catch (error) {
    $("failure").textContent = `This browser cannot run the training: it needs WebAssembly with vectors, which browsers have since 2023. (${error.message})`;
    $("failure").hidden = false;
    document.querySelector("main").hidden = true;
    return;
  }
  wasm.unpack();
  seeds.forEach((seed, which) => wasm.start(which, seed));
  readColours();
  prepareCharts();
  prepareConfusion();
  prepareBars();
  listenToControls();
  listenToField();
  choose(Number(document.querySelector("[name=model]:checked").value));
}

document.readyState === "loading" ? addEventListener("DOMContentLoaded", main) : main();
