// One card's JSON as HTML. An approximation: clients differ from each other, and all of them from this.
import { markdownHtml, textHtml } from "./markdown.mjs";

/** @typedef {{ [key: string]: any }} Json */

/**
 * @param {string} name
 * @param {Json} card
 */
export function cardHtml(name, card) {
  const elements = /** @type {Json[]} */ (card["elements"] ?? card["body"].elements);
  const isV2 = card["schema"] === "2.0";
  const title = textHtml(card["header"].title.content);
  return [
    `<figure><article class="card">`,
    `<header class="${card["header"].template}">${title}</header>`,
    `<div class="body">${elements.map((element) => elementHtml(element, isV2)).join("\n")}</div>`,
    `</article><figcaption>${textHtml(name)}</figcaption></figure>`,
  ].join("\n");
}

/** @param {Json} element @param {boolean} isV2 @returns {string} */
function elementHtml(element, isV2) {
  switch (element["tag"]) {
    case "div":
      return `<section>${markdownHtml(element["text"].content, isV2)}</section>`;
    case "markdown":
      return `<section class="${element["text_size"] ?? ""}">${markdownHtml(element["content"], isV2)}</section>`;
    case "hr":
      return "<hr>";
    case "note":
      return `<section class="notation"><p>${element["elements"].map((/** @type {Json} */ part) => textHtml(part["content"])).join(" ")}</p></section>`;
    case "action":
      return `<section class="buttons">${element["actions"].map(buttonHtml).join("")}</section>`;
    case "column_set":
      return `<section class="buttons">${element["columns"].flatMap((/** @type {Json} */ column) => column["elements"].map(buttonHtml)).join("")}</section>`;
    default:
      throw new Error(`the preview does not know the element ${String(element["tag"])}`);
  }
}

/** @param {Json} button */
function buttonHtml(button) {
  return `<span class="button ${button["type"]}">${textHtml(button["text"].content)}</span>`;
}
