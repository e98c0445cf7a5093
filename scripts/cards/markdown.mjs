// Markdown of cards as HTML, as near to what a client shows as a preview needs. Input is what the card package wrote, so
// everything that is not marked up here is shown as text.

/** @type {Readonly<Record<string, string>>} */
const SHOWN = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
/** The entities that cards use; a client shows their characters. */
const ENTITY = /&amp;((?:#\d{2}|sim|#38);)/g;

/** Text as HTML that shows it. @param {string} text */
export function textHtml(text) {
  return text.replace(/[&<>"]/g, (character) => SHOWN[character] ?? character);
}

/**
 * A text block. Dialect 1.0 knows lines, bold, links and code blocks; 2.0 also headings, lists, quotes, tables and inline code.
 * @param {string} markdown
 * @param {boolean} isV2
 */
export function markdownHtml(markdown, isV2) {
  const parts = markdown.split(/^(`{3,}[^\n`]*\n[\s\S]*?^`{3,}[ \t]*)$/m);
  return parts.map((part, at) => (at % 2 === 1 ? codeHtml(part) : isV2 ? blocksHtml(part) : linesHtml(part))).join("");
}

/** @param {string} block */
function codeHtml(block) {
  const code = block.split("\n").slice(1, -1).join("\n");
  return `<pre>${textHtml(code)}</pre>`;
}

/** @param {string} prose */
function linesHtml(prose) {
  const trimmed = prose.replace(/^\n|\n$/g, "");
  return trimmed === "" ? "" : `<p>${trimmed.split("\n").map(plainHtml).join("<br>")}</p>`;
}

/** @param {string} prose */
function blocksHtml(prose) {
  const html = [];
  for (const block of groupsOf(prose)) {
    const [first = ""] = block.lines;
    if (block.kind === "heading") html.push(`<h4>${inlineHtml(first.replace(/^#+\s*/, ""))}</h4>`);
    else if (block.kind === "list")
      html.push(`<ul>${block.lines.map((line) => `<li>${inlineHtml(line.replace(/^- /, ""))}</li>`).join("")}</ul>`);
    else if (block.kind === "quote")
      html.push(`<blockquote>${block.lines.map((line) => inlineHtml(line.replace(/^> ?/, ""))).join("<br>")}</blockquote>`);
    else if (block.kind === "table") html.push(tableHtml(block.lines));
    else html.push(`<p>${block.lines.map(inlineHtml).join(" ")}</p>`);
  }
  return html.join("");
}

/**
 * Lines of one kind that stand together.
 * @param {string} prose
 */
function groupsOf(prose) {
  /** @type {{ kind: string, lines: string[] }[]} */
  const groups = [];
  let open = false;
  for (const line of prose.split("\n")) {
    const kind = kindOf(line);
    const last = groups.at(-1);
    if (open && last !== undefined && last.kind === kind && kind !== "heading") last.lines.push(line);
    else if (kind !== "blank") groups.push({ kind, lines: [line] });
    open = kind !== "blank";
  }
  return groups;
}

/** @param {string} line */
function kindOf(line) {
  if (line.trim() === "") return "blank";
  if (/^#{1,6} /.test(line)) return "heading";
  if (line.startsWith("- ")) return "list";
  if (line.startsWith(">")) return "quote";
  return line.startsWith("|") ? "table" : "text";
}

/** @param {readonly string[]} lines */
function tableHtml(lines) {
  const rows = lines.filter((_, at) => at !== 1).map((line) => line.replace(/^\||\|$/g, "").split("|"));
  const html = rows.map((cells, at) => {
    const tag = at === 0 ? "th" : "td";
    return `<tr>${cells.map((cell) => `<${tag}>${inlineHtml(cell.trim())}</${tag}>`).join("")}</tr>`;
  });
  return `<table>${html.join("")}</table>`;
}

/** What both dialects mark up inside a line. @param {string} line */
function plainHtml(line) {
  return textHtml(line)
    .replace(ENTITY, "&$1")
    .replace(/&lt;br&gt;/g, "<br>")
    .replace(/&lt;at id=(\w+)&gt;&lt;\/at&gt;/g, '<span class="at">@$1</span>')
    .replace(/\*\*(.+?)\*\*/g, "<b>$1</b>")
    .replace(/\[([^\]]*)\]\((https?:[^)\s]+)\)/g, '<a href="$2">$1</a>');
}

/** A line of 2.0, which has inline code. @param {string} line */
function inlineHtml(line) {
  return plainHtml(line).replace(/`([^`]+)`/g, "<code>$1</code>");
}
