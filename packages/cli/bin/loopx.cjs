#!/usr/bin/env node
// Starts the bundled command. The chunk that every wake-up needs comes with V8's code cache, made by the build: Node 20
// can hand that only to scripts, which is why the bundle is CommonJS. Another Node version refuses the cache and compiles.
"use strict";
const { readFileSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join, basename } = require("node:path");
const { Script } = require("node:vm");

const DIST = join(__dirname, "..", "dist");
const load = Module._extensions[".js"];

Module._extensions[".cjs"] = (module, filename) => {
  if (!basename(filename).startsWith("verdict-") || !filename.startsWith(DIST)) return load(module, filename);
  // The build wrapped it and left only ASCII. Its name holds the hash of its text, so a cache of another text has another name.
  const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData: cacheOf(filename) });
  const run = script.runInThisContext();
  if (process.env.LOOPX_BUILD_CODE_CACHE === filename)
    process.once("exit", () => writeFileSync(`${filename}.cache`, script.createCachedData()));
  run.call(module.exports, module.exports, (name) => module.require(name), module, filename, dirname(filename));
};

require("../dist/main.cjs");

function cacheOf(filename) {
  try {
    return readFileSync(`${filename}.cache`);
  } catch {
    return undefined;
  }
}
