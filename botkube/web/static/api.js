/**
 * Owns the HTTP calls. Every call ends within a deadline and fails with an `ApiError` a person can read.
 * A post carries a `client_id`, so repeating one whose answer was lost never doubles it.
 */

/** @typedef {import('./timeline.js').Frame} Frame */

const ROOT = '/api/v1';
const DEADLINE_MS = 15_000;
/** Pauses before a post is tried again whose answer was lost on the way. */
const POST_PAUSES_MS = [250, 1000];

export const EXPIRED = 'This link has expired: open the URL printed by `botkube run`.';

export class ApiError extends Error {
  /** @param {number} status 0: no answer @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** @returns {Promise<import('./timeline.js').ChannelInfo[]>} */
export function listChannels() {
  return call('GET', '/channels');
}

/**
 * @param {string} channel
 * @param {{before?: number, limit: number}} page
 * @returns {Promise<Frame[]>} ascending
 */
export function history(channel, { before, limit }) {
  const query = new URLSearchParams({ limit: String(limit), ...(before !== undefined && { before: String(before) }) });
  return call('GET', `/channels/${encodeURIComponent(channel)}/history?${query}`);
}

/**
 * @param {string} channel
 * @param {{user: string, text: string, client_id: string}} message
 * @returns {Promise<{id: string, seq: number}>}
 */
export function postMessage(channel, message) {
  return post(`/channels/${encodeURIComponent(channel)}/messages`, message);
}

/**
 * @typedef {{user: string, message: string, element: string, kind: 'button'|'select'|'multiselect'|'input',
 *   value?: string, values?: string[], text?: string, state?: object, client_id: string}} Interaction
 * @param {Interaction} interaction
 * @returns {Promise<{id: string, seq: number}>}
 */
export function postInteraction(interaction) {
  return post('/interactions', interaction);
}

/** @returns {string} an id for one thing the user did */
export function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is missing on plain http
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} path @param {{client_id: string}} body */
async function post(path, body) {
  for (const pause of POST_PAUSES_MS) {
    try {
      return await call('POST', path, body);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 0) throw error;
    }
    await new Promise((resume) => { setTimeout(resume, pause); });
  }
  return call('POST', path, body);
}

/** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
async function call(method, path, body) {
  const response = await send(method, path, body);
  if (response.ok) return readBody(response);
  const answer = await readBody(response).catch(() => ({}));
  if (response.status === 401) throw new ApiError(401, EXPIRED);
  throw new ApiError(response.status, answer.error || `the server answered ${response.status}`);
}

/** @param {string} method @param {string} path @param {object} [body] */
async function send(method, path, body) {
  try {
    return await fetch(ROOT + path, {
      method,
      headers: body && { 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
      cache: 'no-store',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  } catch (error) {
    throw unreachable(error);
  }
}

/** @param {Response} response */
async function readBody(response) {
  try {
    return await response.json();
  } catch (error) {
    throw unreachable(error);
  }
}

/** @param {unknown} error */
function unreachable(error) {
  const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
  return new ApiError(0, timedOut ? 'the server did not answer in time' : 'the server cannot be reached');
}
