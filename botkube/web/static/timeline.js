/**
 * Owns what one channel shows: a window of its messages and the edits, deletions and running commands that concern them.
 * Pure: every function takes a channel and returns a new one. Applying a frame twice, or an old page after a newer
 * edit, changes nothing: per message the highest seq wins.
 *
 *   status   new ──open──▶ loading ──page──▶ loaded          (a failed load goes back to new)
 *   detached  the window ends before the newest message; new ones are only counted
 */

/**
 * @typedef {{seq: number, type: string, channel: string, thread?: string, id: string, author: string, at: string,
 *   body: Record<string, any>, to?: string}} Frame
 * @typedef {Frame & {version: number, edited: boolean}} Message  version = seq of the newest frame that wrote it
 * @typedef {{version: number, body: Record<string, any> | null}} Edit  body null: deleted
 * @typedef {{name: string, display_name?: string, muted?: boolean, threads?: unknown}} ChannelInfo
 * @typedef {{info: ChannelInfo, status: 'new'|'loading'|'loaded', problem: string, messages: readonly Message[],
 *   edits: ReadonlyMap<string, Edit>, working: Readonly<Record<string, string>>, lastSeq: number, oldestSeq: number,
 *   atStart: boolean, detached: boolean, following: boolean, newer: number, unread: number, unseen: boolean, firstUnread: number,
 *   epoch: number}} Channel
 *   epoch counts the windows a channel has had: a page asked for by an earlier one is not taken
 */

/** Messages kept per channel; beyond it the far end is dropped and loaded again on scroll. */
export const WINDOW = 500;
/** Overhang before cutting, so that a busy channel is not cut at every message. */
const OVERHANG = 50;
/** Edits remembered for messages outside the window. */
const MAX_EDITS = 1000;

/** @param {ChannelInfo} info @param {number} [epoch] @returns {Channel} */
export function newChannel(info, epoch = 0) {
  return {
    info, status: 'new', problem: '', messages: [], edits: new Map(), working: {}, lastSeq: 0, oldestSeq: Infinity,
    atStart: false, detached: false, following: true, newer: 0, unread: 0, unseen: false,
    firstUnread: 0, epoch,
  };
}

/**
 * Takes a frame that has just arrived.
 * @param {Channel} channel
 * @param {Frame} frame
 * @returns {Channel}
 */
export function applyLive(channel, frame) {
  if (frame.type === 'typing') return begin(channel, frame);
  const seen = { ...channel, lastSeq: Math.max(channel.lastSeq, frame.seq) };
  if (channel.status === 'new') return settle(frame.type === 'state' ? adopt(seen, frame) : seen, frame);
  if (channel.detached && isPost(frame)) return { ...settle(seen, frame), newer: seen.newer + 1 };
  return trim(applyFrame(seen, frame), channel.following ? 'oldest' : 'newest');
}

/**
 * Takes a page of history.
 * @param {Channel} channel
 * @param {readonly Frame[]} frames ascending
 * @param {{edge: 'newest'|'older'|'newer', upTo?: number}} where upTo: every frame up to this seq is now known
 * @returns {Channel}
 */
export function applyPage(channel, frames, { edge, upTo = 0 }) {
  const lastSeq = Math.max(channel.lastSeq, frames.at(-1)?.seq ?? 0);
  const oldestSeq = Math.min(channel.oldestSeq, frames[0]?.seq ?? Infinity);
  const based = { ...channel, status: /** @type {const} */ ('loaded'), problem: '', lastSeq, oldestSeq };
  const merged = frames.reduce(applyFrame, based);
  if (edge === 'older') return trim({ ...merged, atStart: frames.length === 0 }, 'newest');
  if (edge === 'newest') return { ...merged, atStart: frames.length === 0 };
  const detached = upTo < merged.lastSeq;
  return trim({ ...merged, detached, newer: detached ? merged.newer : 0 }, 'oldest');
}

/**
 * Forgets the window, so that the newest page can be loaded without a gap behind it.
 * @param {Channel} channel
 * @returns {Channel}
 */
export function startOver(channel) {
  const { info, epoch, working, unread, unseen, firstUnread } = channel;
  return { ...newChannel(info, epoch + 1), working, unread, unseen, firstUnread };
}

