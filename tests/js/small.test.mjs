import assert from 'node:assert/strict';
import { test } from 'node:test';

import { delay } from '../../botkube/web/static/backoff.js';
import { neighbour } from '../../botkube/web/static/channels.js';
import { describe } from '../../botkube/web/static/connection.js';
import { cleanName } from '../../botkube/web/static/profile.js';

test('waits double, stay under the cap, and jitter by a fifth', () => {
  assert.deepEqual([0, 1, 2].map((attempt) => delay(attempt)), [400, 800, 1600]);
  assert.equal(delay(1000), 15_000);
  assert.deepEqual([delay(0, 0), delay(0, 1)], [320, 480]);
});

test('the connection is described in words', () => {
  assert.equal(describe({ kind: 'connected', reason: '', retryAt: 0 }, 0).label, 'Connected');
  assert.deepEqual(describe({ kind: 'waiting', reason: 'full disk', retryAt: 2500 }, 0), { label: 'Reconnecting in 3 s', detail: 'full disk' });
  assert.equal(describe({ kind: 'waiting', reason: '', retryAt: 0 }, 10).label, 'Reconnecting…');
});

test('channels are walked around the ends', () => {
  const state = { order: ['a', 'b', 'c'], active: 'c' };
  assert.deepEqual([neighbour(state, 1), neighbour(state, -1), neighbour({ order: [], active: null }, 1)], ['a', 'b', null]);
});

test('a name is tidied, and never the bot\'s', () => {
  assert.equal(cleanName('  Ann \n Lee '), 'Ann Lee');
  assert.equal(cleanName('@ann'), 'ann');
  assert.equal(cleanName(' '), 'you');
  assert.equal(cleanName('BOTKUBE'), null);
});
