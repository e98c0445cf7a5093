/** The notifier of a process: its settings turned into the one driver they name, with rates, retries and a queue. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { LoopxError, type Moment } from "@loopx/core/domain";
import type { Host } from "@loopx/core";
import { logNotifier, NO_NOTIFIER } from "../../notify/log.ts";
import type { Notice, Notifier, NotifyDriver, Sent, Transport } from "../../notify/notice.ts";
import { openOutbox, type Outbox } from "../../notify/outbox.ts";
import { freshRates, windowsOf } from "../../notify/rates.ts";
import { safeNotice } from "../../notify/safe-notice.ts";
import { retryingNotifier } from "../../notify/send.ts";
import { undeliveredBook } from "../../notify/undelivered.ts";
import { notifySettings, type NotifySettings, type Variables } from "../../notify/settings.ts";
import type { Timing } from "../../scenario/run.ts";
import { secretsOf, secretValues } from "../process/secrets.ts";
import { larkApp } from "./lark-app.ts";
import { larkWebhook } from "./lark-webhook.ts";
import { readZulip } from "./zulip.ts";
import { zulipNotifier } from "./zulip-notifier.ts";

const SECRET_FILE_LIMIT = 4_096;

/** What a notifier stands on. */
export interface NotifyGround {
  readonly host: Pick<Host, "logs" | "documents">;
  readonly env: Variables;
  /** Where `~/.zuliprc` lies. */
  readonly home: string;
  readonly timing: Timing;
  readonly now: () => Moment;
  /** The executor whose folder has the log. */
  readonly executor: string;
  readonly driver?: NotifyDriver;
  readonly random?: () => number;
}

/** The settings that the variables and files of this machine give. */
export function settingsOf(env: Variables, home: string, driver?: NotifyDriver): NotifySettings {
  return notifySettings(env, { readSecret, readZulip: () => readZulip(env, home) }, driver);
}

/** The queue of this process; secrets never pass it. */
export function openNotify(ground: NotifyGround, settings: NotifySettings = settingsOf(ground.env, ground.home, ground.driver)): Outbox {
  const { redact } = secretsOf([...secretValues(ground.env), ...hookTokens(ground.env), ...secretsOfSettings(settings)]);
  const notifier = notifierOf(settings, ground);
  return openOutbox({
    // A platform may repeat what it was sent, also in its refusal.
    notifier: { driver: notifier.driver, send: async (notice, signal) => withoutSecrets(await notifier.send(notice, signal), redact) },
    timing: ground.timing,
    safe: (notice) => safeNotice(notice, redact),
    book: undeliveredBook({ documents: ground.host.documents, executor: ground.executor }, ground.now),
  });
}

/** The driver itself, without the queue. */
export function notifierOf(settings: NotifySettings, ground: NotifyGround): Notifier {
  switch (settings.driver) {
    case "none":
      return NO_NOTIFIER;
    case "log":
      return logNotifier(ground.host, ground.executor, ground.now);
    case "lark_app":
      return polite(larkApp(settings.lark_app), ground);
    case "lark_webhook":
      return polite(
        larkWebhook(settings.lark_webhook, () => ground.now().ms),
        ground,
      );
    case "zulip":
      return rated(zulipNotifier(settings.zulip), turnsOf("zulip", ground));
  }
}

function polite(transport: Transport, ground: NotifyGround): Notifier {
  const { timing, random = Math.random } = ground;
  const uuidOf = (key: string) => createHash("sha256").update(key, "utf8").digest("hex").slice(0, 40);
  return retryingNotifier(transport, { timing, random, turn: turnsOf(transport.driver, ground), uuidOf });
}

type Turn = (notice: Notice, signal: AbortSignal) => Promise<void>;

/** Waits until the platform's limits leave room for one more. */
function turnsOf(driver: Transport["driver"] | "zulip", { timing }: NotifyGround): Turn {
  const rates = freshRates();
  return async (notice, signal) => {
    const windows = windowsOf(driver, notice);
    for (
      let wait = rates.take(windows, timing.monotonicMs());
      wait > 0 && !signal.aborted;
      wait = rates.take(windows, timing.monotonicMs())
    )
      await timing.pause(wait, signal);
  };
}

function rated(notifier: Notifier, turn: Turn): Notifier {
  return {
    driver: notifier.driver,
    send: async (notice, signal) => {
      await turn(notice, signal);
      return notifier.send(notice, signal);
    },
  };
}

/** Every value that must not be told. */
export function secretsOfSettings(settings: NotifySettings): readonly string[] {
  switch (settings.driver) {
    case "lark_app":
      return [settings.lark_app.app_secret];
    case "lark_webhook":
      return [settings.lark_webhook.url, settings.lark_webhook.secret ?? ""];
    case "zulip":
      return [settings.zulip.key];
    case "log":
    case "none":
      return [];
  }
}

function withoutSecrets(sent: Sent, redact: (text: string) => string): Sent {
  return sent.ok ? sent : { ...sent, detail: redact(sent.detail) };
}

/** The part of a custom bot's address that is the secret, also while another driver is used. */
function hookTokens(env: Variables): readonly string[] {
  const token = env["LARK_WEBHOOK_URL"]?.trim().split("/").at(-1);
  return token === undefined ? [] : [token];
}

/** The one word in a file; the reason why there is none is not told: it can name a private path. */
export function readSecret(file: string): string {
  try {
    const text = readFileSync(file, { encoding: "utf8" }).trim();
    if (text !== "" && text.length <= SECRET_FILE_LIMIT && !/\s/.test(text)) return text;
  } catch {
    // Said below.
  }
  throw new LoopxError("config_invalid", "LARK_APP_SECRET_FILE names no readable file with one secret in it", {
    hint: "correct LARK_APP_SECRET_FILE, or unset it",
    details: { variable: "LARK_APP_SECRET_FILE" },
  });
}
