/** Owns the words about the connection: connected, connecting, when the next try is, and what the server said. */

import { renderInline } from './render/text.js';

/**
 * @param {import('./store.js').Connection} connection
 * @param {number} now milliseconds
 * @returns {{label: string, detail: string}}
 */
export function describe({ kind, reason, retryAt }, now) {
  if (kind === 'connected') return { label: 'Connected', detail: '' };
  if (kind === 'expired') return { label: 'Link expired', detail: reason };
  if (kind === 'connecting') return { label: 'Connecting…', detail: reason };
  const seconds = Math.max(0, Math.ceil((retryAt - now) / 1000));
  return { label: seconds > 0 ? `Reconnecting in ${seconds} s` : 'Reconnecting…', detail: reason };
}

/**
 * @param {{pill: HTMLButtonElement, banner: HTMLElement}} nodes the pill tries again at once
 * @param {() => import('./store.js').State} state
 * @param {() => void} retry
 */
export function createConnectionView({ pill, banner }, state, retry) {
  const label = /** @type {HTMLElement} */ (pill.querySelector('.label'));
  let timer = 0;

  function render() {
    const { connection } = state();
    const { label: text, detail } = describe(connection, Date.now());
    clearTimeout(timer);
    if (connection.kind === 'waiting') timer = setTimeout(render, 500);
    pill.dataset.kind = connection.kind;
    pill.title = connection.kind === 'waiting' ? 'Try again now' : detail;
    pill.disabled = connection.kind !== 'waiting';
    // Written only when it differs: both are live regions, and a countdown must not be read out every second.
    if (label.textContent !== text) label.textContent = text;
    if (banner.dataset.text !== detail) banner.replaceChildren(...renderInline(detail));
    banner.dataset.text = detail;
    banner.hidden = detail === '';
  }

  pill.addEventListener('click', retry);
  return render;
}
