// The licences of other people's code in the bundle: their texts have to go where the code goes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * One paragraph per package, by name: what it is, and its licence as it comes with it.
 * @param {Iterable<string>} modules the files that went into the bundle
 */
export function noticesOf(modules) {
  const folders = [...new Set([...modules].flatMap((path) => folderOf(path) ?? []))];
  // A package that is installed in several places stands once; a second version of it is another paragraph.
  const paragraphs = new Set(folders.map((folder) => paragraphOf(folder)));
  return `The command contains code of these packages.\n\n${[...paragraphs].sort().join("\n\n")}\n`;
}

/** The package a module belongs to; null for our own. @param {string} path @returns {string | null} */
function folderOf(path) {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(path.replace(/^\0/, ""))?.[0] ?? null;
}

/** @param {string} folder */
function paragraphOf(folder) {
  /** @type {{ name: string, version: string, license?: string }} */
  const { name, version, license = "see below" } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(each));
  const text = file === undefined ? "It comes without a licence text." : readFileSync(join(folder, file), "utf8").trim();
  return `== ${name} ${version} (${license})\n\n${text}`;
}
