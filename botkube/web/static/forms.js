/** Owns the values of a shown message's elements: reading them, and keeping them when the message is drawn again. */

import { checkedIn } from './render/elements.js';

/**
 * @param {ParentNode} root
 * @returns {Map<string, string | string[]>} by pointer
 */
export function readValues(root) {
  return new Map(fieldsIn(root).map((field) => [field.dataset.pointer ?? '', valueOf(field)]));
}

/**
 * Carries what the user had typed or chosen, and the focus, over to a message drawn again.
 * @param {HTMLElement} from
 * @param {HTMLElement} to
 * @param {boolean} sameBody else only typed texts are kept: a choice may be what the edit changed
 */
export function carryOver(from, to, sameBody) {
  const values = readValues(from);
  for (const field of fieldsIn(to)) {
    const value = values.get(field.dataset.pointer ?? '');
    if (value !== undefined && (sameBody || field.dataset.kind === 'input')) setValue(field, value);
  }
  restoreFocus(from, to);
}

/** @param {ParentNode} root */
function fieldsIn(root) {
  return /** @type {HTMLElement[]} */ (Array.from(root.querySelectorAll('[data-pointer]')));
}

/** @param {HTMLElement} field @returns {string | string[]} */
function valueOf(field) {
  if (field.dataset.kind === 'multiselect') return checkedIn(field);
  return /** @type {HTMLInputElement | HTMLSelectElement} */ (field).value;
}

/** @param {HTMLElement} field @param {string | string[]} value */
function setValue(field, value) {
  if (!Array.isArray(value)) {
    /** @type {HTMLInputElement | HTMLSelectElement} */ (field).value = value;
    return;
  }
  for (const box of field.querySelectorAll('input')) box.checked = value.includes(box.value);
}

/** @param {HTMLElement} from @param {HTMLElement} to */
function restoreFocus(from, to) {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !from.contains(focused)) return;
  const { pointer } = focused.dataset; // an edit may have moved its element, then its place among all does not count
  const next = pointer === undefined ? focusable(to)[focusable(from).indexOf(focused)]
    : fieldsIn(to).find((field) => field.dataset.pointer === pointer);
  next?.focus({ preventScroll: true });
}

/** @param {HTMLElement} root */
function focusable(root) {
  return /** @type {HTMLElement[]} */ (Array.from(root.querySelectorAll('a, button, input, select, pre')));
}
