import { verifyLease } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { LEASE_VERIFY_FLAGS } from "../options/leases.ts";
import { renderLease } from "../render/lease.ts";

/** Ends with 0 while the lease is live with that token, else with 3 (CMD-102). */
export async function run({ input, host }: Call<typeof LEASE_VERIFY_FLAGS>): Promise<Answer> {
  const payload = await verifyLease(await host(), input);
  return { payload, lines: () => renderLease("Verified", payload) };
}
