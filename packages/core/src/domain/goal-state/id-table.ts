/**
 * The ids of a file's todos by where they stand in it: no text is copied, since ten thousand copies would cost a process that is
 * young more than reading the file. An id ends at a blank.
 */

const BLANK = 32;
/** All ids begin with `todo_`. */
const PREFIX_LENGTH = 5;

export class IdTable {
  private readonly text: string;
  /** Where each id stands, by its number. */
  private readonly places: Int32Array;
  /** The number of an id and one, or 0; half of them stay free. */
  private readonly slots: Int32Array;

  /** For as many ids as there are places, which somebody else fills. */
  constructor(text: string, places: Int32Array) {
    this.text = text;
    this.places = places;
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(places.length * 2 + 2)));
  }

  /** Puts in the ids of these numbers; false when one of them stands twice. */
  add(from: number, to: number): boolean {
    const { text, places, slots } = this;
    for (let number = from; number < to; number += 1) {
      const slot = this.slotOf(text, places[number] ?? 0);
      if (slots[slot] !== 0) return false;
      slots[slot] = number + 1;
    }
    return true;
  }

  /** The number of an id, or -1. */
  find(id: string): number {
    return (this.slots[this.slotOf(`${id} `, 0)] ?? 0) - 1;
  }

  /** The slot of the id at this place of a text: its own, or the free one that it would have. */
  private slotOf(text: string, at: number): number {
    const { slots } = this;
    let hash = 0;
    for (let to = at + PREFIX_LENGTH, code = text.charCodeAt(to); code > BLANK; code = text.charCodeAt(++to))
      hash = Math.imul(hash ^ code, 0x01000193);
    let slot = (hash ^ (hash >>> 15)) & (slots.length - 1);
    for (let held = slots[slot] ?? 0; held !== 0; held = slots[slot] ?? 0) {
      if (isSameId(text, at, this.text, this.places[held - 1] ?? 0)) return slot;
      slot = (slot + 1) & (slots.length - 1);
    }
    return slot;
  }
}

function isSameId(text: string, at: number, other: string, there: number): boolean {
  for (let offset = 0; ; offset += 1) {
    const code = text.charCodeAt(at + offset);
    if (code !== other.charCodeAt(there + offset)) return false;
    if (code === BLANK) return true;
  }
}
