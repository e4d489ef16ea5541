/** Renders output as it came, with a button that copies it. */

import { h } from './dom.js';

const COPIED_MS = 1500;

/** @param {string} text @returns {HTMLElement} */
export function renderCode(text) {
  const trimmed = text.replace(/^\n+|\s+$/g, '');
  const button = h('button', { type: 'button', class: 'copy', 'aria-label': 'Copy output' }, 'Copy');
  button.addEventListener('click', () => showCopied(button, trimmed));
  // Focusable, as it scrolls: a keyboard must be able to reach the end of a long line.
  return h('div', { class: 'code' }, h('pre', { tabindex: '0' }, h('code', {}, trimmed)), button);
}

/** @param {HTMLButtonElement} button @param {string} text */
async function showCopied(button, text) {
  button.textContent = (await copy(text)) ? 'Copied' : 'Not copied';
  setTimeout(() => { button.textContent = 'Copy'; }, COPIED_MS);
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // no clipboard object on plain http away from loopback
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const area = h('textarea', { class: 'offscreen', readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
