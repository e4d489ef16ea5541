/** Owns light or dark: the system's choice unless this browser was told otherwise. Loaded first, so that nothing flashes. */

import { recall, remember } from './prefs.js';

/** @typedef {'system'|'light'|'dark'} Theme */

/** @type {Theme[]} */
const THEMES = ['system', 'light', 'dark'];

apply(current());

/** @returns {Theme} */
export function current() {
  const known = recall('theme', 'system');
  return THEMES.find((theme) => theme === known) ?? 'system';
}

/** @returns {Theme} the theme that is used from now on */
export function next() {
  const theme = THEMES[(THEMES.indexOf(current()) + 1) % THEMES.length];
  remember('theme', theme === 'system' ? undefined : theme);
  apply(theme);
  return theme;
}

/** @param {Theme} theme */
function apply(theme) {
  document.documentElement.dataset.theme = theme;
}
