/** Frames as the server sends them, for tests. */

/** @param {number} seq @param {object} [over] */
export function post(seq, over = {}) {
  return frame({ seq, id: `m${seq}`, body: { baseBody: { plaintext: `text ${seq}` } }, ...over });
}

/** @param {number} seq @param {string} id @param {object} [body] */
export function update(seq, id, body = { baseBody: { plaintext: `edited by ${seq}` } }) {
  return frame({ seq, id, type: 'update', author: 'Botkube', body });
}

/** @param {number} seq @param {string} id */
export function removal(seq, id) {
  return frame({ seq, id, type: 'delete', body: {} });
}

/** @param {number} seq @param {string} command the id of the command that runs */
export function typing(seq, command) {
  return frame({ seq, id: '', type: 'typing', author: 'Botkube', body: { reply_to: command } });
}

/** @param {object} over */
export function frame(over) {
  return {
    seq: 1, type: 'message', channel: 'general', thread: '', id: 'm1', author: 'ann', at: '2026-01-05T03:00:00.000Z', body: {}, ...over,
  };
}

/** @param {number} from @param {number} to inclusive */
export function posts(from, to) {
  return Array.from({ length: to - from + 1 }, (_, i) => post(from + i));
}
