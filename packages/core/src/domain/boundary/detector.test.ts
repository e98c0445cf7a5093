import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpuMs } from "../../../../../test/cpu-time.ts";
import type { BoundaryRule, BoundarySurface } from "./detector.ts";
import { detect, firstHit, isSafe, redact, SURFACE_RULES } from "./detector.ts";

// Every fixture is put together from parts, so that a scan of this repository stays clean.
const USERS = ["", "Users"].join("/");
const HOME = ["", "home"].join("/");
const SUPERUSER = ["", "root"].join("/");
const WINDOWS = ["", "Users", ""].join("\\");
const WINDOWS_ESCAPED = WINDOWS.replaceAll("\\", "\\\\");
const ip = (...octets: readonly number[]) => octets.join(".");
const KEY_HEAD = ["-----BEGIN", "RSA PRIVATE", "KEY-----"].join(" ");
const KEY_FOOT = ["-----END", "RSA PRIVATE", "KEY-----"].join(" ");
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const VALUE = `${LETTERS.slice(0, 20)}4`;
const assigned = (name: string, sign = "=") => [name, VALUE].join(sign);
const SURFACES: readonly BoundarySurface[] = ["scan", "record", "projection", "handoff", "next_action"];

const rulesOf = (text: string, surface: BoundarySurface) => detect(text, surface).map((hit) => hit.rule);
const marked = (text: string, surface: BoundarySurface) => detect(text, surface).map((hit) => text.slice(hit.start, hit.end));

describe("a credential is found in every surface (DEC-76)", () => {
  const token16 = `${LETTERS.slice(0, 15)}7`;
  const cases: readonly (readonly [string, string])[] = [
    ["a bearer header", `send Bearer ${token16} along`],
    ["a bearer header in capitals", `BEARER ${token16.toUpperCase()}`],
    ["an authorization header", `Authorization: ${LETTERS.slice(0, 7)}9`],
    ["an authorization header with a scheme", `curl -H 'Authorization: Basic ${LETTERS.slice(0, 7)}9'`],
    ["an authorization header with a short bearer token", `authorization: bearer ${LETTERS.slice(0, 7)}9`],
    ["an access key id", `key ${"AK"}IA${"ABCDEFGHIJKLMNO"}1`],
    ["an sk- key", `use s${"k-"}${token16}`],
    ["an ak- key", `use a${"k-"}${token16}`],
    ...["ghp", "gho", "ghu", "ghs", "ghr", "github_pat"].map((kind) => [`a ${kind} token`, `${kind}_${LETTERS.slice(0, 19)}5`] as const),
    ...[..."abprs"].map((kind) => [`an xox${kind} token`, `xox${kind}-${LETTERS.slice(0, 9)}8`] as const),
    ["a password in an address", `postgres://app:${LETTERS.slice(0, 5)}2@db/x`],
    ...["token", "password", "passwd", "secret", "api_key", "api-key", "apikey", "access_key"].map(
      (name) => [`${name} with =`, assigned(name)] as const,
    ),
    ["an assignment with a colon and blanks", assigned("secret", " : ")],
    ["an environment variable", `export DB_${assigned("PASSWORD")}`],
    ["a JSON member", `{"token": "${VALUE}"}`],
    ["a quoted value with blanks", `password = "${LETTERS.slice(0, 5)} ${LETTERS.slice(5, 9)} 12"`],
    ["a query parameter", `https://api.example.com/x?${assigned("token")}&page=2`],
    ["an assignment inside Chinese text", `请使用${assigned("token")}登录`],
    ["a private key", `${KEY_HEAD}\n${VALUE}\n${KEY_FOOT}`],
    ["a private key without its end", `${KEY_HEAD}\\n${VALUE}`],
  ];
  test.each(cases)("%s", (_, text) => {
    for (const surface of SURFACES) {
      expect(rulesOf(text, surface), surface).toEqual(["credential"]);
      expect(isSafe(text, surface)).toBe(false);
    }
  });
});

