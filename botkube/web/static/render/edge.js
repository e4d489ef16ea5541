/** Renders what stands at the start of a channel: its beginning, that more is on the way, or why not; and an empty channel's hint. */

import { h } from './dom.js';
import { renderInline } from './text.js';

/** What a newcomer can type. */
const SUGGESTIONS = ['@Botkube help', '@Botkube echo hello'];

/**
 * @param {import('../timeline.js').Channel} channel
 * @param {() => void} retry
 * @param {(text: string) => void} suggest
 * @returns {Node[]}
 */
export function renderEdge(channel, retry, suggest) {
  if (channel.problem) return [renderProblem(channel.problem, retry)];
  if (channel.status !== 'loaded') return [h('p', { class: 'note' }, 'Loading messages…')];
  if (!channel.atStart) return [h('p', { class: 'note' }, 'Loading older messages…')];
  return channel.messages.length === 0 ? [renderEmpty(channel.info.name, suggest)] : [renderStart(channel.info)];
}

/** @param {string} problem @param {() => void} retry */
function renderProblem(problem, retry) {
  return h('p', { class: 'note problem', role: 'alert' }, `Messages could not be loaded: ${problem} `,
    h('button', { type: 'button', class: 'quiet', onclick: retry }, 'Try again'));
}

/** @param {import('../timeline.js').ChannelInfo} info */
function renderStart({ name, display_name: title }) {
  return h('p', { class: 'note' }, `This is the beginning of #${title || name}.`);
}

/** @param {string} name @param {(text: string) => void} suggest */
function renderEmpty(name, suggest) {
  const buttons = SUGGESTIONS.map((text) => (
    h('li', {}, h('button', { type: 'button', class: 'suggestion', onclick: () => suggest(text) }, renderInline(text)))));
  return h('div', { class: 'empty' },
    h('img', { src: '/assets/logo.svg', alt: '', width: '56', height: '56' }),
    h('h2', {}, `Nothing in #${name} yet`),
    h('p', {}, 'Type a command, or start with one of these:'), h('ul', {}, buttons),
    h('p', { class: 'hint' }, 'Notifications of bound sources appear here by themselves.'));
}
