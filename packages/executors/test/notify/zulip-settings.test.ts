/** Who the Zulip bot is, and where its messages go (LPR-54). */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readZulip } from "../../src/drivers/notify/zulip.ts";

const KEY = ["key", "of", "the", "bot"].join("-");
const OWN = { ZULIP_SITE: "https://zulip.example", ZULIP_BOT_EMAIL: "bot@zulip.example", ZULIP_BOT_API_KEY: KEY };
const INI = `[api]\r\nemail = file@zulip.example\nkey=${KEY}\n# site=https://no.example\nsite: https://file.example/\n\n[other]\nemail=other@zulip.example\n`;

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "loopx-zulip-")));
});
afterEach(() => rmSync(home, { recursive: true }));

const settings = (env: Record<string, string>) => {
  const found = readZulip(env, home);
  return found.kind === "configured" ? found.settings : found;
};

test("three variables say all; without them there is no bot", () => {
  expect(settings(OWN)).toEqual({
    site: "https://zulip.example",
    email: "bot@zulip.example",
    key: KEY,
    type: "stream",
    to: "coding",
    topic: "verified-cad",
  });
  expect(settings({})).toEqual({ kind: "absent" });
  expect(settings({ ...OWN, ZULIP_MESSAGE_TYPE: "direct", ZULIP_TO: "a@b.example", ZULIP_STREAM: "s" })).toMatchObject({
    type: "private",
    to: "a@b.example",
  });
  expect(settings({ ...OWN, ZULIP_MESSAGE_TYPE: "channel", ZULIP_STREAM: "s", ZULIP_TOPIC: "t" })).toMatchObject({ to: "s", topic: "t" });
});

test("else the profile of the file, which others had better not read", () => {
  writeFileSync(join(home, ".zuliprc"), INI, { mode: 0o600 });
  expect(readZulip({}, home)).toMatchObject({
    kind: "configured",
    settings: { site: "https://file.example", email: "file@zulip.example" },
    warnings: [],
  });
  chmodSync(join(home, ".zuliprc"), 0o644);
  expect(readZulip({ ZULIPRC_PATH: "~/.zuliprc" }, home)).toMatchObject({ warnings: [expect.stringContaining("chmod 600")] });
});

test.each<[string, Record<string, string>]>([
  ["belong together", { ZULIP_SITE: "https://zulip.example" }],
  ["has to be https://", { ...OWN, ZULIP_SITE: "http://zulip.example" }],
  ["has to be https://", { ...OWN, ZULIP_SITE: "zulip" }],
  ["is stream, channel, private or direct", { ...OWN, ZULIP_MESSAGE_TYPE: "broadcast" }],
  ["does not exist", { ZULIPRC_PATH: "/nowhere/zuliprc" }],
  ["has no profile [other] with email, key and site", { ZULIPRC_PATH: "~/rc", ZULIP_PROFILE: "other" }],
  ["has no profile [__proto__]", { ZULIPRC_PATH: "~/rc", ZULIP_PROFILE: "__proto__" }],
  ["is no file", { ZULIPRC_PATH: "~/folder" }],
])("%s: %j", (fault, env) => {
  writeFileSync(join(home, "rc"), INI, { mode: 0o600 });
  mkdirSync(join(home, "folder"));
  const found = readZulip(env, home);
  expect(found).toEqual({ kind: "faulty", fault: expect.stringContaining(fault) });
  expect(JSON.stringify(found)).not.toContain(KEY);
});
