// check.mjs PAGE: opens the page in headless Chromium by the WebDriver protocol, and uses it as a visitor would.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TARGET = new URL("target/", import.meta.url);
const SERVER = new URL("target/debug/web", import.meta.url).pathname;
/** What a network reaches on the test images, or training does not work. */
const ACCURACY = 0.88;
const PATIENCE = 120_000;

const children = [];

/** A program that ends with the check, and the first line it prints that matches. */
function started(program, args, pattern, options = {}) {
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
        children.push(child);
        let text = "";
        child.stdout.on("data", data => {
            text += data;
            const match = text.match(pattern);
            if (match) resolve({ child, match, text: () => text });
        });
        child.on("exit", code => reject(new Error(`${program} ended with ${code}: ${text}`)));
    });
}

function freePort() {
    return new Promise(resolve => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

// --- The browser ----------------------------------------------------------------------------------------------------

let session;

/** A command of https://www.w3.org/TR/webdriver2/. */
async function command(method, path, body) {
    const response = await fetch(session + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (value?.error) throw new Error(`${path}: ${value.message}`);
    return value;
}

const run = (script, ...args) => command("POST", "/execute/sync", { script, args });
const text = id => run("return document.getElementById(arguments[0]).textContent", id);
const devtools = (cmd, params) => command("POST", "/goog/cdp/execute", { cmd, params });
const media = features => devtools("Emulation.setEmulatedMedia", { features: Object.entries(features).map(([name, value]) => ({ name, value })) });
/** A viewport of so many CSS pixels: a window is not made so narrow. */
const size = (width, height) => devtools("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });

async function picture(name) {
    const { data } = await devtools("Page.captureScreenshot", { captureBeyondViewport: true });
    writeFileSync(new URL(name, TARGET), Buffer.from(data, "base64"));
}

async function until(what, condition) {
    const end = Date.now() + PATIENCE;
    for (let value; ; await new Promise(resolve => setTimeout(resolve, 50))) {
        if ((value = await condition())) return value;
        assert(Date.now() < end, `not in ${PATIENCE / 1000} s: ${what}`);
    }
}

/** The place of an element, once it is in view. */
async function box(id) {
    return run("const e = document.getElementById(arguments[0]); e.scrollIntoView({ block: 'center' }); const { x, y, width, height } = e.getBoundingClientRect(); return { x, y, width, height }", id);
}

async function click(id) {
    const { x, y, width, height } = await box(id);
    const at = { type: "pointerMove", x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
    await pointer("mouse", [at, { type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 }]);
}

const pointer = (pointerType, actions) =>
    command("POST", "/actions", { actions: [{ type: "pointer", id: pointerType, parameters: { pointerType }, actions }] });

const KEYS = { Tab: "\uE004", Left: "\uE012", Up: "\uE013", Right: "\uE014", Down: "\uE015", Delete: "\uE017", Space: " " };

async function press(...keys) {
    const actions = keys.flatMap(key => ["keyDown", "keyUp"].map(type => ({ type, value: KEYS[key] })));
    await command("POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
}

/** Draws lines on the field, whose sides are 1. */
async function draw(pointerType, lines) {
    const { x, y, width, height } = await box("field");
    const at = ([across, down]) => ({ type: "pointerMove", duration: 10, x: Math.round(x + across * width), y: Math.round(y + down * height) });
    const actions = lines.flatMap(([first, ...rest]) => [at(first), { type: "pointerDown", button: 0 }, ...rest.map(at), { type: "pointerUp", button: 0 }]);
    await pointer(pointerType, actions);
}

/** A part of an ellipse, in turns. */
function arc([x, y], [across, down], from, to) {
    return Array.from({ length: 25 }, (_, i) => {
        const angle = 2 * Math.PI * (from + ((to - from) * i) / 24);
        return [x + across * Math.cos(angle), y + down * Math.sin(angle)];
    });
}

const ZERO = [arc([0.5, 0.5], [0.22, 0.36], -0.25, 0.77)];
const ONE = [[[0.4, 0.25], [0.53, 0.12], [0.53, 0.5], [0.53, 0.88]]];
const SEVEN = [[[0.28, 0.15], [0.5, 0.15], [0.72, 0.15], [0.6, 0.4], [0.5, 0.65], [0.43, 0.88]]];

// --- What a visitor does --------------------------------------------------------------------------------------------

const accuracy = async () => Number.parseFloat(await text("accuracy")) / 100;
const epoch = async () => Number.parseFloat(await text("epoch"));
const focus = id => run("document.getElementById(arguments[0]).focus()", id);
const active = () => run("return document.activeElement.id || document.activeElement.name");

async function learns(what) {
    const start = Date.now();
    const passed = value => (value > ACCURACY ? value : 0);
    const reached = await until(`${what} passes ${ACCURACY}`, async () => passed(await accuracy()));
    console.log(`${what}: test accuracy ${reached.toFixed(3)} after ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

async function reads(lines, digit, pointerType) {
    await click("clear");
    await until("the field is clear", async () => (await text("answer")) === "–");
    await draw(pointerType, lines);
    await until(`a ${digit} is read`, async () => (await text("answer")) === String(digit));
    console.log(`drawn by ${pointerType}: it reads ${digit}, ${await text("answer-note")}`);
}

/** The bars add up, and the longest is the answer. */
async function checkBars() {
    const [answer, bars] = await run("return [Number(answer.textContent), Array.from(document.querySelectorAll('#bars li'), li => [li.className, parseFloat(li.querySelector('.value').textContent)])]");
    const sum = bars.reduce((sum, [, percent]) => sum + percent, 0);
    assert(Math.abs(sum - 100) <= 5, `the bars add up to ${sum} %`);
    assert.equal(bars.findIndex(([name]) => name === "best"), answer);
}

/** The confusion matrix counts each image that tests, and the right ones are the accuracy. */
async function checkConfusion() {
    const counts = await run("return Array.from(document.querySelectorAll('#confusion td'), td => Number(td.textContent))");
    const [all, right] = [counts, counts.filter((_, i) => i % 11 === 0)].map(some => some.reduce((sum, count) => sum + count));
    assert.equal(all, 360);
    assert.equal((right / 3.6).toFixed(1), (100 * (await accuracy())).toFixed(1));
}

async function pausesAndStartsOver() {
    if ((await text("run")) === "Train again") await click("run");
    assert.equal(await text("run"), "Pause");
    await click("run");
    assert.equal(await text("run"), "Train");
    await new Promise(resolve => setTimeout(resolve, 200));
    const before = await epoch();
    await new Promise(resolve => setTimeout(resolve, 300));
    assert.equal(await epoch(), before, "it is paused");
    await checkConfusion();
    await click("reset");
    await until("it starts over", async () => (await epoch()) === 0 && (await accuracy()) < 0.4);
    await focus("rate");
    const rate = Number(await text("rate-text"));
    await press("Right", "Right");
    assert(Number(await text("rate-text")) > 1.5 * rate, "an arrow key changes the learning rate");
    await press("Left", "Left");
    await click("run");
    await until("it goes on", async () => (await epoch()) > 0.2);
    console.log("it pauses, starts over and goes on");
}

async function switchesNetwork() {
    const numbers = await text("numbers");
    await focus("speed");
    await run("document.querySelector('[name=model][value=\"0\"]').focus()");
    await press("Right");
    assert.notEqual(await text("numbers"), numbers);
    assert(await run("return document.querySelector('[data-model=\"1\"]').checkVisibility()"), "its type is shown");
    await learns("convolutional");
    await until("the run is over", async () => (await text("run")) === "Train again");
    assert((await accuracy()) > ACCURACY);
    await checkConfusion();
}

/** From the top of the page to the field by Tab, and a 1 by arrow keys. */
async function drawsByKeyboard() {
    await run("document.activeElement.blur(); scrollTo(0, 0)");
    await click("clear");
    const order = [];
    for (await run("document.querySelector('[name=model]:checked').focus()"); (await active()) !== "field"; await press("Tab")) {
        order.push(await active());
        assert(order.length < 12, `the field is not reached: ${order}`);
    }
    assert.deepEqual(order, ["model", "run", "reset", "rate", "speed"]);
    await press(...Array(12).fill("Down"));
    await until("a 1 is read", async () => (await text("answer")) === "1");
    await until("it is said", async () => (await text("spoken")).startsWith("It reads 1, "));
    const points = () => run("return wasm.pen_len()");
    const drawn = await points();
    await press("Space", "Left", "Left");
    assert.equal(await points(), drawn, "a pen that is up draws nothing");
    await press("Space", "Up");
    assert(await points() > drawn, "a pen that is down draws");
    await press("Delete");
    assert.equal(await points(), 0);
    await until("the field is clear", async () => (await text("answer")) === "–");
    console.log("drawn by keyboard: it reads 1, and says so");
}

async function showsTestImage() {
    await click("show");
    await until("a test image is read", async () => /^it is a [0-9]$/.test(await text("answer-note")));
    await click("clear");
}

async function isWideEnough(...widths) {
    for (const width of widths) {
        await size(width, 740);
        const [content, window] = await run("return [document.documentElement.scrollWidth, innerWidth]");
        assert(content <= window && window === width, `at ${width} pixels the page is ${content} wide`);
    }
    console.log(`no scrolling sideways at ${widths.join(", ")} pixels`);
}

async function pictures() {
    for (const [width, height, name] of [[1200, 900, "page"], [360, 740, "page-narrow"]]) {
        for (const scheme of ["light", "dark"]) {
            await size(width, height);
            await media({ "prefers-color-scheme": scheme });
            await run("scrollTo(0, 0)");
            await new Promise(resolve => setTimeout(resolve, 300));
            await picture(`${name}-${scheme}.png`);
        }
    }
}

/** As a file, for a visitor who wants less motion: nothing starts by itself. */
async function isCalmAsFile() {
    await media({ "prefers-reduced-motion": "reduce" });
    await command("POST", "/url", { url: new URL("digits.html", TARGET).href });
    await until("the file is loaded", async () => (await text("accuracy")) !== "–");
    await new Promise(resolve => setTimeout(resolve, 500));
    assert.deepEqual([await text("run"), await epoch()], ["Train", 0]);
    await focus("run");
    await press("Space");
    await learns("dense, as a file, with less motion");
}

/** What the browser complained of, and what it asked for. */
async function logs() {
    const complaints = await command("POST", "/se/log", { type: "browser" });
    assert.deepEqual(complaints, []);
    const events = (await command("POST", "/se/log", { type: "performance" })).map(({ message }) => JSON.parse(message).message);
    const asked = events.filter(({ method }) => method === "Network.requestWillBeSent").map(({ params }) => params.request.url);
    return asked.filter(url => !url.startsWith("data:"));
}

async function visit(page, server) {
    await size(1200, 900);
    await media({ "prefers-color-scheme": "light" });
    await command("POST", "/url", { url: "about:blank" });
    await logs(); // of the browser's own first page
    await command("POST", "/url", { url: page });
    await until("it starts", async () => (await epoch()) > 0);
    const memory = () => run("return wasm.memory.buffer.byteLength");
    const before = await memory();
    // From here on there is no network.
    server.child.removeAllListeners("exit").kill();
    await learns("dense");
    await reads(ZERO, 0, "touch");
    await reads(ONE, 1, "mouse");
    await checkBars();
    await pausesAndStartsOver();
    await switchesNetwork();
    await reads(ZERO, 0, "pen");
    await drawsByKeyboard();
    await showsTestImage();
    await reads(SEVEN, 7, "mouse");
    await pictures();
    await isWideEnough(320, 360, 768, 1200);
    assert.equal(await memory(), before, "nothing was allocated");
    assert.deepEqual(await logs(), [page], "one request, and none elsewhere");
    assert.deepEqual(server.text().match(/^[A-Z]+ .*$/gm), ["GET / HTTP/1.1"]);
    await isCalmAsFile();
    assert((await logs()).every(url => url.startsWith("file:")), "no request");
}

async function main() {
    const server = await started(SERVER, [String(await freePort())], /http:\S+/);
    const port = await freePort();
    await started("chromedriver", [`--port=${port}`], /started successfully/);
    const profile = mkdtempSync(join(tmpdir(), "digits-"));
    const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run"];
    const capabilities = {
        alwaysMatch: {
            browserName: "chrome",
            "goog:chromeOptions": { args: ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`, ...quiet] },
            "goog:loggingPrefs": { browser: "ALL", performance: "ALL" },
        },
    };
    session = `http://127.0.0.1:${port}/session`;
    session += `/${(await command("POST", "", { capabilities })).sessionId}`;
    try {
        await visit(server.match[0], server);
    } finally {
        await command("DELETE", "");
        rmSync(profile, { recursive: true, force: true });
    }
}

try {
    await main();
} finally {
    children.forEach(child => child.removeAllListeners("exit").kill());
}