describe("an innocent text passes every surface (DEC-76, CMD-15)", () => {
  test.each([
    "Rotate the secret before Friday and write down who did it",
    "Explain why the token expired after 15 minutes",
    "The password dialog has 3 fields; password: required",
    "token: see issue #12345",
    "secret = documentation",
    "Keep the tokens=unlimited option",
    "Authorization: required by RFC 7235",
    "Bearer authentication is described in chapter 12",
    "bearer of bad news no 1",
    "task-12345678901234567890 and disk-1234567890123456789",
    "the word akia alone, and sk-learn 1.2",
    "Compare xoxb with 10 other prefixes",
    `token=<YOUR_TOKEN_1>`,
    `password: <the 12 characters you chose>`,
    "secret=${DB_SECRET_1}",
    "secret=$(pass show db1)",
    `Authorization: Bearer $TOKEN_1`,
    "api_key=***12345678",
    "api_key=example12345",
    'password="changeme123"',
    "postgres://app:<password1>@db/x and postgres://app:${PASSWORD1}@db/x",
    "https://user@example.com:8443/a1 and https://example.com:8080/x@1",
    "ssh://git@host1/repo",
    "see src/domain/home/page1.ts, ./tmp/x1 and ../root/y",
    "and/or, 1/2, n/a, TCP/IP 4",
    "https://example.com/home/bob1/x and http://tmp/x1",
    "-----BEGIN CERTIFICATE 1",
    "release 1.10.0.5 and v10.0.0.1, mask 255.255.255.0, 172.32.0.1, 192.169.1.1, 10.0.0.256",
    "t-2026 is a year, t-20261121034 is short, at-20261121034501-a is another word",
    "运行测试 2 次，检查令牌和密码的说明，然后更新文档",
    "",
  ])("%s", (text) => {
    for (const surface of SURFACES) expect(marked(text, surface), surface).toEqual([]);
  });
});

describe("paths of persons (DEC-76)", () => {
  test.each([
    [`read ${USERS}/bob/notes.md now`, `${USERS}/bob/notes.md`],
    [`read ${USERS.toUpperCase()}/bob/notes.md now`, `${USERS.toUpperCase()}/bob/notes.md`],
    [`${USERS.toLowerCase()}/bob/notes.md`, `${USERS.toLowerCase()}/bob/notes.md`],
    [`cd ${HOME}/bob.`, `${HOME}/bob`],
    [`PATH=${HOME}/bob/bin:x`, `${HOME}/bob/bin:x`],
    [`"${HOME}/bob/a"`, `${HOME}/bob/a`],
    [`file://${HOME}/bob/a`, `${HOME}/bob/a`],
    [`in ${SUPERUSER}`, SUPERUSER],
    [`in ${SUPERUSER}/x1.`, `${SUPERUSER}/x1`],
    [`C:${WINDOWS}bob\\x`, `C:${WINDOWS}bob\\x`],
    [`d:${WINDOWS.toLowerCase()}bob\\x`, `d:${WINDOWS.toLowerCase()}bob\\x`],
    [`"C:${WINDOWS_ESCAPED}bob\\\\x"`, `C:${WINDOWS_ESCAPED}bob\\\\x`],
    [`C:${USERS}/bob/x`, `C:${USERS}/bob/x`],
    [`${["", "mnt", "c"].join("/")}${USERS}/bob/x`, `${USERS}/bob/x`],
    [`在${HOME}/bob/项目。下一步`, `${HOME}/bob/项目`],
    [`${HOME}/张三/x`, `${HOME}/张三/x`],
  ])("%s holds one", (text, place) => {
    for (const surface of ["scan", "record", "projection", "next_action"] as const) {
      expect(marked(text, surface), surface).toEqual([place]);
      expect(rulesOf(text, surface)).toEqual(["local_private_path"]);
    }
    expect(rulesOf(text, "handoff")[0]).toMatch(/path$/);
  });

  test.each([
    `${USERS}/<user>/x and ${HOME}/<u>/y`,
    `${HOME}/$USER/x and ${HOME}/\${USER}/y`,
    `${HOME}/ and ${USERS}/`,
    `${HOME}/... and ${HOME}/*`,
    `add GET /users/42/orders, /users/me/settings, /users/:id/x and /users/{id}/y`,
    `POST /users/login`,
    `C:\\Users\\<user>\\x`,
    `${SUPERUSER}s/x and ${SUPERUSER}-fs`,
    `/^\\${HOME}\\/bob\\/x$/ is a pattern`,
    `build${HOME}/bob/x and <repo>${HOME}/x and ~${HOME}/x`,
    `${HOME}/目录下没有名字`,
  ])("%s holds none", (text) => {
    for (const surface of ["scan", "record", "projection", "next_action"] as const) expect(marked(text, surface), surface).toEqual([]);
  });
});

