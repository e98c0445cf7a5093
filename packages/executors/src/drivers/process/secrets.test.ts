import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { secretsOf, secretValues, streamRedactor } from "./secrets.ts";

describe("registered values", () => {
  test("are replaced however they are spelled", () => {
    const secrets = secretsOf(['pass"word\nof two lines', "p@ss word/1"]);
    expect(secrets.redact('x pass\\"word\\nof two lines y')).toBe("x <redacted> y");
    expect(secrets.redact("?key=p%40ss%20word%2F1")).toBe("?key=<redacted>");
    expect(secrets.redact("only its line of two lines shows")).toBe("only its line <redacted> shows");
  });

  test("that are short redact nothing, because they would stand in innocent words", () => {
    expect(secretsOf(["8080", "", "main"]).redact("main on 8080")).toBe("main on 8080");
  });

  test("that hold one another leave no half behind", () => {
    expect(secretsOf(["secret-12", "secret-12-and-more"]).redact("secret-12-and-more")).toBe("<redacted>");
  });

  test("are found by the names of variables too", () => {
    const env = { GITHUB_TOKEN: "a", LARK_APP_SECRET: "b", OPENAI_API_KEY: "c", SLACK_WEBHOOK_URL: "d", PATH: "e", TOKENS_PER_DAY: "f" };
    expect(secretValues(env)).toEqual(["a", "b", "c", "d"]);
  });

  test("never pass a stream, wherever it is cut", () => {
    const value = fc.string({ minLength: 8, maxLength: 20, unit: fc.constantFrom("a", "b", "é", "<") });
    const pieces = fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constant("VALUE")), { maxLength: 8 });
    fc.assert(
      fc.property(value, pieces, fc.array(fc.nat(7), { maxLength: 20 }), (secret, texts, cuts) => {
        const bytes = Buffer.from(texts.map((text) => (text === "VALUE" ? secret : text)).join(""));
        const redactor = streamRedactor(secretsOf([secret]).values);
        const out: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          out.push(redactor.push(bytes.subarray(at, at + cut)));
          at += cut;
        }
        out.push(redactor.push(bytes.subarray(at)), redactor.flush());
        expect(Buffer.concat(out).includes(secret)).toBe(false);
      }),
    );
  });

  test("change nothing in a stream that has none of them", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (chunks) => {
        const redactor = streamRedactor(["no-such-value-here"]);
        const out = [...chunks.map((chunk) => redactor.push(chunk)), redactor.flush()];
        expect(Buffer.concat(out)).toEqual(Buffer.concat(chunks));
      }),
    );
  });
});
