import { describe, expect, test } from "vitest";
import { childEnvironment } from "./environment.ts";
import { secretsOf } from "./secrets.ts";

const OWN = {
  PATH: "/bin",
  HOME: "/srv/x",
  EDITOR: "vi",
  LOOPER_TOKEN: "looper-secret-one",
  ZULIP_KEY: "zulip-secret-one",
  GITEA_TOKEN: "gitea-secret-one",
  SECONDARY_LARK_APP_SECRET: "lark-secret-one",
  LOOPX_MODEL_KEY: "model-secret-one",
  HTTPS_PROXY: "http://user:password@proxy:1",
  HTTP_PROXY: "http://proxy:1",
  FOO: "prefix-of hunter2-hunter2",
  GOFLAGS: "-mod=mod",
};
const secrets = secretsOf(["hunter2-hunter2"]);

describe("the environment of a child (AGT-22, REL-142)", () => {
  test("is built from nothing: the usual names, what never asks or colours, and what was named", () => {
    expect(childEnvironment(OWN, { names: ["GOFLAGS", "NONE"], values: { LOOPX_RUN_ID: "run_1" } }, secrets)).toEqual({
      kind: "environment",
      env: {
        PATH: "/bin",
        HOME: "/srv/x",
        HTTP_PROXY: "http://proxy:1",
        GOFLAGS: "-mod=mod",
        TERM: "dumb",
        NO_COLOR: "1",
        GIT_TERMINAL_PROMPT: "0",
        LOOPX_RUN_ID: "run_1",
      },
    });
  });

  test.each(["LOOPER_TOKEN", "ZULIP_KEY", "GITEA_TOKEN", "SECONDARY_LARK_APP_SECRET", "LOOPX_MODEL_KEY"])(
    "never holds %s, even when it is allowed",
    (name) => {
      expect(childEnvironment(OWN, { names: [name] }, secrets)).toEqual({ kind: "refused", name, why: "reserved" });
    },
  );

  test("refuses a variable that holds a registered value, by its name", () => {
    expect(childEnvironment(OWN, { names: ["FOO"] }, secrets)).toEqual({ kind: "refused", name: "FOO", why: "secret" });
    expect(childEnvironment(OWN, { values: { BAR: "hunter2-hunter2" } }, secrets)).toEqual({ kind: "refused", name: "BAR", why: "secret" });
  });
});
