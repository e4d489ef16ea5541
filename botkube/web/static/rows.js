/** Owns what stands around a message: day, author, what it answers, whether its command still runs. Pure. */

import { commandOf } from './mention.js';
import { isVisible } from './store.js';

/**
 * @typedef {import('./timeline.js').Message} Message
 * @typedef {{message: Message, day: string, isFirst: boolean, isOwn: boolean, isBot: boolean, firstNew: boolean,
 *   workingSince: string, answers: string, answersText: string}} Row  empty text: not there
 */

export const BOT = 'Botkube';

/** A pause after which the author is named again. */
const GROUP_MS = 5 * 60_000;
const QUOTE_LENGTH = 72;

/**
 * @param {import('./timeline.js').Channel} channel
 * @param {import('./store.js').State} state
 * @returns {Row[]}
 */
export function rowsOf(channel, state) {
  const visible = channel.messages.filter((message) => isVisible(state, message));
  const byId = new Map(visible.map((message) => [message.id, message]));
  return visible.map((message, i) => toRow(message, visible[i - 1], { channel, user: state.user, byId }));
}

/** @param {Row} a @param {Row} b */
export function sameRow(a, b) {
  return /** @type {(keyof Row)[]} */ (Object.keys(a)).every((key) => a[key] === b[key]);
}

/**
 * The texts this user sent, newest first, each once in a row: what the Up key recalls.
 * @param {import('./timeline.js').Channel | undefined} channel
 * @param {string} user
 * @returns {string[]}
 */
export function sentTexts(channel, user) {
  const own = (channel?.messages ?? []).filter(({ author, type }) => author === user && type === 'message');
  return own.map(plainText).reverse().filter((text, i, all) => text !== '' && text !== all[i - 1]);
}

/** @param {Message} message */
export function plainText({ body }) {
  return String(body.baseBody?.plaintext ?? '');
}

/** @param {Message} message @param {Message|undefined} before @param {{channel: any, user: string, byId: Map<string, Message>}} around @returns {Row} */
function toRow(message, before, { channel, user, byId }) {
  const day = new Date(message.at).toDateString();
  const startsDay = before === undefined || new Date(before.at).toDateString() !== day;
  const answers = message.body.reply_to || message.thread || '';
  return {
    message,
    day: startsDay ? day : '',
    isFirst: startsDay || !continues(before, message),
    isOwn: message.author === user,
    isBot: message.author === BOT,
    firstNew: channel.firstUnread > 0 && channel.firstUnread === message.seq,
    workingSince: channel.working[message.id] ?? '',
    answers,
    answersText: answers && quote(byId.get(answers)),
  };
}

/** @param {Message} before @param {Message} message */
function continues(before, message) {
  return before.author === message.author && !before.to && !message.to && !message.body.reply_to
    && Boolean(before.body.event_id) === Boolean(message.body.event_id)
    && Date.parse(message.at) - Date.parse(before.at) < GROUP_MS;
}

/** @param {Message|undefined} message */
function quote(message) {
  if (message === undefined) return 'an earlier message';
  const text = plainText(message);
  const [line] = (commandOf(text) ?? text).split('\n');
  return line.length > QUOTE_LENGTH ? `${line.slice(0, QUOTE_LENGTH)}…` : line;
}
