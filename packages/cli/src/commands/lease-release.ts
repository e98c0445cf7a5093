import { releaseLease } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { LEASE_GRANT_FLAGS } from "../options/leases.ts";
import { renderLease } from "../render/lease.ts";

/** Gives a lease back (CMD-100). */
export async function run({ input, host }: Call<typeof LEASE_GRANT_FLAGS>): Promise<Answer> {
  const payload = await releaseLease(await host(), input);
  return { payload, lines: () => renderLease("Released", payload) };
}
