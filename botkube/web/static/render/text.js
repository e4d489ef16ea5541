/** Renders chat texts: markup tokens, fenced blocks and addresses become nodes. */

import { parseInline, safeHref, splitBlocks } from '../markdown.js';
import { renderCode } from './code.js';
import { h } from './dom.js';

/** @typedef {import('../markdown.js').Token} Token */

const TAGS = /** @type {const} */ ({ bold: 'strong', italic: 'em', strike: 's' });

/** @param {string} text @returns {Node[]} one line of markup */
export function renderInline(text) {
  return parseInline(text).map(renderToken);
}

/** @param {string | undefined} text @param {string} className @returns {HTMLElement | null} */
export function renderLine(text, className) {
  return text ? h('div', { class: className }, renderInline(text)) : null;
}

/** @param {string | undefined} text @returns {HTMLElement[]} paragraphs and code blocks */
export function renderText(text) {
  return splitBlocks(text ?? '').map((block) => (
    block.kind === 'code' ? renderCode(block.text) : h('div', { class: 'text' }, renderInline(block.text))));
}

/**
 * A link that opens beside the chat; an address that is none is shown as what it says.
 * @param {string} url
 * @param {string} text
 * @param {Record<string, unknown>} [attributes]
 */
export function renderLink(url, text, attributes = {}) {
  const href = safeHref(url, location.href);
  if (href === null) return h('span', { ...attributes, title: url }, text);
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer', ...attributes }, text);
}

/** @param {Token} token @returns {Node} */
function renderToken(token) {
  switch (token.kind) {
    case 'text': return document.createTextNode(token.text);
    case 'code': return h('code', {}, token.text);
    case 'mention': return h('span', { class: 'mention' }, token.text);
    case 'emoji': return h('span', { class: 'emoji', role: 'img', 'aria-label': token.name.replaceAll('_', ' ') }, token.text);
    case 'link': return renderLink(token.href, token.text);
    default: return h(TAGS[token.kind], {}, token.children.map(renderToken));
  }
}