describe("the rules that not every surface asks (DEC-76)", () => {
  const temporary = ["", "tmp", "build1", "log"].join("/");
  test.each<readonly [string, BoundaryRule, string, readonly BoundarySurface[]]>([
    [`see ${temporary}`, "temporary_path", temporary, ["projection", "handoff"]],
    [`see ${["", "private", "tmp", "x"].join("/")}`, "temporary_path", ["", "private", "tmp", "x"].join("/"), ["projection", "handoff"]],
    [
      `see ${["", "var", "folders", "ab", "x"].join("/")}`,
      "temporary_path",
      ["", "var", "folders", "ab", "x"].join("/"),
      ["projection", "handoff"],
    ],
    [`see ${["", "Volumes", "disk"].join("/")}`, "temporary_path", ["", "Volumes", "disk"].join("/"), ["projection", "handoff"]],
    [`at ${ip(10, 0, 0, 1)}:80`, "private_ip", ip(10, 0, 0, 1), ["scan", "projection", "handoff"]],
    [`at ${ip(172, 16, 0, 1)}.`, "private_ip", ip(172, 16, 0, 1), ["scan", "projection", "handoff"]],
    [`at ${ip(172, 31, 255, 255)}`, "private_ip", ip(172, 31, 255, 255), ["scan", "projection", "handoff"]],
    [`at http://${ip(192, 168, 1, 20)}/x`, "private_ip", ip(192, 168, 1, 20), ["scan", "projection", "handoff"]],
    [`task ${["t", "20261121034501", "a1"].join("-")} is done`, "internal_task_id", ["t", "20261121034501", "a1"].join("-"), SURFACES],
    [`task ${["T", "20261121034501", "A"].join("-")}`, "internal_task_id", ["T", "20261121034501", "A"].join("-"), SURFACES],
    ["see /etc/hosts now", "absolute_path", "/etc/hosts", ["handoff"]],
    ["see C:\\work\\a1", "absolute_path", "C:\\work\\a1", ["handoff"]],
    ["see \\\\server\\share", "absolute_path", "\\\\server\\share", ["handoff"]],
  ])("%s is %s", (text, rule, place, surfaces) => {
    for (const surface of SURFACES) {
      const wanted = surfaces.includes(surface);
      expect(SURFACE_RULES[surface].has(rule), surface).toBe(wanted);
      expect(
        detect(text, surface).map((hit) => [hit.rule, text.slice(hit.start, hit.end)]),
        surface,
      ).toEqual(wanted ? [[rule, place]] : []);
    }
  });

  test("closing tags, relative paths and addresses are no absolute paths", () => {
    expect(marked("</b> ./a ../b src/c https://example.com/d and/or", "handoff")).toEqual([]);
  });

  test("private hosts are the ones the caller names, with the names below them", () => {
    const options = { privateHosts: ["Docs.Corp.example"] };
    const text =
      "see https://docs.corp.example/a1?b=2 and http://wiki.docs.corp.example, not https://docs.corp.example.org or mydocs.corp.example";
    expect(detect(text, "record", options).map((hit) => text.slice(hit.start, hit.end))).toEqual([
      "https://docs.corp.example/a1?b=2",
      "http://wiki.docs.corp.example,",
    ]);
    expect(detect(text, "record")).toEqual([]);
    expect(redact("x docs.corp.example/a y", "projection", options)).toBe("x <redacted:private_doc_url> y");
    expect(isSafe(text, "record", { privateHosts: ["", "  "] })).toBe(true);
  });
});

