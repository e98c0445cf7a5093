/**
 * The checks of `doctor` (CMD-68), in the order they are shown. None of them reads a goal or writes anything.
 */
import type { Copy } from "../skills/copies.ts";
import type { Check, Patient } from "./check.ts";
import { globalRegistryReadable, globalRegistryWritable, networkFileSystem, olderWriterActive, runtimeRootPrivate } from "./ground.ts";
import { bundleLoads, commandOnPath, commandResolves, localBinOnPath, nodeVersion, wrapperScriptExists } from "./program.ts";
import { canaryOnPath, canarySeparate, installScriptExists, releaseSnapshot } from "./release.ts";
import { installedSkillExists, installedSkillMatches, skillCopies, skillInstalledTwice } from "./skills.ts";

export interface Findings {
  readonly checks: readonly Check[];
  readonly skills: readonly (Copy & { readonly name: string })[];
}

export async function runChecks(patient: Patient): Promise<Findings> {
  const skills = skillCopies(patient);
  const checks = [
    nodeVersion(patient),
    commandOnPath(patient),
    commandResolves(patient),
    releaseSnapshot(patient),
    canaryOnPath(patient),
    canarySeparate(patient),
    await bundleLoads(),
    installScriptExists(patient),
    wrapperScriptExists(patient),
    localBinOnPath(patient),
    installedSkillExists(skills),
    installedSkillMatches(skills),
    skillInstalledTwice(patient, skills),
    runtimeRootPrivate(patient),
    networkFileSystem(patient),
    globalRegistryReadable(patient),
    globalRegistryWritable(patient),
    olderWriterActive(patient),
  ];
  return { checks, skills };
}
