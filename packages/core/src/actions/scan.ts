/** The boundary scan a call asked for: hits as findings, in the form `<file>:<line>: <rule>` (DEC-75, DEC-76). */
import { detect } from "../domain/boundary/detector.ts";
import { LoopxError } from "../domain/errors.ts";
import { finding, type Finding } from "../domain/finding.ts";
import type { Host } from "../ports/host.ts";

export interface ScanRequest {
  readonly scan_path?: readonly string[] | undefined;
  readonly scan_root?: string | undefined;
  readonly cwd: string;
  /** Hosts whose documents are private (`public_boundary.private_hosts`). */
  readonly private_hosts?: readonly string[] | undefined;
}

export interface ScanReport {
  readonly hits: readonly Finding[];
  /** Files that could not be read, each with its reason. */
  readonly unreadable: readonly { path: string; reason: string }[];
  readonly scanned_files: number;
}

/** Nothing without a `--scan-*` flag (design D16); a named path that does not exist is `invalid_value`. */
export async function scan(host: Host, request: ScanRequest): Promise<ScanReport> {
  const paths = [...(request.scan_root === undefined ? [] : [request.scan_root]), ...(request.scan_path ?? [])];
  const hits: Finding[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  let scanned = 0;
  if (paths.length === 0) return { hits, unreadable, scanned_files: scanned };
  for await (const file of host.scanner.files(paths, request.cwd)) {
    if (file.kind === "missing")
      throw new LoopxError("invalid_value", `the scan path ${file.path} does not exist`, {
        hint: "name an existing file or directory",
        details: { path: file.path },
      });
    if (file.kind === "unreadable") unreadable.push({ path: file.path, reason: file.reason });
    else {
      scanned += 1;
      hits.push(...hitsOf(file.path, file.text, request.private_hosts ?? []));
    }
  }
  return { hits, unreadable, scanned_files: scanned };
}

function hitsOf(path: string, text: string, privateHosts: readonly string[]): Finding[] {
  const found = detect(text, "scan", { privateHosts });
  let line = 1;
  let counted = 0;
  return found.map((hit) => {
    for (; counted < hit.start; counted++) if (text.charCodeAt(counted) === 10) line++;
    return finding("boundary_hit", `${path}:${line}: ${hit.rule}`, { file: path, line, key: hit.rule });
  });
}