describe("hits and redaction", () => {
  test("the first hit is the leftmost, whatever its rule", () => {
    const text = `${HOME}/bob/x holds ${assigned("token")}`;
    expect(firstHit(text, "record")).toEqual({ rule: "local_private_path", start: 0, end: `${HOME}/bob/x`.length });
    expect(firstHit("nothing", "record")).toBeNull();
  });

  test("redaction keeps what is around the place readable", () => {
    expect(redact(`run with ${assigned("token")} in ${HOME}/bob/x, then ${ip(10, 0, 0, 1)}`, "projection")).toBe(
      "run with token=<redacted:credential> in <redacted:local_private_path>, then <redacted:private_ip>",
    );
    expect(redact(`see ${HOME}/bob/x and /etc/x1`, "handoff")).toBe("see <local-path> and <local-path>");
    expect(redact(`${assigned("token")} there`, "handoff")).toBe("token=<redacted:credential> there");
    expect(redact(`a ${KEY_HEAD}\n${VALUE}\n${KEY_FOOT} b`, "record")).toBe("a <redacted:credential> b");
  });

  const fragment = fc.oneof(
    fc.constantFrom(
      "token=",
      "password: ",
      'secret="',
      "Authorization: ",
      "Bearer ",
      "://",
      "a:",
      "@",
      ["s", "k-"].join(""),
      ["gh", "p_"].join(""),
      ["AK", "IA"].join(""),
      KEY_HEAD,
      KEY_FOOT,
      `${HOME}/`,
      `${USERS}/`,
      SUPERUSER,
      "/",
      "\\",
      "C:",
      "\\Users\\",
      "10.0.",
      "0.1",
      ip(192, 168, 1, 1),
      "t-20261121034501-",
      " ",
      "<",
      ">",
      "'",
      '"',
      "`",
      "\n",
      "&",
      "***",
      "$",
      "{",
      VALUE,
      "bob",
      "7",
      "<redacted:",
      "<local-path>",
      "。",
      "张",
    ),
    fc.string({ maxLength: 6 }),
  );
  const messy = fc.array(fragment, { maxLength: 24 }).map((parts) => parts.join(""));

  test("what comes back from redaction has no hit, and redacting it again changes nothing", () => {
    fc.assert(
      fc.property(messy, fc.constantFrom(...SURFACES), (text, surface) => {
        const clean = redact(text, surface);
        expect(detect(clean, surface)).toEqual([]);
        expect(redact(clean, surface)).toBe(clean);
        expect(clean === text).toBe(isSafe(text, surface));
      }),
      { numRuns: 3000 },
    );
  });

  test("hits lie in the text, in order, none inside another", () => {
    fc.assert(
      fc.property(messy, fc.constantFrom(...SURFACES), (text, surface) => {
        let start = -1;
        let end = -1;
        for (const hit of detect(text, surface)) {
          expect(SURFACE_RULES[surface].has(hit.rule)).toBe(true);
          expect(hit.start).toBeGreaterThanOrEqual(start);
          expect(hit.end).toBeGreaterThan(Math.max(end, hit.start));
          expect(hit.end).toBeLessThanOrEqual(text.length);
          [start, end] = [hit.start, hit.end];
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("time is linear in the text", () => {
  const seeds = [
    "token=",
    "a",
    "/",
    "1",
    "://",
    "://a:",
    `${HOME}/`,
    KEY_HEAD,
    "bearer ",
    `s${"k-"}`,
    `${USERS}/a`,
    "\\\\",
    "authorization:",
    "'token='\"",
    "a.b://",
    'password:"x',
    "docs.corp/",
  ];
  test.each(seeds)("1 MB of %j is searched in time that does not explode", (seed) => {
    const text = `${seed.repeat(Math.ceil(1_000_000 / seed.length))}1`;
    const started = cpuMs();
    detect(text, "handoff", { privateHosts: ["docs.corp"] });
    expect(cpuMs() - started).toBeLessThan(5000);
  });
});
