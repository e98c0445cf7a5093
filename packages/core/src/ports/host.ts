import type { Digest } from "../domain/digest.ts";
import type { AbsolutePath } from "../domain/ids.ts";
import type { Locale } from "../domain/locale/locale.ts";
import type { RuntimeArchive } from "./archive.ts";
import type { Clock, Ids } from "./clock.ts";
import type { Documents } from "./documents.ts";
import type { Histories } from "./histories.ts";
import type { Leases } from "./leases.ts";
import type { Logs } from "./logs.ts";
import type { Observer } from "./observer.ts";
import type { Places } from "./places.ts";
import type { Project } from "./project.ts";
import type { Recall } from "./recall.ts";
import type { Scanner } from "./scanner.ts";

/** Everything an action needs from the outside world, in one injectable value. */
export interface Host {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly digest: Digest;
  readonly documents: Documents;
  readonly logs: Logs;
  readonly histories: Histories;
  readonly leases: Leases;
  readonly project: Project;
  readonly places: Places;
  readonly scanner: Scanner;
  readonly archive: RuntimeArchive;
  readonly recall: Recall;
  /** The same host over another registry: where a goal of the global view comes from (CMD-47). */
  at(registry: AbsolutePath, options?: { /** It need not exist: it is about to be written. */ readonly missing?: boolean }): Host;
  /** Who looks on while actions run. */
  readonly observer?: Observer | undefined;
  /** The binary's name in printed commands. */
  readonly cli_bin: string;
  /** The language of generated sentences (design D15), and whether a flag, variable, registry or user file named it. */
  readonly locale: Locale;
  readonly locale_named: boolean;
}
