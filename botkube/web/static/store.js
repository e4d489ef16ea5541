/**
 * Owns the state of the page and the only way it changes: `reduce(state, action)`, pure.
 * Frames are taken once, by their seq; what they do to a channel is the timeline's part.
 */

import { applyLive, applyPage, isPost, newChannel, startOver } from './timeline.js';

/**
 * @typedef {import('./timeline.js').Channel} Channel
 * @typedef {import('./timeline.js').Frame} Frame
 * @typedef {{kind: 'connecting'|'connected'|'waiting'|'expired', reason: string, retryAt: number}} Connection
 * @typedef {{channels: Readonly<Record<string, Channel>>, order: readonly string[], active: string | null, seq: number | null,
 *   user: string, visible: boolean, dismissed: ReadonlySet<string>, connection: Connection}} State
 * @typedef {{name: string, seq: number, post: boolean}} Newest
 * @typedef {{type: 'channels', list: import('./timeline.js').ChannelInfo[], prefer?: string | null}
 *   | {type: 'start', newest: Newest[], read: Record<string, number>}
 *   | {type: 'frame', frame: Frame}
 *   | {type: 'loading', name: string} | {type: 'load-failed', name: string, epoch: number, problem: string}
 *   | {type: 'page', name: string, epoch: number, frames: Frame[], edge: 'newest'|'older'|'newer', upTo?: number}
 *   | {type: 'start-over', name: string} | {type: 'reset'}
 *   | {type: 'select', name: string} | {type: 'following', name: string, value: boolean}
 *   | {type: 'visible', value: boolean} | {type: 'user', name: string} | {type: 'dismiss', id: string}
 *   | {type: 'connection', connection: Connection}} Action
 */

/** @param {{user: string, dismissed?: Iterable<string>}} known @returns {State} */
export function initialState({ user, dismissed = [] }) {
  return {
    channels: {}, order: [], active: null, seq: null, user, visible: true, dismissed: new Set(dismissed),
    connection: { kind: 'connecting', reason: '', retryAt: 0 },
  };
}

/** @type {{[T in Action['type']]: (state: State, action: any) => State}} */
const reducers = {
  channels: (state, { list, prefer }) => takeChannels(state, list, prefer),
  start: (state, { newest, read }) => start(state, newest, read),
  frame: (state, { frame }) => takeFrame(state, frame),
  loading: (state, { name }) => inChannel(state, name, (channel) => ({ ...channel, status: 'loading', problem: '' })),
  'load-failed': (state, { name, epoch, problem }) => inWindow(state, name, epoch, (channel) => (
    { ...channel, status: channel.status === 'loading' ? 'new' : channel.status, problem })),
  page: (state, { name, epoch, frames, edge, upTo }) => markRead(inWindow(state, name, epoch, (channel) => (
    applyPage(channel, frames, { edge, upTo })))),
  'start-over': (state, { name }) => inChannel(state, name, startOver),
  reset: (state) => ({ ...state, seq: null, channels: mapValues(state.channels, ({ info, epoch }) => newChannel(info, epoch + 1)) }),
  select: (state, { name }) => select(state, name),
  following: (state, { name, value }) => markRead(inChannel(state, name, (channel) => ({ ...channel, following: value }))),
  visible: (state, { value }) => markRead({ ...state, visible: value }),
  user: (state, { name }) => ({ ...state, user: name }),
  dismiss: (state, { id }) => ({ ...state, dismissed: new Set(state.dismissed).add(id) }),
  connection: (state, { connection }) => ({ ...state, connection }),
};

/** @param {State} state @param {Action} action @returns {State} */
export function reduce(state, action) {
  return reducers[action.type](state, action);
}

/**
 * Whether a post is for this user: what is only visible to one user is not shown to another.
 * @param {State} state
 * @param {Frame} frame
 */
export function isVisible({ user, dismissed }, { type, to, id }) {
  const addressed = to !== undefined && to !== null && to !== '';
  return !dismissed.has(id) && (addressed ? to === user : type === 'message');
}

/**
 * @param {State} initial
 * @returns {{get: () => State, dispatch: (action: Action) => void, subscribe: (listener: () => void) => void}}
 */
export function createStore(initial) {
  let state = initial;
  /** @type {(() => void)[]} */
  const listeners = [];
  return {
    get: () => state,
    dispatch(action) {
      const before = state;
      state = reduce(state, action);
      if (state !== before) listeners.forEach((listener) => listener());
    },
    subscribe: (listener) => { listeners.push(listener); },
  };
}

