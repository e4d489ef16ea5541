/** Owns the channel list, its unread marks, and the quick switcher over it. */

import { h } from './render/dom.js';

/**
 * @typedef {import('./store.js').State} State
 * @typedef {import('./timeline.js').Channel} Channel
 */

/** @param {Channel} channel */
export function titleOf({ info }) {
  return info.display_name || info.name;
}

/** @param {State} state @returns {number} unread messages in all channels */
export function unreadOf({ channels }) {
  return Object.values(channels).reduce((sum, { unread }) => sum + unread, 0);
}

/**
 * The channel before or after the active one, around the ends.
 * @param {State} state
 * @param {1 | -1} step
 * @returns {string | null}
 */
export function neighbour({ order, active }, step) {
  if (order.length === 0) return null;
  return order[(order.indexOf(active ?? '') + step + order.length) % order.length];
}

/** @param {HTMLElement} list @param {(name: string) => void} select */
export function createChannelList(list, select) {
  let looks = '';
  /** @param {State} state */
  return function render(state) {
    const channels = state.order.map((name) => state.channels[name]);
    const now = JSON.stringify([state.active, channels.map(({ info, unread, unseen }) => [info, unread, unseen])]);
    if (now === looks) return;
    looks = now;
    const focused = list.contains(document.activeElement) ? document.activeElement?.getAttribute('data-name') : null;
    list.replaceChildren(...channels.map((channel) => renderItem(channel, state.active, select)));
    if (focused) /** @type {HTMLElement|null} */ (list.querySelector(`[data-name="${CSS.escape(focused)}"]`))?.focus();
  };
}

/**
 * @param {HTMLDialogElement} dialog holding an input and a list
 * @param {() => State} state
 * @param {(name: string) => void} select
 */
export function createSwitcher(dialog, state, select) {
  const input = /** @type {HTMLInputElement} */ (dialog.querySelector('input'));
  const list = /** @type {HTMLElement} */ (dialog.querySelector('ul'));

  /** @param {string} name */
  function choose(name) {
    dialog.close();
    select(name);
  }

  function draw() {
    const wanted = input.value.trim().toLowerCase();
    const { order, channels } = state();
    const found = order.map((name) => channels[name]).filter((channel) => (
      `${channel.info.name} ${titleOf(channel)}`.toLowerCase().includes(wanted)));
    list.replaceChildren(...(found.length > 0 ? found.map((channel) => renderItem(channel, null, choose)) : [h('li', { class: 'none' }, 'No such channel')]));
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const buttons = Array.from(list.querySelectorAll('button'));
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (event.key === 'ArrowDown') buttons[Math.min(at + 1, buttons.length - 1)]?.focus();
    else if (event.key === 'ArrowUp') (buttons[at - 1] ?? input).focus();
    else if (event.key === 'Enter' && at < 0) buttons[0]?.click();
    else return;
    event.preventDefault();
  }

  input.addEventListener('input', draw);
  dialog.addEventListener('keydown', onKey);
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  return {
    toggle() {
      if (dialog.open) return dialog.close();
      input.value = '';
      draw();
      return dialog.showModal();
    },
  };
}

/** @param {Channel} channel @param {string|null} active @param {(name: string) => void} select */
function renderItem(channel, active, select) {
  const { info, unread, unseen } = channel;
  const isActive = info.name === active;
  const badge = unread > 0 ? h('span', { class: 'badge' }, unread > 99 ? '99+' : String(unread), h('span', { class: 'sr' }, ' unread'))
    : unseen && h('span', { class: 'badge dot' }, h('span', { class: 'sr' }, 'unread'));
  return h('li', {}, h('button', {
    type: 'button', class: badge ? 'channel unread' : 'channel', 'data-name': info.name, 'aria-current': isActive && 'page',
    onclick: () => select(info.name),
  }, h('span', { class: 'hash', 'aria-hidden': 'true' }, '#'), h('span', { class: 'name' }, titleOf(channel)),
  info.muted && h('span', { class: 'muted', title: 'Notifications are off here' }, 'muted'), badge));
}
