/**
 * Owns the WebSocket: open → connected → lost → wait → open …, without end, until the server says the link has expired.
 * `prepare` runs before each connection over plain HTTP, as a refused WebSocket does not say why.
 */

import { ApiError, EXPIRED } from './api.js';
import { delay } from './backoff.js';

/**
 * @typedef {import('./store.js').Connection} Connection
 * @typedef {{prepare: () => Promise<number>, onFrame: (frame: any) => void, onConnection: (connection: Connection) => void}} Ports
 *   prepare gives the seq to go on from
 */

/** A socket that neither opens nor fails within this time is given up. */
const OPEN_DEADLINE_MS = 10_000;

/** @param {Ports} ports @returns {{start: () => void, retryNow: () => void, restart: () => void}} */
export function createStream({ prepare, onFrame, onConnection }) {
  /** @type {WebSocket | null} */
  let socket = null;
  let attempt = 0;
  let round = 0; // whatever belongs to an earlier round is ignored
  let timer = 0;
  let waiting = false;
  let why = ''; // stays in sight while trying again

  async function start() {
    const mine = ++round;
    waiting = false;
    clearTimeout(timer);
    onConnection({ kind: 'connecting', reason: why, retryAt: 0 });
    try {
      const after = await prepare();
      if (mine === round) open(after, mine);
    } catch (error) {
      if (mine === round) failed(error);
    }
  }

  /** @param {number} after @param {number} mine */
  function open(after, mine) {
    const opened = new WebSocket(streamUrl(after));
    socket = opened;
    timer = setTimeout(() => opened.close(), OPEN_DEADLINE_MS);
    opened.onopen = () => {
      clearTimeout(timer);
      if (mine !== round) return;
      why = '';
      onConnection({ kind: 'connected', reason: why, retryAt: 0 });
    };
    opened.onmessage = ({ data }) => {
      attempt = 0; // only a server that talks has earned a quick retry
      if (mine === round) onFrame(JSON.parse(data));
    };
    opened.onclose = ({ reason }) => {
      clearTimeout(timer);
      if (mine === round) wait(reason);
    };
  }

  /** @param {unknown} error */
  function failed(error) {
    if (error instanceof ApiError && error.status === 401) {
      onConnection({ kind: 'expired', reason: EXPIRED, retryAt: 0 });
      return;
    }
    if (!(error instanceof ApiError)) console.error(error);
    wait(error instanceof ApiError ? error.message : 'this page failed, see its console');
  }

  /** @param {string} reason */
  function wait(reason) {
    const pause = delay(attempt, Math.random());
    attempt += 1;
    waiting = true;
    why = reason;
    onConnection({ kind: 'waiting', reason, retryAt: Date.now() + pause });
    timer = setTimeout(start, pause);
  }

  function restart() {
    round += 1;
    socket?.close();
    start();
  }

  return { start, retryNow: () => { if (waiting) start(); }, restart };
}

/** @param {number} after */
function streamUrl(after) {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${scheme}//${location.host}/api/v1/stream?after=${after}`;
}
