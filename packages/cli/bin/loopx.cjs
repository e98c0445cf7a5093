#!/usr/bin/env node
// Starts the bundled command. Its parts are plain scripts that the build wrapped as modules and left in ASCII; they name each
// other by file, so that no path is ever searched. The parts that every wake-up needs come with V8's code cache, made by the
// build: Node 20 can hand that only to scripts, which is why the bundle is CommonJS. Another Node version refuses the cache
// and compiles. A part's name holds the hash of its text, so a cache of another text has another name.
"use strict";
const { readFileSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { Script } = require("node:vm");

const DIST = join(__dirname, "..", "dist");
const CACHED = /[/\\](?:verdict|listing)-[^/\\]+$/;
const loaded = new Map();

load(join(DIST, "main.cjs"));

function load(filename) {
  const known = loaded.get(filename);
  if (known !== undefined) return known.exports;
  const module = { exports: {}, filename };
  loaded.set(filename, module);
  const cached = CACHED.test(filename);
  const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData: cached ? cacheOf(filename) : undefined });
  if (cached && process.env.LOOPX_BUILD_CODE_CACHE === DIST)
    process.once("exit", () => writeFileSync(`${filename}.cache`, script.createCachedData()));
  const folder = dirname(filename);
  const requireFrom = (name) => (name.startsWith(".") ? load(join(folder, name)) : require(name));
  script.runInThisContext().call(module.exports, module.exports, requireFrom, module, filename, folder);
  return module.exports;
}

function cacheOf(filename) {
  try {
    return readFileSync(`${filename}.cache`);
  } catch {
    return undefined;
  }
}
