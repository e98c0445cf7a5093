import { acquireLease } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { LEASE_ACQUIRE_FLAGS } from "../options/leases.ts";
import { renderLease } from "../render/lease.ts";

/** Owns a todo for a time (CMD-100). */
export async function run({ input, host }: Call<typeof LEASE_ACQUIRE_FLAGS>): Promise<Answer> {
  const payload = await acquireLease(await host(), input);
  return { payload, lines: () => renderLease("Acquired", payload) };
}
