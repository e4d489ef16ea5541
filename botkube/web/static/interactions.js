/** Owns what happens when an element of a message is used: one request, the element held meanwhile, its problem shown there. */

import { ApiError, newClientId } from './api.js';
import { readValues } from './forms.js';
import { collectState } from './pointers.js';
import { h } from './render/dom.js';

/**
 * @param {{post: typeof import('./api.js').postInteraction, user: () => string, onExpired: () => void}} parts
 */
export function createInteractions({ post, user, onExpired }) {
  /** @type {import('./render/row.js').Actions['perform']} */
  return async function perform(message, { pointer, kind, ...given }, source) {
    const article = /** @type {HTMLElement} */ (source.closest('.message'));
    const state = collectState(message.body, readValues(article));
    hold(source, true);
    showProblem(article, '');
    try {
      await post({ user: user(), message: message.id, element: pointer, kind, ...given, state, client_id: newClientId() });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) onExpired();
      showProblem(article, `Not sent: ${error.message}`);
    } finally {
      hold(source, false);
    }
  };
}

/** @param {HTMLElement} source @param {boolean} held */
function hold(source, held) {
  // An input keeps its focus while it is sent: typing goes on.
  if (source instanceof HTMLInputElement) source.setAttribute('aria-busy', String(held));
  else /** @type {HTMLButtonElement} */ (source).disabled = held;
}

/** @param {HTMLElement} article @param {string} text */
function showProblem(article, text) {
  article.querySelector('.problem')?.remove();
  if (text) article.querySelector('.content')?.append(h('div', { class: 'problem', role: 'alert' }, text));
}