/** @param {State} state @param {import('./timeline.js').ChannelInfo[]} infos @param {string|null} [prefer] @returns {State} */
function takeChannels(state, infos, prefer) {
  const order = infos.map(({ name }) => name);
  const channels = Object.fromEntries(infos.map((info) => [info.name, { ...(state.channels[info.name] ?? newChannel(info)), info }]));
  const wanted = [state.active, prefer].find((name) => name && order.includes(name));
  return { ...state, order, channels, active: wanted ?? order[0] ?? null };
}

/** @param {State} state @param {Newest[]} newest @param {Record<string, number>} read @returns {State} */
function start(state, newest, read) {
  /** @type {State} */
  const based = { ...state, seq: Math.max(0, ...newest.map(({ seq }) => seq)) };
  return newest.reduce((into, item) => takeNewest(into, item, read[item.name]), based);
}

/** @param {State} state @param {Newest} newest @param {number|undefined} read @returns {State} */
function takeNewest(state, { name, seq, post }, read) {
  const unseen = post && read !== undefined && seq > read;
  return inChannel(state, name, (channel) => ({ ...channel, unseen, lastSeq: Math.max(channel.lastSeq, seq) }));
}

/** @param {State} state @param {Frame} frame @returns {State} */
function takeFrame(state, frame) {
  const isTyping = frame.type === 'typing'; // repeats the newest seq and is not stored
  if (!isTyping && state.seq !== null && frame.seq <= state.seq) return state;
  const taken = isTyping ? state : { ...state, seq: frame.seq };
  const before = taken.channels[frame.channel];
  return inChannel(taken, frame.channel, (channel) => (
    countUnread(applyLive(channel, frame), frame, counts(taken, before, frame), frame.author === state.user)));
}

/** @param {Channel} channel @param {Frame} frame @param {boolean} isUnread @param {boolean} isOwn @returns {Channel} */
function countUnread(channel, { seq }, isUnread, isOwn) {
  if (isUnread) return { ...channel, unread: channel.unread + 1, firstUnread: channel.unread === 0 ? seq : channel.firstUnread };
  return isOwn && channel.unread === 0 ? { ...channel, firstUnread: 0 } : channel; // who answers has seen what was new
}

/** @param {State} state @param {string} name @returns {State} */
function select(state, name) {
  if (!(name in state.channels)) return state;
  const left = inChannel(state, state.active, (channel) => (channel.unread === 0 ? { ...channel, firstUnread: 0 } : channel));
  const entered = inChannel(left, name, (channel) => ({ ...channel, following: !channel.detached }));
  return markRead({ ...entered, active: name });
}

/** @param {State} state @param {Channel|undefined} channel @param {Frame} frame */
function counts(state, channel, frame) {
  if (channel === undefined || !isPost(frame) || frame.author === state.user || !isVisible(state, frame)) return false;
  return !isWatched(state, channel) && frame.seq > (channel.messages.at(-1)?.seq ?? 0);
}

/** @param {State} state @param {Channel} channel */
function isWatched({ visible, active }, channel) {
  return visible && active === channel.info.name && channel.status === 'loaded' && channel.following && !channel.detached;
}

/** @param {State} state @returns {State} */
function markRead(state) {
  return inChannel(state, state.active, (channel) => (
    isWatched(state, channel) && (channel.unread > 0 || channel.unseen) ? { ...channel, unread: 0, unseen: false } : channel));
}

/** @param {State} state @param {string|null} name @param {(channel: Channel) => Channel} change @returns {State} */
function inChannel(state, name, change) {
  const channel = name === null ? undefined : state.channels[name];
  if (channel === undefined || name === null) return state;
  const changed = change(channel);
  return changed === channel ? state : { ...state, channels: { ...state.channels, [name]: changed } };
}

/** @param {State} state @param {string} name @param {number} epoch @param {(channel: Channel) => Channel} change */
function inWindow(state, name, epoch, change) {
  return inChannel(state, name, (channel) => (channel.epoch === epoch ? change(channel) : channel));
}

/** @template A, B @param {Readonly<Record<string, A>>} record @param {(value: A) => B} change @returns {Record<string, B>} */
function mapValues(record, change) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
