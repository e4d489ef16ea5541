/** Owns the user's own name: shown as a button, edited in place, remembered. It is a name without proof. */

import { BOT } from './rows.js';

const MAX_LENGTH = 40;
export const DEFAULT_NAME = 'you';

/**
 * A name as it is used, or null when it cannot be: the bot's own would make a person's words look like its.
 * @param {string} typed
 * @returns {string | null}
 */
export function cleanName(typed) {
  const name = typed.replace(/[\s\p{Cc}]+/gu, ' ').replace(/^[\s@]+/, '').slice(0, MAX_LENGTH).trim();
  if (name === '') return DEFAULT_NAME;
  return name.toLowerCase() === BOT.toLowerCase() ? null : name;
}

/**
 * @param {{button: HTMLButtonElement, input: HTMLInputElement}} nodes
 * @param {() => string} user
 * @param {(name: string) => void} rename
 */
export function createProfile({ button, input }, user, rename) {
  /** @param {boolean} editing */
  function show(editing) {
    button.hidden = editing;
    input.hidden = !editing;
    if (editing) {
      input.value = user();
      input.select();
    } else if (document.activeElement === input || document.activeElement === document.body) button.focus();
  }

  function save() {
    if (input.hidden) return;
    const name = cleanName(input.value);
    if (name !== null) rename(name);
    show(false);
  }

  button.addEventListener('click', () => show(true));
  input.addEventListener('blur', save);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') save();
    else if (event.key === 'Escape') {
      event.stopPropagation();
      show(false);
    }
  });
  return function render() {
    const name = /** @type {HTMLElement} */ (button.querySelector('.name'));
    if (name.textContent !== user()) name.textContent = user();
  };
}