/** @param {Frame} frame */
export function isPost(frame) {
  return frame.type === 'message' || frame.type === 'ephemeral' || frame.type === 'modal';
}

/** @param {Channel} channel @param {Frame} frame @returns {Channel} */
function applyFrame(channel, frame) {
  if (isPost(frame)) return settle(add(channel, frame), frame);
  if (frame.type === 'update') return settle(edit(channel, frame, frame.body), frame);
  if (frame.type === 'delete') return edit(channel, frame, null);
  if (frame.type === 'state') return settle(adopt(channel, frame), frame);
  return channel; // a newer server may know more types
}

/** @param {Channel} channel @param {Frame} frame @returns {Channel} */
function add(channel, frame) {
  if (channel.messages.some(({ id }) => id === frame.id)) return edit(channel, frame, frame.body);
  const known = channel.edits.get(frame.id);
  const newer = known !== undefined && known.version > frame.seq ? known : null;
  if (newer !== null && newer.body === null) return channel;
  const message = { ...frame, body: newer?.body ?? frame.body, version: newer?.version ?? frame.seq, edited: newer !== null };
  return { ...channel, messages: insert(channel.messages, message) };
}

/** @param {readonly Message[]} messages @param {Message} message @returns {readonly Message[]} */
function insert(messages, message) {
  let index = messages.length;
  while (index > 0 && messages[index - 1].seq > message.seq) index -= 1;
  return index === messages.length ? [...messages, message] : messages.toSpliced(index, 0, message);
}

/** @param {Channel} channel @param {Frame} frame @param {Record<string, any>|null} body @returns {Channel} */
function edit(channel, { id, seq }, body) {
  const index = channel.messages.findIndex((message) => message.id === id);
  if (index < 0) return remember(channel, id, { version: seq, body });
  const message = channel.messages[index];
  if (seq <= message.version) return channel;
  if (body === null) return { ...remember(channel, id, { version: seq, body }), messages: channel.messages.toSpliced(index, 1) };
  return { ...channel, messages: channel.messages.with(index, { ...message, body, version: seq, edited: true }) };
}

/** @param {Channel} channel @param {string} id @param {Edit} made @returns {Channel} */
function remember(channel, id, made) {
  if ((channel.edits.get(id)?.version ?? 0) >= made.version) return channel;
  const edits = new Map(channel.edits).set(id, made);
  if (edits.size > MAX_EDITS) edits.delete(/** @type {string} */ (edits.keys().next().value));
  return { ...channel, edits };
}

/** @param {Channel} channel @param {Frame} frame @returns {Channel} */
function begin(channel, { at, body }) {
  const id = body?.reply_to;
  if (!id || id in channel.working || isAnswered(channel, id)) return channel;
  return { ...channel, working: { ...channel.working, [id]: at } };
}

/** @param {Channel} channel @param {Frame} frame @returns {Channel} */
function settle(channel, { body }) {
  const id = body?.reply_to;
  if (!body?.outcome || !(id in channel.working)) return channel;
  const { [id]: _done, ...working } = channel.working;
  return { ...channel, working };
}

/** @param {Channel} channel @param {string} id */
function isAnswered({ messages }, id) {
  return messages.some(({ body }) => body.reply_to === id && body.outcome);
}

/** @param {Channel} channel @param {Frame} frame @returns {Channel} */
function adopt(channel, { body }) {
  const muted = typeof body?.muted === 'boolean' ? { muted: body.muted } : {};
  return { ...channel, info: { ...channel.info, ...muted } };
}

/** @param {Channel} channel @param {'oldest'|'newest'} end @returns {Channel} */
function trim(channel, end) {
  const { messages } = channel;
  if (messages.length <= WINDOW + OVERHANG) return channel;
  const kept = end === 'oldest' ? messages.slice(-WINDOW) : messages.slice(0, WINDOW);
  const dropped = end === 'oldest' ? messages.slice(0, -WINDOW) : messages.slice(WINDOW);
  const noted = dropped.filter(({ edited }) => edited)
    .reduce((into, { id, version, body }) => remember(into, id, { version, body }), channel);
  if (end === 'oldest') return { ...noted, messages: kept, atStart: false, oldestSeq: kept[0].seq };
  return { ...noted, messages: kept, detached: true, newer: noted.newer + dropped.length };
}
