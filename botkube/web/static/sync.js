/**
 * Owns the way from the server's history into the store without a gap and without repeats.
 *
 * First the newest seq of every channel is asked for, then pages are loaded, then the stream goes on after the highest
 * of those: what was stored in between is in a page, in the stream, or in both, and the store takes it once.
 */

import { ApiError } from './api.js';
import { isPost } from './timeline.js';

/**
 * @typedef {ReturnType<typeof import('./store.js').createStore>} Store
 * @typedef {Pick<typeof import('./api.js'), 'listChannels' | 'history'>} Api
 */

const PAGE = 100;
/** Steps forward through history before giving up and starting over at the newest page. */
const MAX_STEPS = 20;

/** @param {{api: Api, store: Store, recallRead: () => Record<string, number>, prefer: string | null}} parts */
export function createSync({ api, store, recallRead, prefer }) {
  /** Channels with a page on its way: one at a time each. @type {Map<string, Promise<void>>} */
  const busy = new Map();

  /** @param {string} name */
  const channel = (name) => store.get().channels[name];

  /** Brings the store up to the server and says where the stream goes on. @returns {Promise<number>} */
  async function prepare() {
    const infos = await api.listChannels();
    store.dispatch({ type: 'channels', list: infos, prefer });
    const newest = await Promise.all(infos.map(({ name }) => probe(name)));
    if (newest.some(isBehind)) store.dispatch({ type: 'reset' });
    if (store.get().seq === null) store.dispatch({ type: 'start', newest, read: recallRead() });
    return /** @type {number} */ (store.get().seq);
  }

  /** @param {string} name @returns {Promise<import('./store.js').Newest>} */
  async function probe(name) {
    const frame = (await api.history(name, { limit: 1 })).at(-1);
    return { name, seq: frame?.seq ?? 0, post: frame !== undefined && isPost(frame) };
  }

  /** A server whose newest frame is older than one we hold has lost its store: our seqs mean nothing to it.
   * @param {import('./store.js').Newest} newest */
  function isBehind({ name, seq }) {
    return seq < (channel(name).messages.findLast(({ type }) => type === 'message')?.seq ?? 0);
  }

  /** Loads the newest page of a channel that has none yet. @param {string} name */
  async function open(name) {
    await busy.get(name);
    if (store.get().seq === null || channel(name)?.status !== 'new') return;
    store.dispatch({ type: 'loading', name });
    await load(name, async (epoch) => {
      const frames = await api.history(name, { limit: PAGE });
      store.dispatch({ type: 'page', name, epoch, frames, edge: 'newest' });
    });
  }

  /** Loads what comes before the window. @param {string} name */
  async function older(name) {
    const { status, atStart, oldestSeq } = channel(name);
    if (status !== 'loaded' || atStart || busy.has(name)) return;
    await load(name, async (epoch) => {
      const frames = Number.isFinite(oldestSeq) ? await api.history(name, { before: oldestSeq, limit: PAGE }) : [];
      store.dispatch({ type: 'page', name, epoch, frames, edge: 'older' });
    });
  }

  /** Loads what comes after a window that was cut at its new end. @param {string} name */
  async function newer(name) {
    if (!channel(name).detached || busy.has(name)) return;
    await load(name, async (epoch) => {
      if (!(await stepForward(name, epoch))) store.dispatch({ type: 'start-over', name });
    });
  }

  /** @param {string} name @param {number} epoch @returns {Promise<boolean>} whether something newer was found */
  async function stepForward(name, epoch) {
    let from = channel(name).messages.at(-1)?.seq ?? 0;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const upTo = from + PAGE; // seqs are whole numbers, so a page of this size holds every frame up to there
      const frames = (await api.history(name, { before: upTo + 1, limit: PAGE })).filter(({ seq }) => seq > from);
      store.dispatch({ type: 'page', name, epoch, frames, edge: 'newer', upTo });
      if (frames.length > 0 || !channel(name).detached) return true;
      from = upTo;
    }
    return false;
  }

  /** Leaves a window in the past for the newest page. @param {string} name */
  function jump(name) {
    store.dispatch({ type: 'start-over', name });
    return open(name);
  }

  /** @param {string} name @param {(epoch: number) => Promise<void>} work */
  async function load(name, work) {
    const { epoch } = channel(name);
    const done = work(epoch).catch((error) => {
      if (!(error instanceof ApiError)) throw error;
      store.dispatch({ type: 'load-failed', name, epoch, problem: error.message });
    }).finally(() => busy.delete(name));
    busy.set(name, done);
    await done;
  }

  return { prepare, open, older, newer, jump };
}
