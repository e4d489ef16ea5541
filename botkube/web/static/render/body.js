/** Renders the content of one message: texts, code, sections with their elements, files, extra messages. */

import { list, messagesOf } from '../pointers.js';
import { renderCode } from './code.js';
import { h } from './dom.js';
import { renderButtons, renderInputs, renderMultiSelect, renderSelects } from './elements.js';
import { renderInline, renderLine, renderLink, renderText } from './text.js';

/** @typedef {import('./elements.js').Perform} Perform */

/** How Go writes a time that was never set. */
const NO_TIME = '0001-01-01T00:00:00Z';

/** @param {Record<string, any>} body @param {Perform} perform @returns {HTMLElement[]} */
export function renderBody(body, perform) {
  const parts = messagesOf(body).map(({ message, prefix }) => renderMessage(message, prefix, perform)).filter((nodes) => nodes.length > 0);
  const [first = [], ...extra] = parts;
  return [...first, ...extra.map((nodes) => h('div', { class: 'extra' }, nodes)), ...renderFiles(body.files)];
}

/** @param {Record<string, any>} message @param {string} prefix @param {Perform} perform @returns {HTMLElement[]} */
function renderMessage(message, prefix, perform) {
  return present([
    renderLine(message.header, 'header'),
    renderLine(message.description, 'subtitle'),
    ...renderBase(message.baseBody),
    ...list(message.sections).map((section, i) => renderSection(section, `${prefix}/sections/${i}`, i, perform)),
    ...renderInputs(message.plaintextInputs, prefix, perform),
    renderTime(message.timestamp),
  ]);
}

/** @param {Record<string, any>} section @param {string} prefix @param {number} index @param {Perform} perform @returns {HTMLElement} */
function renderSection(section, prefix, index, perform) {
  const divided = index > 0 && section.style?.divider !== 'none';
  return h('section', { class: divided ? 'section divided' : 'section' },
    renderLine(section.header, 'header'),
    renderLine(section.description, 'subtitle'),
    renderFields(list(section.textFields)),
    renderBase(section.body),
    renderInputs(section.plaintextInputs, prefix, perform),
    list(section.bulletLists).map(renderBullets),
    renderSelects(section.selects, prefix, perform),
    renderButtons(section, prefix, perform),
    renderMultiSelect(section.multiSelect, prefix, perform),
    list(section.context).map(({ text }) => renderLine(text, 'context')));
}

/** @param {Record<string, any>|undefined} base @returns {HTMLElement[]} */
function renderBase(base) {
  return [...renderText(base?.plaintext), ...(base?.codeBlock ? [renderCode(base.codeBlock)] : [])];
}

/** @param {Record<string, any>[]} fields @returns {HTMLElement | null} */
function renderFields(fields) {
  if (fields.length === 0) return null;
  return h('dl', { class: 'fields' }, fields.map(({ key, value }) => (
    h('div', {}, h('dt', {}, renderInline(key ?? '')), h('dd', {}, renderInline(value ?? ''))))));
}

/** @param {Record<string, any>} bullets @returns {HTMLElement} */
function renderBullets({ title, items }) {
  return h('div', { class: 'bullets' }, renderLine(title, 'bullets-title'),
    h('ul', {}, list(items).map((item) => h('li', {}, renderInline(String(item))))));
}

/** @param {unknown} files @returns {HTMLElement[]} */
function renderFiles(files) {
  const links = list(files).map(({ name, url, size }) => h('li', {},
    renderLink(url ?? '', name || 'file'), Number.isFinite(size) && h('span', { class: 'size' }, humanSize(size))));
  return links.length > 0 ? [h('ul', { class: 'files' }, links)] : [];
}

/** @param {string | undefined} timestamp @returns {HTMLElement | null} */
function renderTime(timestamp) {
  const time = new Date(timestamp ?? NO_TIME);
  if (!timestamp || timestamp === NO_TIME || Number.isNaN(time.valueOf())) return null;
  return h('div', { class: 'context' }, h('time', { datetime: timestamp }, time.toLocaleString()));
}

/** @param {number} bytes */
function humanSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** @param {(HTMLElement | null)[]} nodes @returns {HTMLElement[]} */
function present(nodes) {
  return /** @type {HTMLElement[]} */ (nodes.filter((node) => node !== null));
}
