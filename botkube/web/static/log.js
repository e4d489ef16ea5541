/**
 * Owns the list of messages on the screen: draws what changed, keeps the reader's place, asks for more at both ends.
 * A row is drawn again only when its `Row` differs, so a new message costs one row.
 */

import { carryOver } from './forms.js';
import { h } from './render/dom.js';
import { renderRow } from './render/row.js';
import { rowsOf, sameRow } from './rows.js';

/**
 * @typedef {import('./timeline.js').Channel} Channel
 * @typedef {import('./rows.js').Row} Row
 * @typedef {{row: Row, node: HTMLElement}} Drawn
 */

/** Nearer to the end than this is "at the end". */
const END_PX = 48;
/** Nearer to the start than this, older messages are asked for. */
const AHEAD_PX = 600;

/**
 * @param {{root: HTMLElement, list: HTMLElement, pill: HTMLButtonElement, edge: (channel: Channel, retry: () => void) => Node[],
 *   store: ReturnType<typeof import('./store.js').createStore>, sync: ReturnType<typeof import('./sync.js').createSync>,
 *   actions: Omit<import('./render/row.js').Actions, 'reveal'>}} parts
 */
export function createLog({ root, list, pill, edge, store, sync, actions }) {
  /** @type {Map<string, Drawn>} */
  let drawn = new Map();
  let shown = '';
  const top = h('div', { class: 'edge' });
  list.before(top);

  function render() {
    const state = store.get();
    const channel = state.channels[state.active ?? ''];
    if (channel === undefined) return;
    const keep = placeKeeper(channel);
    drawTop(channel);
    draw(rowsOf(channel, state));
    keep();
    drawPill(channel);
    list.setAttribute('aria-busy', String(channel.status === 'loading'));
    askForMore();
  }

  /** @param {Row[]} rows */
  function draw(rows) {
    const previous = drawn;
    drawn = new Map(rows.map((row) => [row.message.id, drawRow(row, previous.get(row.message.id))]));
    for (const [id, { node }] of previous) if (drawn.get(id)?.node !== node) node.remove();
    let at = list.firstChild;
    for (const { node } of drawn.values()) {
      if (node === at) at = at.nextSibling;
      else list.insertBefore(node, at);
    }
  }

  /** @param {Row} row @param {Drawn | undefined} before @returns {Drawn} */
  function drawRow(row, before) {
    if (before !== undefined && sameRow(before.row, row)) return before;
    const node = renderRow(row, { ...actions, reveal });
    if (before !== undefined) {
      before.node.after(node); // in the document, so that focus can move over
      carryOver(before.node, node, before.row.message.body === row.message.body);
    }
    return { row, node };
  }

  /** Remembers the place before drawing; what it gives puts it back. @param {Channel} channel @returns {() => void} */
  function placeKeeper(channel) {
    const name = `${channel.info.name} ${channel.epoch}`;
    const isNew = name !== shown;
    shown = name;
    if (isNew || channel.following) return () => { root.scrollTop = root.scrollHeight; };
    const { scrollTop } = root;
    const anchor = [...drawn].find(([, { node }]) => node.offsetTop + node.offsetHeight > scrollTop);
    if (anchor === undefined) return () => {};
    const before = anchor[1].node.offsetTop;
    return () => {
      const node = drawn.get(anchor[0])?.node;
      if (node !== undefined) root.scrollTop = scrollTop + node.offsetTop - before;
    };
  }

  /** @param {Channel} channel */
  function drawTop(channel) {
    const { info, status, problem, atStart, messages } = channel;
    const looks = JSON.stringify([info, status, problem, atStart, messages.length === 0]);
    if (looks === top.dataset.looks) return; // its button may have the focus
    top.dataset.looks = looks;
    top.replaceChildren(...edge(channel, () => {
      const { name } = channel.info;
      if (channel.status === 'new') sync.open(name);
      else sync.older(name);
    }));
  }

  /** @param {Channel} channel */
  function drawPill({ following, detached, unread }) {
    pill.hidden = following && !detached;
    pill.textContent = unread > 0 ? `${unread} new ${unread === 1 ? 'message' : 'messages'} ↓` : 'Jump to newest ↓';
  }

  function askForMore() {
    const { active, channels } = store.get();
    const channel = channels[active ?? ''];
    if (channel === undefined || channel.problem || document.hidden) return;
    if (channel.status === 'new') sync.open(channel.info.name);
    else if (root.scrollTop < AHEAD_PX) sync.older(channel.info.name);
    else if (channel.detached && fromEnd() < AHEAD_PX) sync.newer(channel.info.name);
  }

  function onScroll() {
    const { active, channels } = store.get();
    const channel = channels[active ?? ''];
    if (channel === undefined) return;
    const following = !channel.detached && fromEnd() < END_PX;
    if (following !== channel.following) store.dispatch({ type: 'following', name: channel.info.name, value: following });
    askForMore();
  }

  function fromEnd() {
    return root.scrollHeight - root.scrollTop - root.clientHeight;
  }

  /** @param {string} id */
  function reveal(id) {
    const node = drawn.get(id)?.node;
    if (node === undefined) return;
    node.scrollIntoView({ block: 'center' });
    node.classList.add('revealed');
    node.addEventListener('animationend', () => node.classList.remove('revealed'), { once: true });
  }

  function toNewest() {
    const { active, channels } = store.get();
    const channel = channels[active ?? ''];
    if (channel?.detached) sync.jump(channel.info.name);
    root.scrollTop = root.scrollHeight;
    onScroll();
  }

  root.addEventListener('scroll', onScroll, { passive: true });
  pill.addEventListener('click', toNewest);
  new ResizeObserver(() => { if (isFollowing()) root.scrollTop = root.scrollHeight; }).observe(root);

  function isFollowing() {
    const { active, channels } = store.get();
    return channels[active ?? '']?.following ?? true;
  }

  return { render, toNewest };
}
