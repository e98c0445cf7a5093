import { listLeases } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { LEASE_LIST_FLAGS } from "../options/leases.ts";
import { renderLeaseList } from "../render/lease.ts";

/** The leases of a goal (CMD-100). */
export async function run({ input, host }: Call<typeof LEASE_LIST_FLAGS>): Promise<Answer> {
  const payload = await listLeases(await host(), input);
  return { payload, lines: () => renderLeaseList(payload) };
}
