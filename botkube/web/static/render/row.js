/** Renders one message with what stands around it. */

import { commandOf, MENTION } from '../mention.js';
import { plainText } from '../rows.js';
import { renderBody } from './body.js';
import { h } from './dom.js';

/**
 * @typedef {import('../rows.js').Row} Row
 * @typedef {{perform: (message: import('../timeline.js').Message, act: import('./elements.js').Act, source: HTMLElement) => void,
 *   dismiss: (id: string) => void, reveal: (id: string) => void}} Actions
 */

/** What is said about an answer that is not the wanted one. */
const OUTCOMES = new Map([
  ['failed', 'Failed'], ['refused', 'Refused'], ['timeout', 'Timed out'], ['cancelled', 'Cancelled'],
]);

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** @param {Row} row @param {Actions} actions @returns {HTMLElement} */
export function renderRow(row, actions) {
  return h('div', { class: 'row' },
    row.day && h('div', { class: 'day', role: 'separator' }, h('span', {}, dayName(row.message.at))),
    row.firstNew && h('div', { class: 'new-mark', role: 'separator' }, h('span', {}, 'New')),
    renderArticle(row, actions));
}

/** @param {Row} row @param {Actions} actions */
function renderArticle(row, actions) {
  const { message, isFirst } = row;
  return h('article', { class: classesOf(row), id: `m-${message.id}`, 'data-id': message.id, 'aria-label': `${message.author}, ${clock(message.at)}` },
    h('div', { class: 'gutter' }, isFirst ? renderAvatar(row) : renderClock(message.at)),
    h('div', { class: 'content' },
      renderByline(row, actions),
      message.to && renderOnlyYou(message.id, actions),
      h('div', { class: 'body' }, renderContent(row, actions)),
      renderMarks(row),
      row.workingSince && renderWorking(row.workingSince)));
}

/** @param {Row} row */
function classesOf({ message, isFirst, isBot, isOwn, workingSince }) {
  const { outcome, event_id: event } = message.body;
  return ['message', isFirst && 'first', isBot ? 'bot' : 'person', isOwn && 'own', message.to && 'private',
    event && 'event', workingSince && 'busy', OUTCOMES.has(outcome) && 'bad'].filter(Boolean).join(' ');
}

/** @param {Row} row @param {Actions} actions */
function renderByline(row, actions) {
  const { message, isFirst, answers } = row;
  if (!isFirst && !answers) return null;
  return h('div', { class: 'byline' },
    isFirst && [h('span', { class: 'author' }, message.author), renderClock(message.at)],
    answers && renderAnswers(row, actions));
}

/** @param {Row} row */
function renderAvatar({ message, isBot }) {
  if (isBot) return h('img', { class: 'avatar', src: '/assets/logo.svg', alt: '' });
  const node = h('span', { class: 'avatar', 'aria-hidden': 'true' }, message.author.slice(0, 1).toUpperCase());
  node.style.setProperty('--hue', String(hueOf(message.author)));
  return node;
}

/** @param {Row} row @param {Actions} actions @returns {(Node | string)[]} */
function renderContent({ message, isBot }, { perform }) {
  const command = isBot ? null : commandOf(plainText(message));
  if (command === null) return renderBody(message.body, (act, source) => perform(message, act, source));
  // A command is shown letter by letter: markup would hide what was really asked for.
  return [h('div', { class: 'command' }, h('span', { class: 'mention' }, MENTION), ' ', command)];
}

/** @param {Row} row @param {Actions} actions */
function renderAnswers({ answers, answersText }, { reveal }) {
  const show = (/** @type {Event} */ event) => {
    event.preventDefault();
    reveal(answers);
  };
  return h('a', { class: 'answers', href: `#m-${answers}`, onclick: show, title: 'Show the message this answers' }, answersText);
}

/** @param {string} id @param {Actions} actions */
function renderOnlyYou(id, { dismiss }) {
  return h('div', { class: 'only-you' }, 'Only visible to you ',
    h('button', { type: 'button', class: 'quiet dismiss', onclick: () => dismiss(id) }, 'Dismiss'));
}

/** @param {Row} row */
function renderMarks({ message }) {
  const { outcome, reply_to: answer } = message.body;
  const label = OUTCOMES.get(outcome);
  if (label) return h('div', { class: `outcome ${outcome}` }, label);
  return message.edited && !answer ? h('div', { class: 'edited' }, 'edited') : null;
}

/** @param {string} since */
function renderWorking(since) {
  return h('div', { class: 'working', role: 'status' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }),
    'Botkube is working', h('span', { class: 'elapsed', 'data-since': since, 'aria-hidden': 'true' }));
}

/** @param {string} at */
function renderClock(at) {
  return h('time', { datetime: at, title: new Date(at).toLocaleString() }, clock(at));
}

/** @param {string} at */
function clock(at) {
  const time = new Date(at);
  return Number.isNaN(time.valueOf()) ? '' : CLOCK.format(time);
}

/** @param {string} at */
function dayName(at) {
  const time = new Date(at);
  if (Number.isNaN(time.valueOf())) return '';
  return time.toDateString() === new Date().toDateString() ? 'Today' : DAY.format(time);
}

/** The same name has the same colour everywhere. @param {string} name */
function hueOf(name) {
  return Array.from(name).reduce((hue, letter) => (hue * 31 + /** @type {number} */ (letter.codePointAt(0))) % 360, 7);
}
